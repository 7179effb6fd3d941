//! Each verb once, as a client uses it.

use super::stage::{Stage, code, named, read_all, sh, wait_for};
use handfast_daemon::connect::Client;
use handfast_daemon::wire::*;

fn id(name: &str) -> String {
    name.to_owned()
}

#[tokio::test]
async fn a_stop_gives_a_receipt_and_the_tombstone_answers() {
    let stage = Stage::new();
    let client = stage.client().await;
    client
        .call(&named("p", sh("sleep 1000 & echo up; exec sleep 1000")))
        .await
        .unwrap();
    wait_for(&client, "p", "up").await;
    let none = client
        .call(&ReceiptOf {
            process_id: id("p"),
        })
        .await
        .unwrap();
    assert_eq!(none.receipt, None);
    let stop = Stop {
        process_id: id("p"),
        grace_ms: Some(60_000),
    };
    let receipt = client.call(&stop).await.unwrap();
    assert_eq!(
        (
            receipt.members_before,
            receipt.killed,
            receipt.survivors.len()
        ),
        (2, 0, 0)
    );
    assert_eq!(receipt.status.cause.as_deref(), Some("stop"));
    let again = client.call(&stop).await.unwrap();
    assert_eq!(
        (again.members_before, again.status.state.as_str()),
        (0, "terminated")
    );
    let last = client
        .call(&ReceiptOf {
            process_id: id("p"),
        })
        .await
        .unwrap();
    assert_eq!(last.receipt.unwrap().members_before, 2);
    let info = client
        .call(&InfoOf {
            process_id: id("p"),
            members: true,
        })
        .await
        .unwrap();
    assert_eq!((info.status.signal, info.members), (Some(15), Some(vec![])));
    stage.end().await;
}

#[tokio::test]
async fn a_list_needs_no_id_and_comes_in_pages_the_newest_first() {
    let stage = Stage::new();
    let client = stage.client().await;
    for name in ["a", "b", "c"] {
        client.call(&named(name, sh("sleep 1000"))).await.unwrap();
    }
    client.call(&named("over", sh("exit 0"))).await.unwrap();
    read_all(&client, "over").await;
    let wait = Wait {
        process_id: id("over"),
        conditions: vec![Condition::TreeEmpty {}],
        wait_ms: None,
    };
    client.call(&wait).await.unwrap();
    let names = |listed: &Listed| -> Vec<String> {
        listed
            .processes
            .iter()
            .map(|info| info.process_id.clone())
            .collect()
    };
    let listed = client.call(&List::default()).await.unwrap();
    assert_eq!(
        (names(&listed), listed.next_cursor.is_none()),
        (vec![id("c"), id("b"), id("a")], true)
    );
    let info = &listed.processes[0];
    assert_eq!(
        (info.env_keys.len(), info.bound, info.tty),
        (1, true, false)
    );
    let page = |cursor| List {
        all: true,
        limit: Some(3),
        cursor,
        owner: None,
    };
    let first = client.call(&page(None)).await.unwrap();
    assert_eq!(names(&first), ["over", "c", "b"]);
    let second = client.call(&page(first.next_cursor)).await.unwrap();
    assert_eq!((names(&second), second.next_cursor), (vec![id("a")], None));
    assert_eq!(
        code(client.call(&page(Some(id("?")))).await),
        "list.bad-cursor"
    );
    stage.end().await;
}

#[tokio::test]
async fn a_terminal_shows_takes_keys_and_another_size() {
    let stage = Stage::new();
    let client = stage.client().await;
    // It is a program that says when it can be interrupted: a shell that is about to start something may
    // keep an interrupt to itself.
    let script = format!(
        "echo ready; read line; stty size; echo \"<$line>\"; exec {} say parked park",
        testkit::puppet().display()
    );
    let mut start = named("t", sh(&script));
    start.tty = true;
    start.size = Some(Size {
        rows: 10,
        columns: 40,
    });
    client.call(&start).await.unwrap();
    wait_for(&client, "t", "ready").await;
    let size = Size {
        rows: 20,
        columns: 50,
    };
    client
        .call(&Resize {
            process_id: id("t"),
            size,
        })
        .await
        .unwrap();
    let press = Press {
        process_id: id("t"),
        keys: "'hello' enter".into(),
        write_id: None,
        wait_ms: None,
    };
    assert_eq!(
        client.call(&press).await.unwrap().status,
        WriteStatus::Accepted
    );
    wait_for(&client, "t", "<hello>").await;
    let screen = Screen {
        process_id: id("t"),
        redraw: true,
    };
    let screen = client.call(&screen).await.unwrap();
    assert!(
        screen.text.contains("20 50") && screen.text.contains("<hello>"),
        "{}",
        screen.text
    );
    assert_eq!((screen.size, screen.redraw.is_some()), (size, true));
    wait_for(&client, "t", "parked").await;
    interrupted(&client).await;
    stage.end().await;
}

/// Interrupts what runs on the terminal.
async fn interrupted(client: &Client) {
    let state = client
        .call(&InputStateOf {
            process_id: id("t"),
        })
        .await
        .unwrap();
    assert!(
        ["busy", "hidden"].contains(&state.state.as_str()),
        "{state:?}"
    );
    let interrupt = Signal {
        process_id: id("t"),
        signal: SignalName::Named(Interrupt::Interrupt),
        scope: None,
    };
    assert_eq!(client.call(&interrupt).await.unwrap().reached, 1);
    let (_, _, last) = read_all(client, "t").await;
    assert_eq!((last.exit_code, last.signal), (Some(130), Some(2)));
    // Of one that is over there is nothing to interrupt.
    assert_eq!(client.call(&interrupt).await.unwrap().reached, 0);
}

#[tokio::test]
async fn signals_and_kills_reach_what_they_are_for() {
    let stage = Stage::new();
    let client = stage.client().await;
    let trap = "trap 'echo got; exit 4' USR1; echo up; while :; do sleep 0.05; done";
    client.call(&named("p", sh(trap))).await.unwrap();
    wait_for(&client, "p", "up").await;
    let signal = Signal {
        process_id: id("p"),
        signal: SignalName::Number(10),
        scope: Some(ScopeOf::Leader),
    };
    assert_eq!(client.call(&signal).await.unwrap().reached, 1);
    let (said, _, last) = read_all(&client, "p").await;
    assert_eq!((said.as_str(), last.exit_code), ("up\ngot\n", Some(4)));
    client.call(&named("q", sh("sleep 1000"))).await.unwrap();
    let kill = |name| Terminate {
        process_id: id(name),
    };
    let killed = client.call(&kill("q")).await.unwrap();
    assert!(killed.running && killed.receipt.unwrap().killed >= 1);
    assert!(!client.call(&kill("q")).await.unwrap().running);
    assert!(!client.call(&kill("never")).await.unwrap().running);
    stage.end().await;
}

#[tokio::test]
async fn a_turn_ends_what_was_started_for_it() {
    let stage = Stage::new();
    let client = stage.client().await;
    let mut turn = named("turn", sh("sleep 1000"));
    turn.lifetime = Some(LifetimeName::Turn);
    client.call(&turn).await.unwrap();
    client
        .call(&named("session", sh("sleep 1000")))
        .await
        .unwrap();
    let ended = client.call(&EndTurn {}).await.unwrap();
    let receipts: Vec<&str> = ended
        .receipts
        .iter()
        .map(|one| one.process_id.as_str())
        .collect();
    assert_eq!(receipts, ["turn"]);
    assert_eq!(ended.receipts[0].status.cause.as_deref(), Some("turn-over"));
    let listed = client.call(&List::default()).await.unwrap();
    assert_eq!(listed.processes.len(), 1);
    stage.end().await;
}

#[tokio::test]
async fn a_start_that_cannot_be_is_refused_by_name_and_its_id_is_free_again() {
    let stage = Stage::new();
    let client = stage.client().await;
    let mut missing = named("p", sh(""));
    missing.argv[0] = Word::from("/nonexistent/program");
    assert_eq!(code(client.call(&missing).await), "config.program-missing");
    let empty = named("p", Start::default());
    assert_eq!(code(client.call(&empty).await), "start.empty-argv");
    let mut odd = named("p", sh(""));
    odd.least_grade = Some("absolute".into());
    assert_eq!(code(client.call(&odd).await), "start.bad-params");
    let mut sandboxed = named("p", sh(""));
    sandboxed.sandbox = Some(serde_json::json!({"mode": "strict"}));
    assert_eq!(code(client.call(&sandboxed).await), "start.not-served");
    assert_eq!(
        code(client.call(&named("", sh(""))).await),
        "start.bad-name"
    );
    client.call(&named("p", sh("sleep 1000"))).await.unwrap();
    let exists = client.call(&named("p", sh("sleep 1000"))).await;
    assert_eq!(code(exists), "process.exists");
    stage.end().await;
}

#[tokio::test]
async fn a_wait_says_what_was_granted() {
    let mut settings = handfast_daemon::serve::Settings::default();
    settings.wait = std::time::Duration::from_millis(20);
    let stage = Stage::with(settings);
    let client = stage.client().await;
    client.call(&named("p", sh("sleep 1000"))).await.unwrap();
    let wait = |conditions| Wait {
        process_id: id("p"),
        conditions,
        wait_ms: Some(9000),
    };
    let waited = client.call(&wait(vec![])).await.unwrap();
    assert_eq!(
        (waited.outcome.as_str(), waited.capped),
        ("timed-out", true)
    );
    assert_eq!(
        (waited.wait_requested_ms, waited.wait_applied_ms),
        (Some(9000), 20)
    );
    let pattern = Condition::Match {
        pattern: "(".into(),
        from: 0,
    };
    assert_eq!(
        code(client.call(&wait(vec![pattern])).await),
        "wait.bad-pattern"
    );
    let many = vec![Condition::Exit {}; 17];
    assert_eq!(
        code(client.call(&wait(many)).await),
        "wait.too-many-conditions"
    );
    let status = client.call(&DaemonStatus {}).await.unwrap();
    assert_eq!(
        (status.pid, status.processes, status.connections),
        (std::process::id(), 1, 1)
    );
    stage.end().await;
}

#[tokio::test]
async fn whoever_listens_is_told_of_every_change() {
    let stage = Stage::new();
    let (client, mut notes) = stage.greet(stage.hello()).await.unwrap();
    client.call(&Subscribe::default()).await.unwrap();
    let other = stage.client().await;
    other.call(&named("theirs", sh("exit 0"))).await.unwrap();
    client.call(&named("mine", sh("exit 2"))).await.unwrap();
    loop {
        let note: ChangedNote = notes.next().await.unwrap().read().unwrap();
        // Of others nothing is told.
        assert_eq!(note.process_id, "mine");
        if note.word == "exited" {
            assert_eq!(note.status.exit_code, Some(2));
            break;
        }
    }
    client.call(&Unsubscribe::default()).await.unwrap();
    stage.end().await;
}

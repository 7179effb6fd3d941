//! The verbs, as a client uses them over the pipe.

use crate::stage::{Stage, Witness, said, start, user};
use handfast_daemon::connect::Client;
use handfast_daemon::wire::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_process_is_started_written_to_read_listed_and_stopped_with_a_receipt() {
    let stage = Stage::new();
    let client = stage.user().await;
    let witness = Witness::new();
    let port = witness.port();
    let script = format!("spawn [ hold {port} park ] hold {port} say up echo");
    let mut echo = start("echo", &script);
    echo.pipe_stdin = true;
    client.call(&echo).await.unwrap();
    said(&client, "echo", "@up").await;
    let members = tokio::task::spawn_blocking(move || witness.held::<2>());
    let members = members.await.unwrap();

    let write = Write {
        process_id: "echo".into(),
        chunk: Bytes::from(&b"hi\n"[..]),
        write_id: None,
        wait_ms: Some(60_000),
    };
    client.call(&write).await.unwrap();
    said(&client, "echo", "@<hi>").await;
    let read = Read {
        process_id: "echo".into(),
        after_seq: 0,
        max_bytes: None,
        wait_ms: 60_000,
    };
    let read = client.call(&read).await.unwrap();
    let text: Vec<u8> = read
        .chunks
        .into_iter()
        .flat_map(|one| one.chunk.0)
        .collect();
    let text = String::from_utf8_lossy(&text);
    assert!(text.contains("@<hi>"), "{text:?}");

    let listed = client.call(&List::default()).await.unwrap();
    let names: Vec<_> = listed.processes.iter().map(|it| &it.process_id).collect();
    assert_eq!(names, ["echo"]);
    two_use_something(&client).await;

    let stop = Stop {
        process_id: "echo".into(),
        grace_ms: None,
    };
    let receipt = client.call(&stop).await.unwrap();
    assert_eq!((receipt.members_before, receipt.survivors.len()), (2, 0));
    assert_eq!(receipt.grade, "kernel");
    for member in members {
        tokio::task::spawn_blocking(|| member.ended())
            .await
            .unwrap();
    }
    stage.end().await;
}

/// The tree of the echo is told of with both its members.
async fn two_use_something(client: &Client) {
    let usage = UsageOf {
        process_id: Some("echo".into()),
        members: true,
        ports: true,
    };
    let usage = client.call(&usage).await.unwrap();
    let tree = &usage.trees[0];
    assert_eq!(tree.member_count, 2, "{tree:?}");
    assert!(tree.resident_bytes > 100 * 1024, "{tree:?}");
    let own = std::env::current_exe().unwrap();
    let name = own.file_name().unwrap().to_str().unwrap();
    for member in tree.members.as_ref().unwrap() {
        assert!(member.command.ends_with(name), "{member:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_client_sees_what_happens() {
    let stage = Stage::new();
    let client = stage.user().await;
    let (other, mut notes) = user(&stage.place).await;
    other.call(&EventsSubscribe::default()).await.unwrap();
    client.call(&start("short", "exit 7")).await.unwrap();
    let mut words = Vec::new();
    while words.last().is_none_or(|word| word != "exited") {
        let told = notes.next().await.unwrap();
        let event = told.read::<EventNote>().unwrap();
        assert_eq!(event.process_id, "short");
        words.push(event.word);
    }
    assert_eq!(words[0], "running", "{words:?}");
    let info = InfoOf {
        process_id: "short".into(),
        members: false,
    };
    let info = other.call(&info).await.unwrap();
    assert_eq!(info.status.exit_code, Some(7));
    stage.end().await;
}

/// Not even the end of its own client ends it, but a stop does.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_declared_to_survive_is_stopped_like_any_other() {
    let stage = Stage::new();
    let client = stage.user().await;
    let mut survivor = start("survivor", "say up park");
    survivor.lifetime = Some(LifetimeName::User);
    client.call(&survivor).await.unwrap();
    drop(client);
    let next = stage.user().await;
    said(&next, "survivor", "@up").await;
    let stop = Stop {
        process_id: "survivor".into(),
        grace_ms: Some(0),
    };
    let receipt = next.call(&stop).await.unwrap();
    assert_eq!((receipt.members_before, receipt.survivors.len()), (1, 0));
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_windows_has_not_is_refused_by_name() {
    let stage = Stage::new();
    let client = stage.user().await;
    // Its console would end with the daemon.
    let mut survivor = start("survivor", "park");
    survivor.lifetime = Some(LifetimeName::User);
    survivor.tty = true;
    let refused = client.call(&survivor).await.unwrap_err();
    assert_eq!(refused.code(), "start.system");
    let upgrade = DaemonUpgrade { program: None };
    let refused = client.call(&upgrade).await.unwrap_err();
    assert_eq!(refused.code(), "daemon.upgrade-refused");
    assert!(refused.to_string().contains("Windows"), "{refused}");
    stage.end().await;
}

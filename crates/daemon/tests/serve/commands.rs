//! Commands of agents: sessions of the wire's session, held by its connection like all it starts.

use super::stage::{Fifo, Stage, code};
use handfast_daemon::connect::Client;
use handfast_daemon::wire::*;
use std::future::poll_fn;
use std::task::Poll;

const LONG_MS: u64 = 30_000;

fn profile() -> ExecProfile {
    ExecProfile {
        cwd: Some(Word::from("/")),
        env: Some(Variables(
            [
                ("PATH".to_owned(), Word::from("/usr/bin:/bin")),
                ("MARK".to_owned(), Word::from("of this session")),
            ]
            .into(),
        )),
        login: Some(false),
        ..ExecProfile::default()
    }
}

fn command(cmd: &str) -> ExecCommand {
    ExecCommand {
        cmd: cmd.to_owned(),
        yield_time_ms: Some(LONG_MS),
        ..ExecCommand::default()
    }
}

async fn agent(stage: &Stage) -> Client {
    let client = stage.client().await;
    client.call(&profile()).await.unwrap();
    client
}

/// Starts a command that says `ready` and goes on.
async fn ready(client: &Client, cmd: &str) -> ExecAnswer {
    let mut command = command(cmd);
    command.until = Some("ready".to_owned());
    command.stdin_open = true;
    let answer = client.call(&command).await.unwrap();
    assert!(answer.matched, "{}", answer.text);
    answer
}

fn holding(fifo: &Fifo) -> String {
    format!(
        "exec 9<>{}; (trap '' TERM; while :; do sleep 1000; done) & echo ready; wait",
        fifo.path().display()
    )
}

#[tokio::test]
async fn a_command_is_answered_with_its_text_and_its_facts() {
    let stage = Stage::new();
    let client = agent(&stage).await;
    let answer = client.call(&command("echo $MARK; pwd; exit 3")).await;
    let answer = answer.unwrap();
    assert_eq!(answer.output, "of this session\n/\n");
    assert_eq!((answer.exit_code, answer.session_id), (Some(3), None));
    assert_eq!(answer.ended.unwrap().cause, "itself");
    assert_eq!(answer.leader, "exited");
    let mut lines = answer.text.lines();
    let named = format!("Chunk ID: {}", answer.chunk_id);
    assert_eq!(lines.next(), Some(named.as_str()));
    assert!(lines.next().unwrap().starts_with("Wall time: "));
    assert_eq!(lines.next(), Some("Process exited with code 3"));
    stage.end().await;
}

#[tokio::test]
async fn a_session_is_written_to_listed_and_stopped_and_is_a_process_like_any_other() {
    let stage = Stage::new();
    let client = agent(&stage).await;
    let cat = ready(&client, "echo ready; cat").await;
    let (number, process) = (cat.session_id.unwrap(), cat.process_id.unwrap());
    let listed = client.call(&ExecList {}).await.unwrap().sessions;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].session_id, number);
    assert_eq!(listed[0].process_id.as_ref(), Some(&process));
    let write = ExecWrite {
        session_id: number,
        chars: "hello\n".into(),
        yield_time_ms: Some(LONG_MS),
        until: Some("hello".into()),
        ..ExecWrite::default()
    };
    assert_eq!(client.call(&write).await.unwrap().output, "hello\n");
    // The same process by the methods of processes.
    let (said, seqs) = said(&client, &process).await;
    assert_eq!(said, "ready\nhello\n");
    assert_eq!(seqs[0], 1);
    let all = client.call(&List::default()).await.unwrap().processes;
    assert_eq!(all.len(), 1);
    assert!(all[0].bound);
    let stop = ExecStop { session_id: number };
    let stopped = client.call(&stop).await.unwrap();
    assert!(stopped.was_running);
    assert!(stopped.receipt.unwrap().survivors.is_empty());
    assert!(client.call(&ExecList {}).await.unwrap().sessions.is_empty());
    stage.end().await;
}

async fn said(client: &Client, process: &str) -> (String, Vec<u64>) {
    let read = Read {
        process_id: process.to_owned(),
        after_seq: 0,
        max_bytes: None,
        wait_ms: LONG_MS,
    };
    let answer = client.call(&read).await.unwrap();
    let bytes = answer.chunks.iter().flat_map(|chunk| chunk.chunk.0.clone());
    let said = String::from_utf8(bytes.collect()).unwrap();
    (said, answer.chunks.iter().map(|chunk| chunk.seq).collect())
}

#[tokio::test]
async fn a_number_means_nothing_to_another_session() {
    let stage = Stage::new();
    let (one, other) = (agent(&stage).await, agent(&stage).await);
    let cat = ready(&one, "echo ready; cat").await;
    let (number, process) = (cat.session_id.unwrap(), cat.process_id.unwrap());
    let poll = ExecWrite {
        session_id: number,
        ..ExecWrite::default()
    };
    assert_eq!(code(other.call(&poll).await), "exec.unknown-process-id");
    let stop = ExecStop { session_id: number };
    assert_eq!(code(other.call(&stop).await), "exec.unknown-process-id");
    let info = InfoOf {
        process_id: process.clone(),
        members: false,
    };
    assert_eq!(code(other.call(&info).await), "process.unknown");
    assert!(
        other
            .call(&List::default())
            .await
            .unwrap()
            .processes
            .is_empty()
    );
    // The control: it is there, for who has it.
    assert_eq!(one.call(&info).await.unwrap().process_id, process);
    stage.end().await;
}

#[tokio::test]
async fn what_was_not_declared_to_survive_ends_with_its_connection() {
    let stage = Stage::new();
    let client = agent(&stage).await;
    let (dies, lives, let_go) = (
        stage.fifo("dies"),
        stage.fifo("lives"),
        stage.fifo("let-go"),
    );
    let mortal = ready(&client, &holding(&dies)).await;
    let mut lasting = command(&holding(&lives));
    lasting.until = Some("ready".into());
    lasting.lifetime = Some(LifetimeName::User);
    let lasting = client.call(&lasting).await.unwrap();
    let detached = ready(&client, &holding(&let_go)).await.process_id.unwrap();
    let detach = Detach {
        process_id: Some(detached.clone()),
    };
    client.call(&detach).await.unwrap();
    let (dies, lives, let_go) = (dies.held().await, lives.held().await, let_go.held().await);
    drop(client);
    // All of its tree, the member that is deaf to requests too.
    dies.ended().await;
    let user = stage.user().await;
    let gone = Wait {
        process_id: mortal.process_id.unwrap(),
        conditions: vec![Condition::TreeEmpty {}],
        wait_ms: None,
    };
    let waited = user.call(&gone).await.unwrap();
    assert_eq!(waited.status.cause.as_deref(), Some("owner-gone"));
    // The control: what was declared to survive does, and the user finds it.
    assert!(lives.is_held() && let_go.is_held());
    for process_id in [lasting.process_id.unwrap(), detached] {
        let stop = Stop {
            process_id,
            grace_ms: Some(0),
        };
        user.call(&stop).await.unwrap();
    }
    lives.ended().await;
    let_go.ended().await;
    stage.end().await;
}

#[tokio::test]
async fn a_wait_that_is_given_up_ends_at_once_and_loses_nothing() {
    let stage = Stage::new();
    let client = agent(&stage).await;
    let fifo = stage.fifo("go");
    let script = format!(
        "echo ready; read x <{0}; echo after; cat",
        fifo.path().display()
    );
    let number = ready(&client, &script).await.session_id.unwrap();
    let poll = ExecWrite {
        session_id: number,
        yield_time_ms: Some(300_000),
        until: Some("after".into()),
        ..ExecWrite::default()
    };
    let mut wait = Box::pin(client.call(&poll));
    for _ in 0..3 {
        let begun = poll_fn(|context| Poll::Ready(wait.as_mut().poll(context).is_pending()));
        assert!(begun.await);
        tokio::task::yield_now().await;
    }
    drop(wait);
    // What is asked later is begun later: it is given up by then, and had nothing to answer before.
    client.call(&ExecList {}).await.unwrap();
    // The next call would have to wait for its turn behind the first one; and has all that came.
    let path = fifo.path().to_owned();
    let write = tokio::task::spawn_blocking(move || std::fs::write(path, "\n"));
    write.await.unwrap().unwrap();
    let answer = client.call(&poll).await.unwrap();
    assert_eq!(answer.output, "after\n");
    assert!(answer.matched);
    let listed = client.call(&ExecList {}).await.unwrap().sessions;
    assert_eq!(listed.len(), 1);
    stage.end().await;
}

#[tokio::test]
async fn a_command_goes_to_another_owner_with_its_number() {
    let stage = Stage::new();
    let user = stage.user().await;
    user.call(&profile()).await.unwrap();
    let child = agent(&stage).await;
    let cat = ready(&child, "echo ready; cat").await;
    let transfer = Transfer {
        process_id: cat.process_id.clone().unwrap(),
        to: "user".into(),
    };
    let handed = child.call(&transfer).await.unwrap();
    assert_eq!(handed.session_id, cat.session_id);
    let write = ExecWrite {
        session_id: cat.session_id.unwrap(),
        chars: "hello\n".into(),
        yield_time_ms: Some(LONG_MS),
        until: Some("hello".into()),
        ..ExecWrite::default()
    };
    assert_eq!(code(child.call(&write).await), "exec.unknown-process-id");
    // It does not end with the session that it has left.
    drop(child);
    loop {
        let status = user.call(&DaemonStatus {}).await.unwrap();
        if status.sessions == 1 {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(user.call(&write).await.unwrap().output, "hello\n");
    stage.end().await;
}

#[tokio::test]
async fn wrong_arguments_are_refused_by_name_and_leave_nothing() {
    let stage = Stage::new();
    let client = agent(&stage).await;
    let mut escalated = command("true");
    escalated.sandbox_permissions = Some("require_escalated".into());
    assert_eq!(code(client.call(&escalated).await), "exec.escalation");
    let empty = command(" ");
    assert_eq!(code(client.call(&empty).await), "exec.missing-command-line");
    let mut pattern = command("true");
    pattern.until = Some("(".into());
    assert_eq!(code(client.call(&pattern).await), "wait.bad-pattern");
    assert_eq!(code(client.call(&profile()).await), "exec.profile-set");
    assert!(
        client
            .call(&List::default())
            .await
            .unwrap()
            .processes
            .is_empty()
    );
    stage.end().await;
}

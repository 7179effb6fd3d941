//! One process at a time: what is asked of the next daemon is answered as the last one would have.

use super::stage::{Stage, info, read, said, sh, wait_for, write};
use handfast_daemon::wire::*;

#[tokio::test]
async fn a_survivor_goes_on_under_its_name_and_its_numbers() {
    let mut stage = Stage::new();
    let client = stage.user().await;
    let mut start = sh(
        "one",
        LifetimeName::User,
        "while read l; do echo got:$l; done; exit 5",
    );
    start.request_key = Some("key".into());
    let started = client.call(&start).await.unwrap();
    write(&client, "one", "a\n").await;
    wait_for(&client, "one", said("got:a")).await;
    let before = loop {
        let answer = read(&client, "one", 0).await;
        if !answer.chunks.is_empty() {
            break answer;
        }
    };
    stage.kill();
    stage.begin();
    let client = stage.user().await;
    let after = read(&client, "one", 0).await;
    assert_eq!(after.chunks, before.chunks);
    assert_eq!(after.next_seq, before.next_seq);
    let again = info(&client, "one").await;
    assert_eq!(
        (again.handle, again.status.state.as_str()),
        (started.handle.clone(), "running")
    );
    // The key still stands for the same process.
    let repeated = client.call(&start).await.unwrap();
    assert_eq!((repeated.repeated, repeated.handle), (true, started.handle));
    write(&client, "one", "b\n").await;
    wait_for(&client, "one", said("got:b")).await;
    let close = CloseStdin {
        process_id: "one".into(),
    };
    client.call(&close).await.unwrap();
    wait_for(&client, "one", Condition::Exit {}).await;
    let more = loop {
        let answer = read(&client, "one", before.next_seq - 1).await;
        if answer.closed {
            break answer;
        }
    };
    let seqs: Vec<u64> = more.chunks.iter().map(|chunk| chunk.seq).collect();
    assert_eq!(seqs.first(), Some(&before.next_seq), "numbers go on");
    assert_eq!((more.exit_code, more.omitted_bytes), (Some(5), 0));
    // It answers so from here on, whoever is killed.
    stage.kill();
    stage.begin();
    let client = stage.user().await;
    let last = read(&client, "one", before.next_seq - 1).await;
    assert_eq!((last.chunks, last.next_seq), (more.chunks, more.next_seq));
    assert_eq!((last.exit_code, last.closed), (Some(5), true));
    stage.end().await;
}

#[tokio::test]
async fn what_had_not_been_declared_to_survive_says_that_its_host_was_lost() {
    let mut stage = Stage::new();
    let client = stage.user().await;
    let start = sh("one", LifetimeName::Session, "echo here; exec sleep 1000");
    client.call(&start).await.unwrap();
    wait_for(&client, "one", said("here")).await;
    // Control: what survives does.
    let other = sh("other", LifetimeName::User, "echo here; exec sleep 1000");
    client.call(&other).await.unwrap();
    stage.kill();
    stage.begin();
    let client = stage.user().await;
    let ended = info(&client, "one").await.status;
    assert_eq!(ended.state, "terminated");
    assert_eq!(ended.cause.as_deref(), Some("host-lost"));
    let answer = read(&client, "one", 0).await;
    assert_eq!((answer.chunks.len(), answer.exited), (1, true));
    assert_eq!(info(&client, "other").await.status.state, "running");
    stage.end().await;
}

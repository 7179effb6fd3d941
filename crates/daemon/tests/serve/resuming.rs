//! A session that is resumed: nothing is lost, and nobody else gets it.

use super::stage::{Stage, code, named, sh, wait_for, write};
use handfast_daemon::connect::{Client, Notes};
use handfast_daemon::wire::*;

async fn resumable(stage: &Stage, resume_ms: u64) -> (Client, Notes) {
    let hello = Initialize {
        resume_ms: Some(resume_ms),
        ..stage.hello()
    };
    stage.greet(hello).await.unwrap()
}

fn again(stage: &Stage, session: &Secret) -> Initialize {
    Initialize {
        resume_session_id: Some(session.clone()),
        ..stage.hello()
    }
}

/// Resumes; the daemon may not have noticed yet that the line is cut.
async fn resume(stage: &Stage, session: &Secret) -> (Client, Notes) {
    loop {
        match stage.greet(again(stage, session)).await {
            Ok(resumed) => return resumed,
            Err(error) => assert_eq!(error.code(), "session.attached"),
        }
    }
}

#[tokio::test]
async fn what_came_while_the_line_was_cut_is_read_after_it() {
    let stage = Stage::new();
    let (client, notes) = resumable(&stage, 60_000).await;
    let mut start = named("p", sh("read x; echo one; echo two; exit 9"));
    start.pipe_stdin = true;
    start.notify = None;
    let handle = client.call(&start).await.unwrap().handle;
    let session = client.welcome().session_id.clone();
    assert!(!client.welcome().resumed);
    drop((client, notes));
    // Somebody else makes it speak meanwhile.
    let user = stage.user().await;
    write(&user, &handle, "\n").await;
    wait_for(&user, &handle, "two").await;

    let (client, mut notes) = resume(&stage, &session).await;
    assert!(client.welcome().resumed);
    let mut said = Vec::new();
    let mut next = 1;
    let exit = loop {
        let told = notes.next().await.unwrap();
        if let Some(output) = told.read::<OutputNote>() {
            assert_eq!(output.seq, next);
            said.extend_from_slice(&output.chunk.0);
        } else if let Some(exited) = told.read::<ExitedNote>() {
            break exited;
        }
        next += 1;
    };
    assert_eq!(String::from_utf8(said).unwrap(), "one\ntwo\n");
    assert_eq!((exit.seq, exit.exit_code), (next, 9));
    stage.end().await;
}

#[tokio::test]
async fn a_session_has_one_connection_and_only_who_knows_its_secret_gets_it() {
    let stage = Stage::new();
    let (client, _notes) = resumable(&stage, 60_000).await;
    let session = client.welcome().session_id.clone();
    let attached = stage.greet(again(&stage, &session)).await;
    let Err(handfast_daemon::connect::ClientError::Refused(error)) = attached else {
        panic!("it was given away")
    };
    assert_eq!(
        (error.code, error.name()),
        (SESSION_ATTACHED, "session.attached")
    );
    for wrong in [
        String::new(),
        "1".to_owned(),
        session.0.replace(['0', '1', '2'], "3"),
    ] {
        let refused = stage.greet(again(&stage, &Secret(wrong))).await;
        assert_eq!(code(refused.map(|_| ())), "session.unknown");
    }
    stage.end().await;
}

#[tokio::test]
async fn a_session_that_is_not_resumed_in_time_is_over_with_all_that_is_bound_to_it() {
    let stage = Stage::new();
    let (client, _notes) = resumable(&stage, 1).await;
    let session = client.welcome().session_id.clone();
    let fifo = stage.fifo("f");
    client.call(&fifo.tree()).await.unwrap();
    let held = fifo.held().await;
    drop(client);
    held.ended().await;
    let refused = stage.greet(again(&stage, &session)).await;
    assert_eq!(code(refused.map(|_| ())), "session.unknown");
    stage.end().await;
}

/// The control of the one before: as long as it may be resumed, what is bound to it lives.
#[tokio::test]
async fn a_session_that_is_resumed_in_time_has_lost_nothing() {
    let stage = Stage::new();
    let (client, _notes) = resumable(&stage, 3_600_000).await;
    let granted = client.welcome().limits.resume_ms;
    assert_eq!(granted, 300_000, "it is cut to what is granted");
    let session = client.welcome().session_id.clone();
    let fifo = stage.fifo("f");
    client.call(&named("p", fifo.tree())).await.unwrap();
    let held = fifo.held().await;
    drop(client);
    for _ in 0..5 {
        let (client, _notes) = resume(&stage, &session).await;
        let info = InfoOf {
            process_id: "p".into(),
            members: false,
        };
        assert_eq!(client.call(&info).await.unwrap().status.state, "running");
    }
    assert!(held.is_held());
    stage.end().await;
    held.ended().await;
}

//! Who may what, and what a damaged file costs: asked of the daemon that comes after one that was killed.

use super::stage::{Stage, hello, info, read, said, sh, wait_for};
use handfast_daemon::connect::ClientError;
use handfast_daemon::wire::*;
use std::fs;

fn list() -> List {
    List::default()
}

fn create(below: &str) -> CreateToken {
    CreateToken {
        owner: Some(below.to_owned()),
        ..CreateToken::default()
    }
}

#[tokio::test]
async fn tokens_are_good_on_and_those_taken_back_are_not() {
    let mut stage = Stage::new();
    let user = stage.user().await;
    let good = user.call(&create("agent")).await.unwrap();
    let bad = user.call(&create("other")).await.unwrap();
    let token_id = bad.about.token_id.clone();
    user.call(&RevokeToken { token_id }).await.unwrap();
    stage.kill();
    stage.begin();
    let before = stage.user().await;
    let with = |token: &Secret| Initialize {
        token: Some(token.clone()),
        ..hello()
    };
    let client = stage.client(&with(&good.token)).await.unwrap();
    assert_eq!(client.welcome().owner, "user/agent");
    let refused = stage.client(&with(&bad.token)).await.unwrap_err();
    assert_eq!(refused.code(), "token.unknown");
    // A name is not given twice, so that a token means the same one for ever.
    let next = before.call(&create("third")).await.unwrap();
    assert!(
        next.about.token_id != good.about.token_id && next.about.token_id != bad.about.token_id
    );
    stage.end().await;
}

#[tokio::test]
async fn a_session_that_may_be_resumed_can_be_at_the_next_daemon() {
    let mut stage = Stage::new();
    stage.user().await;
    let long = Initialize {
        resume_ms: Some(60_000),
        ..hello()
    };
    let (one, other) = (
        stage.client(&long).await.unwrap(),
        stage.client(&hello()).await.unwrap(),
    );
    let was = one.welcome().clone();
    let gone = other.welcome().session_id.clone();
    one.call(&sh(
        "mine",
        LifetimeName::User,
        "echo here; exec sleep 1000",
    ))
    .await
    .unwrap();
    stage.kill();
    stage.begin();
    stage.user().await;
    let resume = |secret: &Secret| Initialize {
        resume_session_id: Some(secret.clone()),
        ..hello()
    };
    let again = stage.client(&resume(&was.session_id)).await.unwrap();
    assert!(again.welcome().resumed);
    assert_eq!(again.welcome().owner, was.owner);
    assert_eq!(info(&again, "mine").await.status.state, "running");
    // Control: without such a time it is over.
    let refused = stage.client(&resume(&gone)).await.unwrap_err();
    assert_eq!(refused.code(), "session.unknown");
    stage.end().await;
}

/// The owner of a session is called after its number, and what is over answers for days.
#[tokio::test]
async fn a_new_session_does_not_see_what_an_old_one_has_left() {
    let mut stage = Stage::new();
    stage.user().await;
    let one = stage.client(&hello()).await.unwrap();
    one.call(&sh("secret", LifetimeName::User, "exec sleep 1000"))
        .await
        .unwrap();
    stage.kill();
    stage.begin();
    let user = stage.user().await;
    // Control: it is there, and the user sees it.
    assert_eq!(user.call(&list()).await.unwrap().processes.len(), 1);
    for _ in 0..3 {
        let stranger = stage.client(&hello()).await.unwrap();
        assert!(stranger.welcome().owner != one.welcome().owner);
        assert_eq!(stranger.call(&list()).await.unwrap().processes, []);
    }
    stage.end().await;
}

#[tokio::test]
async fn a_damaged_file_costs_what_was_behind_and_says_so() {
    let mut stage = Stage::new();
    let user = stage.user().await;
    let mut handles = Vec::new();
    for name in ["config", "numbers", "events", "whole"] {
        let start = sh(name, LifetimeName::User, "echo a; exec sleep 1000");
        handles.push((name, user.call(&start).await.unwrap().handle));
        wait_for(&user, name, said("a")).await;
        while read(&user, name, 0).await.chunks.is_empty() {}
        if name == "events" {
            let to = Transfer {
                process_id: name.to_owned(),
                to: "user".to_owned(),
            };
            user.call(&to).await.unwrap();
        }
    }
    stage.kill();
    for (name, handle) in handles.iter().filter(|(name, _)| *name != "whole") {
        let path = stage.state().join("journal").join(handle).join(name);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    }
    stage.begin();
    let user = stage.user().await;
    for (name, handle) in &handles {
        // Only its name is lost with its config.
        let name = if *name == "config" { handle } else { *name };
        let found = info(&user, name).await;
        assert_eq!(
            (&found.handle, found.status.state.as_str()),
            (handle, "running")
        );
        wait_for(&user, name, said("a")).await;
    }
    let of = InfoOf {
        process_id: "config".into(),
        members: false,
    };
    assert!(matches!(user.call(&of).await, Err(ClientError::Refused(_))));
    let log = stage.log();
    let told = |what: &str| log.lines().filter(|line| line.contains(what)).count();
    assert_eq!(told("not whole in the journal"), 2, "{log}");
    assert_eq!(told("what was numbered last is lost"), 1, "{log}");
    stage.end().await;
}

/// `daemon/stop` for the next one leaves what was declared to survive, and without that nothing.
#[tokio::test]
async fn a_daemon_that_leaves_for_the_next_leaves_what_survives() {
    let mut stage = Stage::new();
    let user = stage.user().await;
    for (name, lifetime) in [
        ("stays", LifetimeName::User),
        ("goes", LifetimeName::Session),
    ] {
        user.call(&sh(name, lifetime, "exec sleep 1000"))
            .await
            .unwrap();
    }
    let leave_survivors = true;
    let receipts = user.call(&DaemonStop { leave_survivors }).await.unwrap();
    let ended: Vec<&str> = receipts
        .receipts
        .iter()
        .map(|one| one.process_id.as_str())
        .collect();
    assert_eq!(ended, ["goes"]);
    drop(user);
    stage.ended();
    stage.begin();
    let user = stage.user().await;
    assert_eq!(info(&user, "stays").await.status.state, "running");
    let gone = info(&user, "goes").await.status;
    assert_eq!(gone.state, "terminated");
    let of = ReceiptOf {
        process_id: "goes".into(),
    };
    let last = user.call(&of);
    assert_eq!(
        last.await.unwrap().receipt.map(|one| one.survivors),
        Some(Vec::new())
    );
    stage.end().await;
}

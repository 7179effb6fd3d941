//! Detaching, attaching again, and giving to another owner.

use super::stage::{Stage, code, named, sh};
use handfast_daemon::connect::Client;
use handfast_daemon::wire::*;
use std::sync::Arc;

async fn agent(stage: &Stage, of: &Client, name: &str) -> Client {
    let create = CreateToken {
        owner: Some(name.to_owned()),
        ..CreateToken::default()
    };
    let token = of.call(&create).await.unwrap().token;
    stage.with_token(token).await.unwrap()
}

#[tokio::test]
async fn what_is_detached_survives_and_what_is_attached_again_does_not() {
    let stage = Stage::new();
    let user = stage.user().await;
    let fifo = stage.fifo("f");
    user.call(&named("p", fifo.tree())).await.unwrap();
    let held = fifo.held().await;
    let detached = user.call(&Detach::default()).await.unwrap();
    assert_eq!(
        (detached.process_count, detached.process_ids),
        (1, vec!["p".to_owned()])
    );
    let none = user.call(&Detach::default()).await.unwrap();
    assert_eq!(none.process_count, 0);
    drop(user);

    let user = stage.user().await;
    let mut listed = user.call(&List::default()).await.unwrap();
    assert_eq!(
        (listed.processes.len(), listed.processes.remove(0).bound),
        (1, false)
    );
    assert!(held.is_held());
    let back = user.call(&Reattach::default()).await.unwrap();
    assert_eq!((back.reattached_count, back.skipped_count), (1, 0));
    let second = stage.user().await;
    let back = second.call(&Reattach::default()).await.unwrap();
    assert_eq!(
        (back.reattached_count, back.skipped_process_ids),
        (0, vec!["p".to_owned()])
    );
    drop(user);
    held.ended().await;
    stage.end().await;
}

#[tokio::test]
async fn a_process_is_given_to_the_parent_and_lives_on_with_it() {
    let stage = Stage::new();
    let user = stage.user().await;
    let child = agent(&stage, &user, "child").await;
    let fifo = stage.fifo("f");
    child.call(&named("p", fifo.tree())).await.unwrap();
    let held = fifo.held().await;
    // The parent has one of that name itself.
    user.call(&named("p", sh("sleep 1000"))).await.unwrap();
    let transfer = |to: &str| Transfer {
        process_id: "p".into(),
        to: to.to_owned(),
    };
    assert_eq!(
        code(child.call(&transfer("user/nobody")).await),
        "owner.unknown"
    );
    let other = agent(&stage, &user, "other").await;
    assert_eq!(
        code(child.call(&transfer("user/other")).await),
        "owner.unknown"
    );
    let given = child.call(&transfer("user")).await.unwrap();
    assert_eq!(given.owner, "user");
    // No one's any more, as far as the child is concerned.
    assert_eq!(code(child.call(&transfer("user")).await), "process.unknown");
    drop((child, other));
    let info = InfoOf {
        process_id: given.process_id,
        members: false,
    };
    let info = user.call(&info).await.unwrap();
    assert_eq!(
        (info.owner.as_str(), info.bound, info.status.state.as_str()),
        ("user", true, "running")
    );
    assert!(held.is_held());
    drop(user);
    held.ended().await;
    stage.end().await;
}

#[tokio::test]
async fn who_is_not_there_is_given_nothing_that_must_end_with_them() {
    let stage = Stage::new();
    let user = stage.user().await;
    drop(agent(&stage, &user, "away").await);
    user.call(&named("p", sh("sleep 1000"))).await.unwrap();
    let transfer = Transfer {
        process_id: "p".into(),
        to: "user/away".into(),
    };
    // Its session may still be ending.
    loop {
        let status = user.call(&DaemonStatus {}).await.unwrap();
        if status.sessions == 1 {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(code(user.call(&transfer).await), "owner.away");
    user.call(&Detach::default()).await.unwrap();
    assert_eq!(user.call(&transfer).await.unwrap().owner, "user/away");
    stage.end().await;
}

/// Two clients of one owner start the same at once, many times: it is started once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_start_with_a_key_is_done_once() {
    let stage = Stage::new();
    let clients = [Arc::new(stage.user().await), Arc::new(stage.user().await)];
    let mut calls = Vec::new();
    for number in 0..16 {
        let client = Arc::clone(&clients[number % 2]);
        let mut start = sh("sleep 1000");
        start.request_key = Some("k".into());
        calls.push(tokio::spawn(
            async move { client.call(&start).await.unwrap() },
        ));
    }
    let mut started = Vec::new();
    for call in calls {
        started.push(call.await.unwrap());
    }
    assert!(started.iter().all(|one| one.handle == started[0].handle));
    assert_eq!(started.iter().filter(|one| !one.repeated).count(), 1);
    let listed = clients[0].call(&List::default()).await.unwrap();
    assert_eq!(listed.processes.len(), 1);
    // Without a key, and under another one, it is another process.
    let mut other = sh("sleep 1000");
    other.request_key = Some("l".into());
    assert!(!clients[0].call(&other).await.unwrap().repeated);
    stage.end().await;
}

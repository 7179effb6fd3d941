//! What dies when: each lifetime against each end.

use super::stage::{Held, Stage, named};
use handfast_daemon::connect::Client;
use handfast_daemon::wire::*;

const ALL: [(&str, Option<LifetimeName>); 5] = [
    ("none", None),
    ("turn", Some(LifetimeName::Turn)),
    ("session", Some(LifetimeName::Session)),
    ("lease", Some(LifetimeName::Lease { ms: 600_000 })),
    ("user", Some(LifetimeName::User)),
];

/// A tree of each lifetime, and what each holds open.
async fn trees(stage: &Stage, client: &Client) -> Vec<(&'static str, Held)> {
    let mut held = Vec::new();
    for (name, lifetime) in ALL {
        let fifo = stage.fifo(name);
        let start = Start {
            lifetime,
            ..named(name, fifo.tree())
        };
        client.call(&start).await.unwrap();
        held.push((name, fifo.held().await));
    }
    held
}

/// Waits for the end of those that must end, and looks that the others live.
async fn only(trees: Vec<(&'static str, Held)>, ends: &[&str]) -> Vec<(&'static str, Held)> {
    let (dying, living): (Vec<_>, Vec<_>) =
        trees.into_iter().partition(|(name, _)| ends.contains(name));
    assert_eq!(dying.len(), ends.len());
    for (_, held) in dying {
        held.ended().await;
    }
    for (name, held) in &living {
        assert!(held.is_held(), "{name}");
    }
    living
}

/// Waits until the daemon has heard of an end, which is after the end.
async fn empty(client: &Client, name: &str) {
    let wait = Wait {
        process_id: name.into(),
        conditions: vec![Condition::TreeEmpty {}],
        wait_ms: None,
    };
    assert_eq!(client.call(&wait).await.unwrap().outcome, "tree-empty");
}

#[tokio::test]
async fn a_turn_a_session_a_stop_of_the_daemon_each_ends_its_own() {
    let stage = Stage::new();
    let client = stage.client().await;
    let trees = trees(&stage, &client).await;
    let receipts = client.call(&EndTurn {}).await.unwrap().receipts;
    assert_eq!(receipts.len(), 1);
    let trees = only(trees, &["turn"]).await;
    drop(client);
    let trees = only(trees, &["none", "session"]).await;
    // What survived its session is there for the user, and nobody below.
    let user = stage.user().await;
    empty(&user, "none").await;
    empty(&user, "session").await;
    let listed = user.call(&List::default()).await.unwrap().processes;
    let mut ids: Vec<&str> = listed.iter().map(|info| info.process_id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["lease", "user"]);
    // Only the user may end everything.
    let other = stage.client().await;
    assert_eq!(
        super::stage::code(other.call(&DaemonStop::default()).await),
        "daemon.not-yours"
    );
    let trees = only(trees, &[]).await;
    let receipts = user.call(&DaemonStop::default()).await.unwrap().receipts;
    assert_eq!(receipts.len(), 2);
    assert!(receipts.iter().all(|receipt| receipt.survivors.is_empty()));
    only(trees, &["lease", "user"]).await;
    assert_eq!(
        stage.daemon.should_leave().await,
        handfast_daemon::serve::Leave::Asked
    );
    // Nothing is started by who leaves.
    let late = super::stage::code(user.call(&super::stage::sh("true")).await);
    assert_eq!(late, "start.closed");
    stage.end().await;
}

/// A lease that nobody renews is over, whether somebody is connected or not.
#[tokio::test]
async fn a_lease_ends_by_itself() {
    let stage = Stage::new();
    let client = stage.client().await;
    let fifo = stage.fifo("short");
    let start = Start {
        lifetime: Some(LifetimeName::Lease { ms: 100 }),
        ..named("short", fifo.tree())
    };
    client.call(&start).await.unwrap();
    fifo.held().await.ended().await;
    empty(&client, "short").await;
    let of = InfoOf {
        process_id: "short".into(),
        members: false,
    };
    let cause = client.call(&of).await.unwrap().status.cause;
    assert_eq!(cause.as_deref(), Some("lease-over"));
    stage.end().await;
}

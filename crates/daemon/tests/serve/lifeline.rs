//! A connection is the life line of its session.

use super::stage::{Stage, named};
use handfast_daemon::wire::*;

#[tokio::test]
async fn what_was_not_declared_to_survive_ends_with_its_connection() {
    let stage = Stage::new();
    let client = stage.client().await;
    let (dies, lives) = (stage.fifo("dies"), stage.fifo("lives"));
    let mortal = client.call(&named("dies", dies.tree())).await.unwrap();
    let mut user = named("lives", lives.tree());
    user.lifetime = Some(LifetimeName::User);
    let lasting = client.call(&user).await.unwrap();
    let (dies, lives) = (dies.held().await, lives.held().await);
    assert!(dies.is_held() && lives.is_held());
    drop(client);
    // All of its tree, the member that is deaf to requests too.
    dies.ended().await;
    // The control: what was declared to survive does, and the user finds it.
    let user = stage.user().await;
    let gone = Wait {
        process_id: mortal.handle,
        conditions: vec![Condition::TreeEmpty {}],
        wait_ms: None,
    };
    user.call(&gone).await.unwrap();
    let listed = user.call(&List::default()).await.unwrap();
    assert_eq!(listed.processes.len(), 1);
    assert_eq!(listed.processes[0].handle, lasting.handle);
    assert!(lives.is_held());
    let stop = Stop {
        process_id: lasting.handle,
        grace_ms: Some(0),
    };
    user.call(&stop).await.unwrap();
    lives.ended().await;
    stage.end().await;
}

#[tokio::test]
async fn the_tombstone_says_that_its_owner_was_gone() {
    let stage = Stage::new();
    let client = stage.client().await;
    let fifo = stage.fifo("f");
    let handle = client.call(&fifo.tree()).await.unwrap().handle;
    let held = fifo.held().await;
    drop(client);
    held.ended().await;
    let user = stage.user().await;
    let wait = Wait {
        process_id: handle,
        conditions: vec![Condition::TreeEmpty {}],
        wait_ms: None,
    };
    let waited = user.call(&wait).await.unwrap();
    assert_eq!(waited.status.cause.as_deref(), Some("owner-gone"));
    stage.end().await;
}

#[tokio::test]
async fn a_lease_is_a_life_line_of_its_own() {
    let stage = Stage::new();
    let client = stage.client().await;
    let (short, long) = (stage.fifo("short"), stage.fifo("long"));
    let leased = |fifo: &super::stage::Fifo, ms| Start {
        lifetime: Some(LifetimeName::Lease { ms }),
        ..fifo.tree()
    };
    client.call(&leased(&short, 300)).await.unwrap();
    let lasting = client.call(&leased(&long, 3_600_000)).await.unwrap();
    let (short, long) = (short.held().await, long.held().await);
    drop(client);
    short.ended().await;
    assert!(long.is_held());
    let user = stage.user().await;
    let renew = Renew {
        process_id: lasting.handle,
    };
    user.call(&renew).await.unwrap();
    stage.end().await;
    long.ended().await;
}

/// A start that is under way when its connection ends leaves nothing behind, whenever that is.
#[tokio::test]
async fn a_start_whose_connection_ends_leaves_nothing_behind() {
    let stage = Stage::new();
    for round in 0..20 {
        let client = stage.client().await;
        let start = named("p", super::stage::sh("sleep 1000"));
        let call = client.call(&start);
        let mut call = Box::pin(call);
        // Some rounds end before the daemon has read it, some after it was answered.
        for _ in 0..round {
            let polled = std::future::poll_fn(|context| {
                std::task::Poll::Ready(call.as_mut().poll(context).is_ready())
            });
            if polled.await {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(call);
        drop(client);
    }
    let user = stage.user().await;
    loop {
        let status = user.call(&DaemonStatus {}).await.unwrap();
        if (status.sessions, status.processes) == (1, 0) {
            break;
        }
        tokio::task::yield_now().await;
    }
    stage.end().await;
}

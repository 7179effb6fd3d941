//! Owners below owners, and their ends.

use crate::stage::{LONG, agent, below, expect, id, manager, member, puppet, sh};
use handfast::config::Lifetime;
use handfast::owner::{Limits, OwnerId, OwnerSpec};
use handfast::{Cause, ProcessStatus};
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;
use testkit::{Oracle, PATIENCE};
use tokio::task::JoinSet;

#[tokio::test]
async fn the_end_of_an_owner_ends_all_below_it_and_nobody_else() {
    let Some(manager) = manager() else { return };
    let [gone, stays] = [Oracle::new(), Oracle::new()];
    let parent = agent(&manager, "parent", Limits::agent());
    let child = below(&parent, "parent/child", Limits::agent());
    let grandchild = below(&child, "parent/child/grandchild", Limits::agent());
    let other = agent(&manager, "other", Limits::agent());
    for owner in [&parent, &child, &grandchild] {
        owner.start(member(&gone)).await.unwrap();
    }
    other.start(member(&stays)).await.unwrap();
    manager.start_process(member(&stays)).await.unwrap();
    assert!(gone.wait_joined(3, PATIENCE) && stays.wait_joined(2, PATIENCE));
    let end = parent.end().await.unwrap();
    assert_eq!((end.receipts.len(), end.left.len()), (3, 0));
    assert!(gone.wait_empty(PATIENCE));
    assert_eq!(stays.alive(), 2);
    for receipt in &end.receipts {
        let info = manager.info(receipt.handle).unwrap();
        let ended = matches!(
            info.status,
            ProcessStatus::Terminated {
                cause: Cause::OwnerEnded,
                ..
            }
        );
        assert!(ended, "{info:?}");
        // Records go up too: each has one owner at every moment.
        assert_eq!(info.owner, OwnerId::host());
    }
    let names: Vec<_> = manager.owners().into_iter().map(|owner| owner.id).collect();
    assert_eq!(names, [OwnerId::host(), id("other")]);
    assert_eq!(child.list().unwrap_err().code(), "owner.ended");
    let gone = manager.owner(&id("parent/child")).unwrap_err();
    assert_eq!(gone.code(), "owner.unknown");
    manager.shutdown().await;
    assert!(stays.wait_empty(PATIENCE));
}

#[tokio::test]
async fn children_are_gone_before_their_parents_are_asked() {
    let Some(manager) = manager() else { return };
    let parent = agent(&manager, "parent", Limits::agent());
    let child = below(&parent, "child", Limits::agent());
    let log = tempfile::NamedTempFile::new().unwrap();
    let script = |name: &str| {
        let path = log.path().display();
        let answer = format!("trap 'echo {name} >>{path}; exit' TERM");
        sh(&format!("{answer}; echo up; while :; do read a; done"))
            .grace(LONG)
            .build()
    };
    let above = parent.start(script("parent")).await.unwrap();
    let under = child.start(script("child")).await.unwrap();
    expect(&parent, above, "up").await;
    expect(&child, under, "up").await;
    let end = parent.end().await.unwrap();
    let order: Vec<_> = end.receipts.iter().map(|receipt| receipt.handle).collect();
    assert_eq!(order, [under, above]);
    let said = std::fs::read_to_string(log.path()).unwrap();
    assert_eq!(said, "child\nparent\n");
}

#[tokio::test]
async fn dropping_a_face_touches_nothing() {
    let Some(manager) = manager() else { return };
    let oracle = Oracle::new();
    let owner = agent(&manager, "agent", Limits::agent());
    let handle = owner.start(member(&oracle)).await.unwrap();
    assert!(oracle.wait_joined(1, PATIENCE));
    drop(owner.clone());
    drop(owner);
    let again = manager.owner(&id("agent")).unwrap();
    assert_eq!(again.list().unwrap()[0].info.handle, handle);
    assert_eq!(oracle.alive(), 1);
    // The control: the end of the owner does touch it.
    manager.end_owner(&id("agent")).await.unwrap();
    assert!(oracle.wait_empty(PATIENCE));
}

// The oracle blocks the thread that asks.
#[tokio::test(flavor = "multi_thread")]
async fn d20_an_end_that_nobody_waits_for_goes_on_and_no_orphan_is_left() {
    let Some(manager) = manager() else { return };
    let oracle = Oracle::new();
    let owner = agent(&manager, "agent", Limits::agent());
    let deaf = format!("ignore TERM join {} park", oracle.dir().display());
    let deaf = puppet(&deaf).grace(Duration::from_millis(50)).build();
    owner.start(deaf).await.unwrap();
    assert!(oracle.wait_joined(1, PATIENCE));
    {
        let mut end = pin!(owner.end());
        let mut context = Context::from_waker(Waker::noop());
        assert!(end.as_mut().poll(&mut context).is_pending());
    }
    assert!(oracle.wait_empty(PATIENCE));
    // Whoever asks again joins it, or is told that it is over.
    if let Err(error) = owner.end().await {
        assert_eq!(error.code(), "owner.ended");
    }
    assert_eq!(
        manager.owner(&id("agent")).unwrap_err().code(),
        "owner.unknown"
    );
    // The end of the manager, of which each face is a clone, ends what owners have.
    let last = agent(&manager, "agent", Limits::agent());
    last.start(member(&oracle)).await.unwrap();
    assert!(oracle.wait_joined(2, PATIENCE));
    drop((owner, last, manager));
    assert!(oracle.wait_empty(PATIENCE));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn starts_that_meet_the_end_leave_nothing() {
    let Some(manager) = manager() else { return };
    let oracle = Oracle::new();
    for round in 0..10 {
        let owner = agent(&manager, "agent", Limits::unlimited());
        let child = below(&owner, "child", Limits::unlimited());
        let mut starts = JoinSet::new();
        for number in 0..12 {
            let (owner, config) = (
                if number % 2 == 0 { &owner } else { &child }.clone(),
                member(&oracle),
            );
            starts.spawn(async move { owner.start(config).await });
        }
        for _ in 0..round {
            tokio::task::yield_now().await;
        }
        let end = owner.end().await.unwrap();
        assert!(end.left.is_empty());
        // When the end is answered nothing is left, though some starts may still be on their way.
        assert!(manager.list_processes().is_empty());
        for started in starts.join_all().await {
            if let Err(refused) = started {
                assert_eq!(refused.code(), "owner.ended", "{refused:?}");
            }
        }
        assert!(oracle.wait_empty(PATIENCE));
    }
}

#[tokio::test]
async fn the_host_neither_ends_nor_is_taken_and_a_parent_must_be_there() {
    let Some(manager) = manager() else { return };
    let host = manager.owner(&OwnerId::host()).unwrap();
    assert_eq!(host.end().await.unwrap_err().code(), "owner.host");
    let again = OwnerSpec::new(OwnerId::host());
    assert_eq!(manager.add_owner(again).unwrap_err().code(), "owner.taken");
    let orphan = OwnerSpec::new(id("a")).below(id("nobody"));
    assert_eq!(
        manager.add_owner(orphan).unwrap_err().code(),
        "owner.unknown"
    );
    let refused = manager.end_owner(&id("nobody")).await.unwrap_err();
    assert_eq!(refused.code(), "owner.unknown");
    let handle = manager.start_process(puppet("park").build()).await.unwrap();
    assert_eq!(host.list().unwrap()[0].info.handle, handle);
    host.kill(handle).await.unwrap();
}

#[tokio::test]
async fn what_was_declared_to_survive_goes_to_the_next_owner_above() {
    let Some(manager) = manager() else { return };
    let parent = agent(&manager, "parent", Limits::agent().processes(1));
    let child = below(&parent, "child", Limits::agent());
    let config = puppet("park").lifetime(Lifetime::User).build();
    let handle = child.start(config).await.unwrap();
    let end = child.end().await.unwrap();
    assert!(end.receipts.is_empty());
    assert_eq!((end.left, &end.heir), (vec![handle], parent.id()));
    assert!(!parent.status(handle).unwrap().is_over());
    assert_eq!(parent.count().unwrap(), 1);
    // All of it ends when that is asked for.
    let receipts = parent.terminate_all().await.unwrap();
    assert_eq!(receipts.len(), 1);
    assert_eq!(parent.count().unwrap(), 0);
}

#[tokio::test]
async fn terminate_all_ends_a_branch_and_leaves_its_owners() {
    let Some(manager) = manager() else { return };
    let parent = agent(&manager, "parent", Limits::agent());
    let child = below(&parent, "child", Limits::agent());
    let oracle = Oracle::new();
    for owner in [&parent, &child, &child] {
        owner.start(member(&oracle)).await.unwrap();
    }
    assert!(oracle.wait_joined(3, PATIENCE));
    assert_eq!(child.terminate_all().await.unwrap().len(), 2);
    assert_eq!(oracle.alive(), 1);
    assert_eq!(parent.terminate_all().await.unwrap().len(), 1);
    assert!(oracle.wait_empty(PATIENCE));
    child.start(puppet("exit 0").build()).await.unwrap();
    parent.start(puppet("exit 0").build()).await.unwrap();
}

//! Handing a process over.

use crate::stage::{LONG, agent, below, expect, id, manager, member, puppet, sh};
use handfast::output::Cursor;
use handfast::owner::{Limits, Owner, OwnerEnd, OwnerId};
use handfast::session::WriteOptions;
use handfast::{Cause, ProcessHandle, ProcessManager};
use std::time::Duration;
use testkit::{Oracle, PATIENCE};

#[tokio::test]
async fn what_was_handed_to_the_parent_outlives_the_child() {
    let Some(manager) = manager() else { return };
    // The parent has one place: what is handed up used it before.
    let parent = agent(&manager, "parent", Limits::agent().processes(2));
    let child = below(&parent, "child", Limits::agent());
    let server = child
        .start(sh("echo up; read a; echo got $a; read b").build())
        .await
        .unwrap();
    expect(&child, server, "up").await;
    let scratch = child.start(puppet("park").build()).await.unwrap();
    child.transfer(server, parent.id()).unwrap();
    assert_eq!(child.status(server).unwrap_err().code(), "process.unknown");
    let end = child.end().await.unwrap();
    assert_eq!(end.receipts.len(), 1);
    assert_eq!(end.receipts[0].handle, scratch);
    // Its output, its input and its place are the parent's, whole.
    let mut cursor = Cursor::default();
    let chunk = parent
        .poll(server, &mut cursor, 100)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(chunk.bytes, b"up\n");
    parent
        .write(server, "it\n", WriteOptions::default())
        .await
        .unwrap();
    expect(&parent, server, "got it").await;
    assert_eq!(parent.count().unwrap(), 1);
    assert_eq!(manager.info(server).unwrap().owner, *parent.id());
    parent.end().await.unwrap();
    assert!(manager.list_processes().is_empty());
}

#[tokio::test]
async fn a_refused_hand_over_changes_nothing() {
    let Some(manager) = manager() else { return };
    let parent = agent(&manager, "parent", Limits::agent());
    let child = below(&parent, "child", Limits::agent().processes(1));
    let other = agent(&manager, "other", Limits::agent().processes(1));
    let handle = parent.start(puppet("park").build()).await.unwrap();
    child.start(puppet("park").build()).await.unwrap();
    let full = parent.transfer(handle, child.id()).unwrap_err();
    assert_eq!(full.code(), "owner.limit-reached");
    let stranger = parent.transfer(handle, other.id()).unwrap_err();
    assert_eq!(stranger.code(), "owner.not-related");
    let nobody = parent.transfer(handle, &id("nobody")).unwrap_err();
    assert_eq!(nobody.code(), "owner.unknown");
    assert_eq!(parent.count().unwrap(), 1);
    assert_eq!((child.count().unwrap(), other.count().unwrap()), (1, 0));
    assert!(!parent.status(handle).unwrap().is_over());
    // The host may give it to anybody who has room, and back to itself.
    manager.transfer(handle, other.id()).unwrap();
    assert_eq!((parent.count().unwrap(), other.count().unwrap()), (0, 1));
    let full = manager.transfer(handle, child.id()).unwrap_err();
    assert_eq!(full.code(), "owner.limit-reached");
    manager.transfer(handle, &OwnerId::host()).unwrap();
    assert_eq!(other.status(handle).unwrap_err().code(), "process.unknown");
    manager.shutdown().await;
}

#[tokio::test]
async fn the_receiver_says_how_long_it_may_run() {
    let Some(manager) = manager() else { return };
    let patient = agent(&manager, "patient", Limits::agent());
    let hasty = below(
        &patient,
        "hasty",
        Limits::agent().wall_time(Duration::from_millis(300)),
    );
    let handed = hasty
        .start(sh("sleep 0.6; echo done; read a").build())
        .await
        .unwrap();
    hasty.transfer(handed, patient.id()).unwrap();
    let kept = hasty.start(puppet("park").build()).await.unwrap();
    assert_eq!(hasty.wait(kept).await.unwrap().cause, Cause::Deadline);
    expect(&patient, handed, "done").await;
    assert!(!patient.status(handed).unwrap().is_over());
    // The other way round it is over at once: it has had its time.
    patient.transfer(handed, hasty.id()).unwrap();
    assert_eq!(hasty.wait(handed).await.unwrap().cause, Cause::Deadline);
}

/// Hands it over, again and again; refused where somebody else has it, or one has ended.
async fn hand_often(from: Owner, to: Owner, handle: ProcessHandle) {
    for _ in 0..200 {
        let _ = from.transfer(handle, to.id());
        tokio::task::yield_now().await;
    }
}

/// Looks whose it is: one owner's, known by name, and counted for one only.
async fn look_often(manager: ProcessManager, handle: ProcessHandle) {
    for _ in 0..200 {
        let owners = manager.owners();
        let used: u64 = owners.iter().map(|owner| owner.own.processes).sum();
        assert!(used <= 1, "it has two owners");
        let owner = manager.info(handle).unwrap().owner;
        let known = ["parent", "child", "host"].contains(&owner.as_str());
        assert!(known, "{owner}");
        tokio::task::yield_now().await;
    }
}

async fn end_after(owner: Owner, turns: usize) -> OwnerEnd {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
    owner.end().await.unwrap()
}

/// Hands one process to and fro while others look and somebody ends it, again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn at_every_moment_it_has_exactly_one_owner() {
    let Some(manager) = manager() else { return };
    for round in 0..20 {
        let oracle = Oracle::new();
        let parent = agent(&manager, "parent", Limits::agent().processes(1));
        let child = below(&parent, "child", Limits::agent().processes(1));
        let handle = child.start(member(&oracle)).await.unwrap();
        let up = tokio::spawn(hand_often(child.clone(), parent.clone(), handle));
        let down = tokio::spawn(hand_often(parent.clone(), child.clone(), handle));
        let look = tokio::spawn(look_often(manager.clone(), handle));
        let end = tokio::spawn(end_after(child.clone(), round * 5));
        let end = end.await.unwrap();
        for task in [up, down, look] {
            task.await.unwrap();
        }
        // Either the child still had it, and it is over; or the parent has, and it lives.
        match end.receipts.as_slice() {
            [receipt] => {
                assert_eq!(receipt.handle, handle);
                assert!(parent.status(handle).unwrap().is_over());
            }
            [] => {
                assert!(!parent.status(handle).unwrap().is_over());
                assert_eq!(parent.count().unwrap(), 1);
            }
            more => panic!("{more:?}"),
        }
        parent.end().await.unwrap();
        assert!(oracle.wait_empty(PATIENCE));
    }
}

/// Kills race with hand-overs: whoever had it when he asked, it is over once and counts nowhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_kill_that_meets_a_hand_over_is_done_or_refused() {
    let Some(manager) = manager() else { return };
    let parent = agent(&manager, "parent", Limits::agent());
    let child = below(&parent, "child", Limits::agent());
    for _ in 0..50 {
        let handle = child
            .start(puppet("park").grace(LONG).build())
            .await
            .unwrap();
        let (killer, hander) = (child.clone(), child.clone());
        let to = parent.id().clone();
        let kill = tokio::spawn(async move { killer.kill(handle).await });
        let hand = tokio::spawn(async move { hander.transfer(handle, &to) });
        let (kill, hand) = (kill.await.unwrap(), hand.await.unwrap());
        hand.unwrap();
        if let Err(refused) = kill {
            assert_eq!(refused.code(), "process.unknown");
            parent.kill(handle).await.unwrap();
        }
        assert!(parent.status(handle).unwrap().is_over());
        let usage = parent.usage().unwrap();
        assert_eq!(usage.all.processes, 0);
    }
}

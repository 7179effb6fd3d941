//! A reaper that is lost while processes are detached, or while a manager ends.

use crate::stage::{host, manager, rung, start, store, stubborn, until};
use handfast::{Cause, DetachedStore, ProcessManager, ProcessStatus, Rung};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use testkit::{Gate, Oracle, PATIENCE};

/// Kills the reaper and waits for its end.
fn kill_reaper(manager: &ProcessManager) {
    let pid = manager.reaper_pids()[0].1;
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let reaper = pidfd_open(pid.unwrap(), PidfdFlags::empty()).unwrap();
    pidfd_send_signal(&reaper, Signal::KILL).unwrap();
    poll(&mut [PollFd::new(&reaper, PollFlags::IN)], None).unwrap();
}

#[tokio::test]
async fn what_is_detached_is_handed_over_to_the_next_reaper_or_told_lost() {
    let Some(rung) = rung() else { return };
    let gate = Gate::new();
    let store = DetachedStore::builder()
        .reaper(gate.program())
        .build()
        .unwrap();
    let (one, oracle) = (manager(&store, rung), Oracle::new());
    let handle = start(&one, stubborn(&oracle)).await;
    assert!(oracle.wait_joined(1, PATIENCE));
    let mut changes = store.subscribe();
    one.detach(&host()).unwrap();
    kill_reaper(&one);
    drop(one);
    gate.open();
    let other = manager(&store, rung);
    if rung == Rung::Namespace {
        until(&mut changes, handle, "terminated").await;
        assert_eq!(other.reattach(&host()).unwrap().ended, [handle]);
        let status = other.query_status(handle).unwrap();
        let by = matches!(
            status,
            ProcessStatus::Terminated {
                cause: Cause::ReaperLost,
                ..
            }
        );
        return assert!(by, "{status:?}");
    }
    assert_eq!(other.reattach(&host()).unwrap().handles, [handle]);
    assert_eq!(oracle.alive(), 1);
    let receipt = other.kill(handle).await.unwrap();
    assert_eq!(receipt.survivors, []);
    assert!(oracle.wait_empty(PATIENCE));
}

/// A manager that ends while there is no reaper: the next one is told whom it has let go.
#[tokio::test]
async fn who_was_let_go_in_the_gap_between_two_reapers_ends() {
    let Some(rung) = rung().filter(|rung| *rung != Rung::Namespace) else {
        return;
    };
    let gate = Gate::new();
    let store = DetachedStore::builder()
        .reaper(gate.program())
        .build()
        .unwrap();
    let (one, other) = (manager(&store, rung), manager(&store, rung));
    let [left, kept] = [Oracle::new(), Oracle::new()];
    start(&one, stubborn(&left)).await;
    start(&other, stubborn(&kept)).await;
    assert!(left.wait_joined(1, PATIENCE) && kept.wait_joined(1, PATIENCE));
    kill_reaper(&one);
    drop(one);
    assert_eq!((left.alive(), kept.alive()), (1, 1));
    gate.open();
    assert!(left.wait_empty(PATIENCE));
    assert_eq!(kept.alive(), 1);
    drop((other, store));
    assert!(kept.wait_empty(PATIENCE));
}

/// The store ends while the next reaper is being started.
#[tokio::test]
async fn a_store_that_ends_in_the_gap_leaves_nothing() {
    let Some(rung) = rung() else { return };
    let gate = Gate::new();
    let builder = DetachedStore::builder().reaper(gate.program());
    let store = builder.build().unwrap();
    let (one, oracle) = (manager(&store, rung), Oracle::new());
    start(&one, stubborn(&oracle)).await;
    assert!(oracle.wait_joined(1, PATIENCE));
    one.detach(&host()).unwrap();
    kill_reaper(&one);
    while gate.starts() < 2 {
        tokio::task::yield_now().await;
    }
    drop((one, store));
    gate.open();
    assert!(oracle.wait_empty(PATIENCE));
}

/// The store ends with its reaper, whichever is noticed first.
#[tokio::test]
async fn a_store_that_ends_as_its_reaper_does_leaves_nothing() {
    let Some(rung) = rung() else { return };
    let (store, oracle) = (store(), Oracle::new());
    let one = manager(&store, rung);
    start(&one, stubborn(&oracle)).await;
    assert!(oracle.wait_joined(1, PATIENCE));
    one.detach(&host()).unwrap();
    kill_reaper(&one);
    drop((one, store));
    assert!(oracle.wait_empty(PATIENCE));
}

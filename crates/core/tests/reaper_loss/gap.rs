//! What happens between the end of a reaper and the next one, which is held back at a gate.

use handfast::{Cause, ProcessStatus, Rung, Scope, StartError};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open};
use testkit::{ABSENCE, Gate, Oracle, PATIENCE};

use crate::stage::{HARMLESS, behind, ended, kill_reaper, manager, reaper, signal, start, tree};

pub(crate) async fn an_exit_code_from_the_gap_is_exact(rung: Rung) {
    let (oracle, gate) = (Oracle::new(), Gate::new());
    let manager = behind(&gate, rung);
    let handle = start(&manager, &oracle, "on USR1 [ exit 7 ] join ORACLE park", 1).await;
    let ProcessStatus::Running { pid } = manager.query_status(handle).unwrap() else {
        panic!("it runs")
    };
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).unwrap();
    let leader = pidfd_open(pid, PidfdFlags::empty()).unwrap();
    kill_reaper(&manager);
    signal(&leader, Signal::USR1);
    ended(&leader);
    assert!(oracle.wait_empty(PATIENCE));
    gate.open();
    let ended = manager.wait(handle).await.unwrap();
    assert_eq!((ended.exit_code, ended.cause), (Some(7), Cause::Itself));
    assert!(manager.wait_tree(handle).await.unwrap().is_over());
}

pub(crate) async fn a_stop_asked_in_the_gap_is_done(rung: Rung) {
    let (oracle, gate) = (Oracle::new(), Gate::new());
    let manager = behind(&gate, rung);
    let words = "join ORACLE spawn [ join-same park ] park";
    let handle = start(&manager, &oracle, words, 2).await;
    kill_reaper(&manager);
    let stop = tokio::spawn({
        let manager = manager.clone();
        async move { manager.stop_process(handle).await }
    });
    gate.open();
    let receipt = stop.await.unwrap().unwrap();
    assert_eq!((receipt.asked, receipt.survivors.len()), (2, 0));
    assert!(oracle.wait_empty(PATIENCE));
}

pub(crate) async fn a_start_asked_in_the_gap_waits_for_the_next(rung: Rung) {
    let (oracle, gate) = (Oracle::new(), Gate::new());
    let manager = behind(&gate, rung);
    start(&manager, &oracle, "join ORACLE park", 1).await;
    kill_reaper(&manager);
    // Once none is told the loss was noticed, so that the start is not sent to the lost one.
    while !manager.reaper_pids().is_empty() {
        tokio::task::yield_now().await;
    }
    let second = tree(&oracle, "join ORACLE park");
    let start = tokio::spawn({
        let manager = manager.clone();
        async move { manager.start_process(second).await }
    });
    gate.open();
    let handle = start.await.unwrap().expect("the next reaper starts it");
    assert!(oracle.wait_joined(2, PATIENCE));
    assert_eq!(manager.members(handle).unwrap().len(), 1);
}

pub(crate) async fn a_start_that_was_under_way_fails_and_leaves_nothing(rung: Rung) {
    let (oracle, manager) = (Oracle::new(), manager(rung));
    let first = start(&manager, &oracle, "join ORACLE park", 1).await;
    let lost = reaper(&manager);
    signal(&lost, Signal::STOP);
    let second = tree(&oracle, "join ORACLE park");
    let under_way = tokio::spawn({
        let manager = manager.clone();
        async move { manager.start_process(second).await }
    });
    while manager.list_processes().len() < 2 {
        tokio::task::yield_now().await;
    }
    signal(&lost, Signal::KILL);
    match under_way.await.unwrap() {
        Err(StartError::ReaperLost) => {}
        // It was not yet sent when the reaper ended, so the next one has done it.
        Ok(handle) => drop(manager.kill(handle).await.unwrap()),
        Err(other) => panic!("{other:?}"),
    }
    manager.kill(first).await.unwrap();
    assert!(oracle.wait_empty(PATIENCE));
    assert!(manager.list_processes().is_empty());
}

pub(crate) async fn a_signal_that_was_under_way_is_answered(rung: Rung) {
    let (oracle, manager) = (Oracle::new(), manager(rung));
    let handle = start(&manager, &oracle, "join ORACLE park", 1).await;
    let lost = reaper(&manager);
    signal(&lost, Signal::STOP);
    let under_way = tokio::spawn({
        let manager = manager.clone();
        async move { manager.signal(handle, HARMLESS, Scope::Tree).await }
    });
    // ABSENCE: nobody says that the signal was handed over; too early a kill is met as well.
    let early = tokio::time::timeout(ABSENCE, async {
        while !under_way.is_finished() {
            tokio::task::yield_now().await;
        }
    });
    assert!(early.await.is_err(), "a stopped reaper answered");
    signal(&lost, Signal::KILL);
    let answer = under_way.await.unwrap();
    assert_eq!(answer.unwrap_err().code(), "signal.reaper-lost");
    assert_eq!(oracle.alive(), 1);
}

pub(crate) async fn a_signal_asked_in_the_gap_reaches(rung: Rung) {
    const USR1: i32 = 10;
    let (oracle, gate) = (Oracle::new(), Gate::new());
    let manager = behind(&gate, rung);
    let handle = start(&manager, &oracle, "on USR1 [ exit 7 ] join ORACLE park", 1).await;
    kill_reaper(&manager);
    // Until then it may be sent to the lost one, and be answered as lost with it.
    while !manager.reaper_pids().is_empty() {
        tokio::task::yield_now().await;
    }
    let asked = tokio::spawn({
        let manager = manager.clone();
        async move { manager.signal(handle, USR1, Scope::Leader).await }
    });
    gate.open();
    assert_eq!(asked.await.unwrap().unwrap(), 1);
    assert_eq!(manager.wait(handle).await.unwrap().exit_code, Some(7));
}

pub(crate) async fn the_owners_end_in_the_gap_leaves_nothing(rung: Rung) {
    let (oracle, gate) = (Oracle::new(), Gate::new());
    let manager = behind(&gate, rung);
    let words = "join ORACLE fork-daemon [ join-same park ] park";
    start(&manager, &oracle, words, 2).await;
    kill_reaper(&manager);
    while gate.starts() < 2 {
        tokio::task::yield_now().await;
    }
    drop(manager);
    gate.open();
    assert!(oracle.wait_empty(PATIENCE));
}

pub(crate) async fn the_owners_end_right_after_the_loss_leaves_nothing(rung: Rung) {
    let (oracle, manager) = (Oracle::new(), manager(rung));
    let words = "join ORACLE spawn [ join-same park ] park";
    start(&manager, &oracle, words, 2).await;
    kill_reaper(&manager);
    drop(manager);
    assert!(oracle.wait_empty(PATIENCE));
}

//! Reapers that cannot be had again, and one that neither works nor ends.

use handfast::reaper::ReaperError;
use handfast::{Cause, ProcessStatus, Rung, StartError};
use rustix::process::Signal;
use testkit::{Gate, Oracle, PATIENCE};

use crate::stage::{behind, ended, kill_reaper, manager, reaper, signal, start, tree};

/// Far more than may be tried.
const MANY: usize = 100;

pub(crate) async fn one_that_cannot_be_started_again_ends_all(rung: Rung) {
    let (oracle, gate) = (Oracle::new(), Gate::then("exit 1"));
    let manager = behind(&gate, rung);
    let words = "join ORACLE spawn [ join-same park ] park";
    let handle = start(&manager, &oracle, words, 2).await;
    kill_reaper(&manager);
    let status = manager.wait_tree(handle).await.unwrap();
    let ProcessStatus::Terminated { cause, .. } = status else {
        panic!("{status:?}")
    };
    assert_eq!(cause, Cause::ReaperLost);
    assert!(oracle.wait_empty(PATIENCE), "nobody would hold them");
    let refused = manager.start_process(tree(&oracle, "park")).await;
    let Err(StartError::Rung { source, .. }) = refused else {
        panic!("{refused:?}")
    };
    assert!(matches!(source, ReaperError::Mute { .. }), "{source:?}");
    assert_eq!(gate.starts(), 2, "one attempt to replace it");
}

pub(crate) async fn one_that_is_lost_again_and_again_is_given_up(rung: Rung) {
    let (oracle, manager) = (Oracle::new(), manager(rung));
    let mut attempts = 0;
    let error = loop {
        attempts += 1;
        assert!(attempts < MANY, "attempts are bounded");
        let handle = match manager.start_process(tree(&oracle, "park")).await {
            Ok(handle) => handle,
            Err(StartError::Rung { source, .. }) => break source,
            Err(other) => panic!("{other:?}"),
        };
        kill_reaper(&manager);
        // Whatever becomes of it, it can be killed, and that is answered.
        let receipt = manager.kill(handle).await.unwrap();
        assert!(receipt.survivors.is_empty(), "{receipt:?}");
    };
    assert!(matches!(error, ReaperError::Unstable { .. }), "{error:?}");
    assert!(manager.list_processes().is_empty());
}

pub(crate) async fn a_stopped_one_does_not_hold_up_the_managers_end(rung: Rung) {
    let (oracle, manager) = (Oracle::new(), manager(rung));
    start(&manager, &oracle, "join ORACLE park", 1).await;
    let stopped = reaper(&manager);
    signal(&stopped, Signal::STOP);
    drop(manager);
    // The drop has returned; what it wanted is done once the reaper can.
    signal(&stopped, Signal::CONT);
    assert!(oracle.wait_empty(PATIENCE));
    ended(&stopped);
}

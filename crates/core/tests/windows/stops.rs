//! Stops: receipts, members that outlive their leader, members who do not listen.

use crate::stage::{manager, play, puppet};
use crate::wine;
use handfast::{Cause, ProcessStatus, Scope};
use std::time::Duration;

#[tokio::test]
async fn a_stop_ends_the_whole_tree_and_its_receipt_says_so() {
    let manager = manager();
    let script = "spawn [ say child park ] say leader park";
    let mut played = play(&manager, puppet(script).grace(Duration::ZERO)).await;
    assert_eq!(played.said_all(2).await, ["child", "leader"]);
    let receipt = manager.stop_process(played.handle).await.unwrap();
    assert_eq!(receipt.members_before, 2);
    assert_eq!(receipt.survivors, []);
    assert!(receipt.status.is_over(), "{receipt:?}");
    let again = manager.stop_process(played.handle).await.unwrap();
    assert_eq!(again.members_before, 0);
    played.until_all_are_gone().await;
}

/// Under Wine nobody can be asked, so it is what happens to everybody there.
#[tokio::test]
async fn who_does_not_listen_is_killed_after_the_grace() {
    let manager = manager();
    let config = puppet("deaf say deaf park").grace(Duration::from_millis(300));
    let mut played = play(&manager, config).await;
    assert_eq!(played.said().await, "deaf");
    let receipt = manager.stop_process(played.handle).await.unwrap();
    assert_eq!(receipt.survivors, []);
    assert!(receipt.took >= Duration::from_millis(300), "{receipt:?}");
    let ProcessStatus::Terminated { cause, .. } = receipt.status else {
        panic!("{receipt:?}")
    };
    assert_eq!(cause, Cause::Stop);
    played.until_all_are_gone().await;
}

/// A program that handles no Ctrl-Break ends by it (`STATUS_CONTROL_C_EXIT`), long before its grace is over.
#[tokio::test]
async fn who_listens_is_asked_and_ends_by_itself() {
    if wine::cannot("who_listens_is_asked_and_ends_by_itself") {
        return;
    }
    let manager = manager();
    let config = puppet("say up park").grace(Duration::from_secs(3600));
    let mut played = play(&manager, config).await;
    played.said().await;
    manager.stop_process(played.handle).await.unwrap();
    let ended = manager.wait(played.handle).await.unwrap();
    assert_eq!(ended.exit_code, Some(0xc000_013a_u32.cast_signed()));
    played.until_all_are_gone().await;
}

#[tokio::test]
async fn members_that_outlive_their_leader_keep_the_process_detached_until_they_are_stopped() {
    let manager = manager();
    let script = "spawn [ say child park ] gate exit 4";
    let mut played = play(&manager, puppet(script).grace(Duration::ZERO)).await;
    assert_eq!(played.said().await, "child");
    played.input = None;
    let ended = manager.wait(played.handle).await.unwrap();
    assert_eq!(ended.exit_code, Some(4));
    let status = manager.query_status(played.handle).unwrap();
    let ProcessStatus::RunningDetached {
        exit_code,
        child_pids,
        ..
    } = status
    else {
        panic!("{status:?}")
    };
    assert_eq!((exit_code, child_pids.len()), (Some(4), 1));
    let receipt = manager.stop_process(played.handle).await.unwrap();
    assert_eq!((receipt.members_before, receipt.survivors.len()), (1, 0));
    played.until_all_are_gone().await;
}

#[tokio::test]
async fn kill_is_a_signal_and_others_are_refused() {
    let manager = manager();
    let mut played = play(&manager, puppet("say up park")).await;
    played.said().await;
    let refused = manager.signal(played.handle, 10, Scope::Tree).await;
    assert_eq!(refused.unwrap_err().code(), "signal.refused");
    assert_eq!(
        manager.signal(played.handle, 9, Scope::Tree).await.unwrap(),
        1
    );
    manager.wait_tree(played.handle).await.unwrap();
    played.until_all_are_gone().await;
}

#[tokio::test]
async fn a_shutdown_ends_all() {
    let manager = manager();
    let mut first = play(&manager, puppet("say up park").grace(Duration::ZERO)).await;
    let mut second = play(&manager, puppet("say up park").grace(Duration::ZERO)).await;
    first.said().await;
    second.said().await;
    assert_eq!(manager.shutdown().await.len(), 2);
    first.until_all_are_gone().await;
    second.until_all_are_gone().await;
    let refused = manager.start_process(puppet("say ran").build()).await;
    assert_eq!(refused.unwrap_err().code(), "start.closed");
}

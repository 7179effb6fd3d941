//! Trees that try to get away, each ended by a stop. That they get away where nobody holds them is shown beside
//! the job itself, in `handfast-sys`.

use crate::stage::{manager, play, puppet};
use std::time::Duration;

/// Starts a tree, waits until so many of its members have said a line, and stops it.
async fn stopped(script: &str, lines: usize, members: usize) {
    let manager = manager();
    let mut played = play(&manager, puppet(script).grace(Duration::ZERO)).await;
    played.said_all(lines).await;
    let receipt = manager.stop_process(played.handle).await.unwrap();
    assert_eq!(receipt.survivors, []);
    assert!(receipt.members_before >= members, "{receipt:?}");
    played.until_all_are_gone().await;
}

#[tokio::test]
async fn detached_children_in_groups_of_their_own_are_ended() {
    stopped("detached [ say a park ] detached [ say b park ] park", 2, 3).await;
}

#[tokio::test]
async fn grandchildren_of_a_dead_parent_are_ended() {
    stopped("spawn [ spawn [ say orphan park ] ] park", 1, 2).await;
}

#[tokio::test]
async fn nobody_breaks_away() {
    let manager = manager();
    let config = puppet("breakaway [ say away park ] say up park").grace(Duration::ZERO);
    let mut played = play(&manager, config).await;
    // ERROR_ACCESS_DENIED.
    assert_eq!(played.said().await, "refused-5");
    assert_eq!(played.said().await, "up");
    manager.stop_process(played.handle).await.unwrap();
    played.until_all_are_gone().await;
}

#[tokio::test]
async fn suspended_members_are_ended() {
    stopped("suspended [ say never ] say up park", 1, 2).await;
}

#[tokio::test]
async fn members_that_ignore_ctrl_break_are_ended() {
    stopped("spawn [ deaf say a park ] deaf say b park", 2, 2).await;
}

#[tokio::test]
async fn a_chain_of_parents_that_end_is_ended() {
    let chain = "spawn [ spawn [ spawn [ spawn [ say last park ] ] ] ]";
    stopped(&format!("{chain} park"), 1, 2).await;
}

#[tokio::test]
async fn heavy_three_hundred_members_are_ended() {
    stopped("spawn-many 299 [ say one park ] say leader park", 300, 300).await;
}

//! The trees of a reaper that was lost: they live on, listed, watched and held as before.

use std::time::Instant;

use handfast::{Cause, ProcessStatus, Rung, Scope};
use testkit::{Oracle, PATIENCE};

use crate::stage::{HARMLESS, kill_reaper, manager, reaper, start, watched_again};

/// A leader, a child in its session, and a daemon.
const FAMILY: &str = "join ORACLE spawn [ join-same park ] fork-daemon [ join-same park ] park";

/// What stays in its leader's session, so that every rung holds it.
const SESSION: &str = "join ORACLE spawn [ join-same park ] park";

/// What of a family the rung can hold.
fn family(rung: Rung) -> (&'static str, usize) {
    if rung == Rung::Group {
        (SESSION, 2)
    } else {
        (FAMILY, 3)
    }
}

pub(crate) async fn it_is_replaced_and_the_trees_live_on(rung: Rung) {
    let (oracle, manager) = (Oracle::new(), manager(rung));
    let (words, members) = family(rung);
    let mut handles = Vec::new();
    for _ in 0..3 {
        handles.push(start(&manager, &oracle, words, members).await);
    }
    let listed = |handle| {
        let mut pids = manager.members(handle).unwrap();
        pids.sort_unstable();
        pids
    };
    let before: Vec<_> = handles.iter().map(|one| listed(*one)).collect();
    let lost = manager.reaper_pids();
    kill_reaper(&manager);
    let begun = Instant::now();
    for handle in &handles {
        watched_again(&manager, *handle).await;
    }
    eprintln!(
        "{rung}: 3 trees under watch again after {:?}",
        begun.elapsed()
    );
    assert_ne!(manager.reaper_pids(), lost);
    assert_eq!(oracle.alive(), 3 * members);
    let after: Vec<_> = handles.iter().map(|one| listed(*one)).collect();
    assert_eq!(after, before);
    assert!(
        before.iter().all(|pids| pids.len() == members),
        "{before:?}"
    );
    for handle in handles {
        assert!(matches!(
            manager.query_status(handle).unwrap(),
            ProcessStatus::Running { .. }
        ));
    }
}

pub(crate) async fn every_scope_of_a_signal_still_reaches(rung: Rung) {
    let (oracle, manager) = (Oracle::new(), manager(rung));
    let (words, members) = family(rung);
    let handle = start(&manager, &oracle, words, members).await;
    kill_reaper(&manager);
    watched_again(&manager, handle).await;
    let mut reached = Vec::new();
    for scope in [Scope::Leader, Scope::Group, Scope::Tree] {
        reached.push(manager.signal(handle, HARMLESS, scope).await.unwrap());
    }
    let tree = u32::try_from(members).unwrap();
    assert_eq!(reached[0], 1);
    assert!(reached[1] >= 1, "{reached:?}");
    assert_eq!(reached[2], tree);
}

pub(crate) async fn an_exit_code_after_the_loss_is_exact(rung: Rung) {
    const USR1: i32 = 10;
    let (oracle, manager) = (Oracle::new(), manager(rung));
    let words = "on USR1 [ exit 7 ] join ORACLE park";
    let coded = start(&manager, &oracle, words, 1).await;
    let killed = start(&manager, &oracle, "join ORACLE park", 1).await;
    kill_reaper(&manager);
    for handle in [coded, killed] {
        watched_again(&manager, handle).await;
    }
    manager.signal(coded, USR1, Scope::Leader).await.unwrap();
    manager.signal(killed, USR1, Scope::Leader).await.unwrap();
    let ended = manager.wait(coded).await.unwrap();
    assert_eq!((ended.exit_code, ended.cause), (Some(7), Cause::Itself));
    let ended = manager.wait(killed).await.unwrap();
    assert_eq!((ended.exit_code, ended.signal), (None, Some(USR1)));
    assert_eq!(ended.cause, Cause::Signal { signal: USR1 });
    for handle in [coded, killed] {
        assert!(manager.wait_tree(handle).await.unwrap().is_over());
    }
    assert!(manager.list_processes().is_empty());
}

pub(crate) async fn a_stop_after_the_loss_asks_and_verifies(rung: Rung) {
    let (oracle, manager) = (Oracle::new(), manager(rung));
    let (words, members) = family(rung);
    let handle = start(&manager, &oracle, words, members).await;
    kill_reaper(&manager);
    // The grace is longer than a test may take: asking alone must do.
    let receipt = manager.stop_process(handle).await.unwrap();
    assert_eq!((receipt.members_before, receipt.asked), (members, members));
    assert_eq!((receipt.killed, receipt.survivors.len()), (0, 0));
    let ProcessStatus::Terminated { signal, cause, .. } = receipt.status else {
        panic!("{receipt:?}")
    };
    assert_eq!((signal, cause), (Some(15), Cause::Stop));
    assert!(oracle.wait_empty(PATIENCE));
}

pub(crate) async fn a_kill_after_the_loss_verifies(rung: Rung) {
    let (oracle, manager) = (Oracle::new(), manager(rung));
    let words = "ignore TERM join ORACLE spawn [ join-same park ] park";
    let handle = start(&manager, &oracle, words, 2).await;
    kill_reaper(&manager);
    watched_again(&manager, handle).await;
    let receipt = manager.kill(handle).await.unwrap();
    assert_eq!((receipt.killed, receipt.survivors.len()), (2, 0));
    assert!(oracle.wait_empty(PATIENCE));
}

pub(crate) async fn a_tree_without_its_leader_is_still_held(rung: Rung) {
    let (oracle, manager) = (Oracle::new(), manager(rung));
    let words = "fork-daemon [ join ORACLE park ] exit 5";
    let handle = start(&manager, &oracle, words, 1).await;
    assert_eq!(manager.wait(handle).await.unwrap().exit_code, Some(5));
    kill_reaper(&manager);
    watched_again(&manager, handle).await;
    assert_eq!(manager.members(handle).unwrap().len(), 1);
    assert_eq!(oracle.alive(), 1);
    let receipt = manager.stop_process(handle).await.unwrap();
    assert_eq!((receipt.asked, receipt.survivors.len()), (1, 0));
    assert!(oracle.wait_empty(PATIENCE));
    let ProcessStatus::Exited { exit_code: 5, .. } = receipt.status else {
        panic!("{receipt:?}")
    };
}

pub(crate) async fn in_a_namespace_they_died_and_it_is_said(rung: Rung) {
    let (oracle, manager) = (Oracle::new(), manager(rung));
    let running = start(&manager, &oracle, FAMILY, 3).await;
    let detached = "fork-daemon [ join ORACLE park ] exit 5";
    let detached = start(&manager, &oracle, detached, 1).await;
    manager.wait(detached).await.unwrap();
    kill_reaper(&manager);
    let status = manager.wait_tree(running).await.unwrap();
    let ProcessStatus::Terminated { signal, cause, .. } = status else {
        panic!("{status:?}")
    };
    assert_eq!((signal, cause), (Some(9), Cause::ReaperLost));
    // How its leader ended was known before.
    let status = manager.wait_tree(detached).await.unwrap();
    assert!(matches!(status, ProcessStatus::Exited { exit_code: 5, .. }));
    assert!(oracle.wait_empty(PATIENCE));
    assert!(manager.list_processes().is_empty());
}

pub(crate) async fn starting_again_works(rung: Rung) {
    let (oracle, manager) = (Oracle::new(), manager(rung));
    let (words, members) = family(rung);
    start(&manager, &oracle, words, members).await;
    for _ in 0..3 {
        kill_reaper(&manager);
        let handle = start(&manager, &oracle, words, members).await;
        assert_eq!(manager.members(handle).unwrap().len(), members);
        let receipt = manager.kill(handle).await.unwrap();
        assert!(receipt.survivors.is_empty());
    }
}

pub(crate) async fn the_owners_end_after_the_loss_ends_all(rung: Rung) {
    let (oracle, manager) = (Oracle::new(), manager(rung));
    let (words, members) = family(rung);
    let handle = start(&manager, &oracle, words, members).await;
    kill_reaper(&manager);
    watched_again(&manager, handle).await;
    let next = reaper(&manager);
    drop(manager);
    assert!(oracle.wait_empty(PATIENCE));
    crate::stage::ended(&next);
}

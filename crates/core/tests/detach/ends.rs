//! What ends a detached process: its store, `clean`, and not its former manager.

use crate::stage::{Gate, host, manager, puppet, rung, said, start, store, stubborn, two, until};
use handfast::config::{Lifetime, Output};
use handfast::{Cause, LookupError, ProcessStatus};
use std::time::{Duration, Instant};
use testkit::{Oracle, PATIENCE};

#[tokio::test]
async fn a_manager_that_ends_takes_only_its_own_along() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let [left, detached, others] = [Oracle::new(), Oracle::new(), Oracle::new()];
    start(&one, stubborn(&detached)).await;
    one.detach(&host()).unwrap();
    start(&one, stubborn(&left)).await;
    let kept = start(&other, stubborn(&others)).await;
    for oracle in [&left, &detached, &others] {
        assert!(oracle.wait_joined(1, PATIENCE));
    }
    let reapers = other.reaper_pids();
    assert_eq!(one.reaper_pids(), reapers, "they share them");
    drop(one);
    // Control: what was not detached ends with its manager, by the same reaper.
    assert!(left.wait_empty(PATIENCE));
    assert_eq!((detached.alive(), others.alive()), (1, 1));
    assert_eq!(other.reaper_pids(), reapers);
    assert!(matches!(
        other.query_status(kept),
        Ok(ProcessStatus::Running { .. })
    ));
    // The last manager is not the last owner.
    drop(other);
    assert!(others.wait_empty(PATIENCE));
    assert_eq!(detached.alive(), 1);
    drop(store);
    assert!(detached.wait_empty(PATIENCE));
}

/// Whether what is left is asked and has its grace, by a manager's end or by the store's.
async fn asks_and_gives_the_grace(of_store: bool) {
    const GRACE: Duration = Duration::from_millis(400);
    let Some((store, one, other)) = two() else {
        return;
    };
    let [asked, deaf] = [Oracle::new(), Oracle::new()];
    let (asked_dir, deaf_dir) = (asked.dir().display(), deaf.dir().display());
    let words = format!(
        "on TERM [ join {asked_dir} exit 0 ] spawn [ ignore TERM join {deaf_dir} park ] say ready park"
    );
    let config = puppet(&words).stdout(Output::Captured).grace(GRACE);
    let handle = start(&one, config).await;
    said(&one, handle, "ready").await;
    assert!(deaf.wait_joined(1, PATIENCE));
    let begun = Instant::now();
    if of_store {
        one.detach(&host()).unwrap();
        drop((one, other, store));
    } else {
        drop(one);
    }
    assert!(asked.wait_joined(1, PATIENCE), "nobody was asked");
    assert!(deaf.wait_empty(PATIENCE));
    assert!(begun.elapsed() >= GRACE, "killed before its grace was over");
}

#[tokio::test]
async fn a_managers_end_asks_and_gives_the_grace() {
    asks_and_gives_the_grace(false).await;
}

#[tokio::test]
async fn the_stores_end_asks_and_gives_the_grace() {
    asks_and_gives_the_grace(true).await;
}

#[tokio::test]
async fn clean_ends_what_is_detached_of_an_owner() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let [gone, kept] = [Oracle::new(), Oracle::new()];
    let handle = start(&one, stubborn(&gone).lifetime(Lifetime::User)).await;
    assert!(gone.wait_joined(1, PATIENCE));
    one.detach(&host()).unwrap();
    start(&other, stubborn(&kept)).await;
    assert!(kept.wait_joined(1, PATIENCE));
    let receipts = store.clean(&host()).await;
    let [receipt] = &receipts[..] else {
        panic!("one was detached: {receipts:?}")
    };
    assert_eq!((receipt.handle, receipt.survivors.len()), (handle, 0));
    assert_eq!((gone.alive(), kept.alive()), (0, 1));
    let status = store.query_status(handle).unwrap();
    let by = matches!(
        status,
        ProcessStatus::Terminated {
            cause: Cause::Cleaned,
            ..
        }
    );
    assert!(by, "{status:?}");
    assert_eq!(store.clean_all().await, []);
    let back = other.reattach(&host()).unwrap();
    assert_eq!((back.reattached, back.ended), (0, vec![handle]));
}

/// It was condemned before: who reattaches while it still has its grace does not get it.
#[tokio::test]
async fn nobody_gets_back_what_is_being_cleaned() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let (asked, gate) = (Oracle::new(), Gate::new());
    let (dir, path) = (asked.dir().display(), gate.path());
    let words = format!(
        "on TERM [ join {dir} gate {} exit 0 ] say ready park",
        path.display()
    );
    let config = puppet(&words).stdout(Output::Captured).grace(PATIENCE);
    let handle = start(&one, config).await;
    said(&one, handle, "ready").await;
    one.detach(&host()).unwrap();
    let mut clean = tokio::spawn({
        let store = store.clone();
        async move { store.clean_all().await }
    });
    let asked = tokio::task::spawn_blocking(move || asked.wait_joined(1, PATIENCE));
    assert!(asked.await.unwrap());
    assert_eq!(other.reattach(&host()), Ok(Default::default()));
    assert_eq!(
        other.query_status(handle),
        Err(LookupError::Detached { handle })
    );
    // Who stops waiting for it stops nothing.
    clean.abort();
    assert!((&mut clean).await.unwrap_err().is_cancelled());
    let mut changes = store.subscribe();
    gate.open().await;
    until(&mut changes, handle, "terminated").await;
    assert_eq!(other.reattach(&host()).unwrap().ended, [handle]);
}

#[tokio::test]
async fn the_store_outlives_its_managers_and_ends_everything_at_last() {
    let Some(rung) = rung() else { return };
    let (store, oracle) = (store(), Oracle::new());
    let mut managers = Vec::new();
    for _ in 0..3 {
        let manager = manager(&store, rung);
        start(&manager, stubborn(&oracle)).await;
        manager.detach(&host()).unwrap();
        managers.push(manager);
    }
    assert!(oracle.wait_joined(3, PATIENCE));
    managers.truncate(1);
    let clone = store.clone();
    drop(store);
    assert_eq!(oracle.alive(), 3, "a clone of the store is left");
    drop(clone);
    assert_eq!(oracle.alive(), 3, "a manager of the store is left");
    let [manager] = &managers[..] else { return };
    assert_eq!(manager.reattach(&host()).unwrap().reattached, 3);
    manager.detach(&host()).unwrap();
    drop(managers);
    assert!(oracle.wait_empty(PATIENCE));
}

/// A thousand are told at once, without waiting for any.
#[tokio::test]
async fn a_manager_with_many_takes_all_along() {
    let Some((_store, one, other)) = two() else {
        return;
    };
    let [ours, theirs] = [Oracle::new(), Oracle::new()];
    let mut starts = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (one, config) = (one.clone(), stubborn(&ours).build());
        starts.spawn(async move { one.start_process(config).await.unwrap() });
    }
    start(&other, stubborn(&theirs)).await;
    starts.join_all().await;
    assert!(ours.wait_joined(200, PATIENCE) && theirs.wait_joined(1, PATIENCE));
    drop(one);
    assert!(ours.wait_empty(PATIENCE), "{} are left", ours.alive());
    assert_eq!(theirs.alive(), 1);
}

#[tokio::test]
async fn shutdown_ends_what_is_attached_and_closes_only_this_manager() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let [left, detached] = [Oracle::new(), Oracle::new()];
    let away = start(&one, stubborn(&detached)).await;
    one.detach(&host()).unwrap();
    let own = start(&one, stubborn(&left)).await;
    assert!(left.wait_joined(1, PATIENCE) && detached.wait_joined(1, PATIENCE));
    let receipts = one.shutdown_within(Duration::ZERO).await;
    assert_eq!(receipts.iter().map(|r| r.handle).collect::<Vec<_>>(), [own]);
    assert_eq!((left.alive(), detached.alive()), (0, 1));
    assert_eq!(
        one.reattach(&host()),
        Err(handfast::detached::DetachError::Closed)
    );
    assert_eq!(store.list_processes()[0].handle, away);
    assert_eq!(other.reattach(&host()).unwrap().handles, [away]);
    let fresh = start(&other, puppet("park")).await;
    assert!(other.query_status(fresh).is_ok(), "the reapers go on");
}

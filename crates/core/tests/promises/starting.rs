//! Starts that meet each other, a stop, or somebody who stops waiting.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use handfast::{Cause, ProcessStatus, Rung};
use handfast_sys::proc::Stat;
use testkit::Oracle;
use tokio::task::JoinSet;

use crate::stage::{Held, Named, Stage, apart, builder, puppet, succeed};

#[tokio::test]
async fn sixty_four_starts_at_once_are_sixty_four_processes() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let oracle = Oracle::new();
    let join = format!("join {} park", oracle.dir().display());
    let mut starts = JoinSet::new();
    for number in 0..64 {
        let manager = stage.manager.clone();
        let config = puppet(&join).env("NUMBER", number.to_string()).build();
        starts.spawn(async move { manager.start_process(config).await.unwrap() });
    }
    let handles: BTreeSet<_> = starts.join_all().await.into_iter().collect();
    assert_eq!(handles.len(), 64);
    let listed = stage.manager.list_processes();
    let listed_handles: BTreeSet<_> = listed.iter().map(|info| info.handle).collect();
    assert_eq!(listed_handles, handles);
    // The configs were not mixed up.
    let numbers: BTreeSet<_> = listed
        .iter()
        .filter_map(|info| {
            info.config
                .environment()
                .get("NUMBER")
                .map(ToOwned::to_owned)
        })
        .collect();
    assert_eq!(numbers.len(), 64);
    assert!(oracle.wait_joined(64, testkit::PATIENCE));
    let receipts = stage.manager.shutdown().await;
    assert_eq!(receipts.len(), 64);
    for receipt in receipts {
        assert_eq!((receipt.members_before, receipt.survivors.len()), (1, 0));
    }
    assert!(oracle.wait_empty(testkit::PATIENCE));
}

#[tokio::test]
async fn a_start_that_nobody_waits_for_any_more_leaves_nothing() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let oracle = Oracle::new();
    let join = format!("join {} park", oracle.dir().display());
    for _ in 0..20 {
        let reaper = Held::new(&stage);
        {
            let mut start = pin!(stage.manager.start_process(puppet(&join).build()));
            let mut context = Context::from_waker(Waker::noop());
            // Until it has been asked for: then it is listed.
            while stage.manager.list_processes().is_empty() {
                assert!(start.as_mut().poll(&mut context).is_pending());
                tokio::task::yield_now().await;
            }
        }
        let handle = stage.manager.list_processes()[0].handle;
        drop(reaper);
        let status = stage.manager.wait_tree(handle).await.unwrap();
        assert!(
            matches!(
                status,
                ProcessStatus::Terminated {
                    cause: Cause::Kill,
                    ..
                }
            ),
            "{status:?}"
        );
        assert!(stage.manager.list_processes().is_empty());
    }
    assert!(oracle.wait_empty(testkit::PATIENCE));
}

#[tokio::test]
async fn a_stop_during_the_start_is_carried_out_after_it() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let oracle = Oracle::new();
    let join = format!("join {} park", oracle.dir().display());
    let reaper = Held::new(&stage);
    let manager = stage.manager.clone();
    let start =
        tokio::spawn(async move { manager.start_process(puppet(&join).build()).await.unwrap() });
    while stage.manager.list_processes().is_empty() {
        tokio::task::yield_now().await;
    }
    let info = &stage.manager.list_processes()[0];
    assert_eq!(info.status, ProcessStatus::Starting);
    let handle = info.handle;
    let mut stop = pin!(stage.manager.stop_process(handle));
    let mut context = Context::from_waker(Waker::noop());
    assert!(stop.as_mut().poll(&mut context).is_pending());
    drop(reaper);
    let receipt = stop.await.unwrap();
    assert!(receipt.survivors.is_empty());
    assert!(
        matches!(
            receipt.status,
            ProcessStatus::Terminated {
                cause: Cause::Stop,
                ..
            }
        ),
        "{receipt:?}"
    );
    assert_eq!(start.await.unwrap(), handle);
    assert!(oracle.wait_empty(testkit::PATIENCE));
}

/// The reapers that this process has started, alive.
fn reapers() -> Vec<u32> {
    let all = handfast_sys::proc::all().expect("processes can be listed");
    let own = std::process::id().cast_signed();
    let is_ours = |stat: &Stat| stat.parent == own && stat.is_alive();
    all.iter()
        .filter(|stat| is_ours(stat) && stat.name.starts_with("handfast"))
        .map(|stat| stat.pid.cast_unsigned())
        .collect()
}

#[tokio::test]
async fn a_manager_that_ends_while_its_reaper_is_being_started_leaves_none() {
    let path = "starting::a_manager_that_ends_while_its_reaper_is_being_started_leaves_none";
    if let Some(again) = apart(path) {
        return succeed(again.command());
    }
    // A rung that works everywhere: which one does not matter.
    let manager = builder().force(Rung::Subreaper).build().unwrap();
    {
        let mut start = pin!(manager.start_process(puppet("park").build()));
        let mut context = Context::from_waker(Waker::noop());
        while reapers().is_empty() {
            assert!(start.as_mut().poll(&mut context).is_pending());
            tokio::task::yield_now().await;
        }
    }
    drop(manager);
    while let Some(pid) = reapers().first() {
        assert!(Named::open(*pid).wait_end(testkit::PATIENCE).await);
    }
}

//! What is kept of a process that is over: enough to answer, and no more than was allowed.

use std::time::Duration;

use handfast::{LookupError, ProcessStatus};

use crate::stage::{Stage, builder, puppet, sh};

#[tokio::test]
async fn as_many_tombstones_are_kept_as_were_allowed_and_the_oldest_go_first() {
    let Some(stage) = Stage::open_with(builder().tombstones(3)).await else {
        return;
    };
    let mut handles = Vec::new();
    for code in 0..6 {
        let handle = stage.start(sh(&format!("exit {code}"))).await;
        stage.manager.wait_tree(handle).await.unwrap();
        handles.push(handle);
    }
    for (code, handle) in handles.iter().enumerate() {
        match (code, stage.manager.query_status(*handle)) {
            (0..3, answer) => {
                // Told apart from what never was.
                assert_eq!(answer, Err(LookupError::Forgotten { handle: *handle }));
                let stop = stage.manager.stop_process(*handle).await;
                assert_eq!(stop.unwrap_err().code(), "process.forgotten");
            }
            (code, Ok(ProcessStatus::Exited { exit_code, .. })) => {
                assert_eq!(usize::try_from(exit_code), Ok(code));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn what_runs_is_never_forgotten() {
    let Some(stage) = Stage::open_with(builder().tombstones(0)).await else {
        return;
    };
    let running = stage.start(puppet("park")).await;
    for _ in 0..5 {
        let other = stage.start(puppet("park")).await;
        stage.manager.kill(other).await.unwrap();
    }
    assert!(stage.manager.query_status(running).is_ok());
    // Who waits for the end hears of it, even if nothing is kept of it.
    assert!(stage.manager.kill(running).await.unwrap().status.is_over());
    assert_eq!(
        stage.manager.query_status(running),
        Err(LookupError::Forgotten { handle: running })
    );
}

#[tokio::test]
async fn a_tombstone_is_kept_for_as_long_as_was_allowed() {
    for (age, is_kept) in [(Duration::ZERO, false), (Duration::from_secs(3600), true)] {
        let Some(stage) = Stage::open_with(builder().tombstone_age(age)).await else {
            return;
        };
        let handle = stage.start(sh("exit 0")).await;
        // By the changes, since its record may be gone as soon as it is over.
        let mut changes = stage.manager.subscribe();
        while !stage.manager.list_processes().is_empty() {
            changes.next().await.unwrap();
        }
        assert_eq!(stage.manager.query_status(handle).is_ok(), is_kept);
    }
}

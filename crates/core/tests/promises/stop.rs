//! A stop asks, waits, kills, verifies and says exactly what it did.

use std::time::{Duration, Instant};

use handfast::config::ProcessConfigBuilder;
use handfast::{Cause, ProcessHandle, ProcessStatus, Receipt, Scope};
use testkit::Oracle;

use crate::stage::{Lines, Stage, puppet, sh};

/// Longer than any test runs: who waits for all of it fails.
const LONG: Duration = Duration::from_secs(3600);

const SHORT: Duration = Duration::from_millis(100);

/// The figures of a receipt: members before, asked, killed, survivors.
fn figures(receipt: &Receipt) -> (usize, usize, usize, usize) {
    let survivors = receipt.survivors.len();
    (
        receipt.members_before,
        receipt.asked,
        receipt.killed,
        survivors,
    )
}

/// A leader with two members, all of which end when asked.
async fn family(stage: &Stage) -> (ProcessHandle, Lines) {
    let (handle, mut lines) = stage
        .start_talking(puppet(
            "spawn [ say up park ] spawn [ say up park ] say up park",
        ))
        .await;
    for _ in 0..3 {
        assert_eq!(lines.next().await.as_deref(), Some("up"));
    }
    (handle, lines)
}

fn terminated(status: &ProcessStatus) -> (Option<i32>, Option<i32>, Cause) {
    let ProcessStatus::Terminated {
        signal,
        exit_code,
        cause,
        ..
    } = status
    else {
        unreachable!("{status:?}")
    };
    (*signal, *exit_code, *cause)
}

fn deaf() -> ProcessConfigBuilder {
    puppet("ignore TERM say ready park")
}

#[tokio::test]
async fn a_stop_asks_and_what_ends_then_is_not_killed() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let config = puppet("on TERM [ say asked exit 3 ] say ready park").grace(LONG);
    let (handle, mut lines) = stage.start_ready(config).await;
    let receipt = stage.manager.stop_process(handle).await.unwrap();
    assert_eq!(figures(&receipt), (1, 1, 0, 0));
    assert_eq!(terminated(&receipt.status), (None, Some(3), Cause::Stop));
    assert_eq!(lines.rest().await, ["asked"]);
    assert_eq!((receipt.handle, receipt.rung), (handle, stage.rung));
    assert_eq!(receipt.grade, stage.rung.grade());
}

#[tokio::test]
async fn what_does_not_end_when_asked_is_killed_after_the_grace() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let (handle, mut lines) = stage.start_ready(deaf().grace(SHORT)).await;
    let begun = Instant::now();
    let receipt = stage.manager.stop_process(handle).await.unwrap();
    assert!(begun.elapsed() >= SHORT && receipt.took >= SHORT);
    assert_eq!(figures(&receipt), (1, 1, 1, 0));
    assert_eq!(terminated(&receipt.status), (Some(9), None, Cause::Stop));
    assert_eq!(lines.next().await, None);
}

#[tokio::test]
async fn the_whole_tree_is_stopped() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let (handle, mut lines) = family(&stage).await;
    let receipt = stage.manager.stop_process(handle).await.unwrap();
    assert_eq!(figures(&receipt), (3, 3, 0, 0));
    // Each of them held the output.
    assert_eq!(lines.next().await, None);
}

#[tokio::test]
async fn a_tree_of_deaf_members_is_killed_whole() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let member = "spawn [ say up park ]";
    let script = format!("ignore TERM {member} {member} {member} say up park");
    let (handle, mut lines) = stage.start_talking(puppet(&script)).await;
    for _ in 0..4 {
        assert_eq!(lines.next().await.unwrap(), "up");
    }
    let receipt = stage
        .manager
        .stop_process_within(handle, SHORT)
        .await
        .unwrap();
    assert_eq!(figures(&receipt), (4, 4, 4, 0));
    assert_eq!(lines.next().await, None);
}

#[tokio::test]
async fn stopping_what_is_over_is_no_error_and_changes_nothing() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let (handle, _lines) = family(&stage).await;
    let first = stage.manager.stop_process(handle).await.unwrap();
    for _ in 0..3 {
        let again = stage.manager.stop_process(handle).await.unwrap();
        assert_eq!(figures(&again), (0, 0, 0, 0));
        assert_eq!(again.status, first.status);
        let again = stage.manager.kill(handle).await.unwrap();
        assert_eq!(again.status, first.status);
    }
    let handle = stage.start(sh("exit 5")).await;
    let exited = stage.manager.wait_tree(handle).await.unwrap();
    let receipt = stage.manager.stop_process(handle).await.unwrap();
    assert_eq!(receipt.status, exited);
    assert_eq!(figures(&receipt), (0, 0, 0, 0));
}

#[tokio::test]
async fn stops_at_the_same_time_are_one_stop() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let config = puppet("on TERM [ say asked ] say ready park").grace(SHORT);
    let (handle, mut lines) = stage.start_ready(config).await;
    let stops: Vec<_> = (0..8)
        .map(|_| {
            let manager = stage.manager.clone();
            tokio::spawn(async move { manager.stop_process(handle).await.unwrap() })
        })
        .collect();
    for stop in stops {
        let receipt = stop.await.unwrap();
        assert_eq!(figures(&receipt), (1, 1, 1, 0));
        assert_eq!(terminated(&receipt.status), (Some(9), None, Cause::Stop));
    }
    assert_eq!(lines.rest().await, ["asked"]);
}

#[tokio::test]
async fn members_are_stopped_when_their_leader_is_gone_already() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let (handle, mut lines) = stage
        .start_ready(puppet("spawn [ say ready park ] exit 7"))
        .await;
    let ended = stage.manager.wait(handle).await.unwrap();
    let receipt = stage.manager.stop_process(handle).await.unwrap();
    assert_eq!(figures(&receipt), (1, 1, 0, 0));
    let exit_time = ended.exit_time;
    assert_eq!(
        receipt.status,
        ProcessStatus::Exited {
            exit_code: 7,
            exit_time
        }
    );
    assert_eq!(lines.next().await, None);
}

#[tokio::test]
async fn stopped_processes_are_woken_up_so_that_they_can_end_themselves() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let answer = "on TERM [ say asked exit 4 ]";
    let script = format!("{answer} spawn [ {answer} say up park ] say up park");
    let (handle, mut lines) = stage.start_talking(puppet(&script).grace(LONG)).await;
    for _ in 0..2 {
        assert_eq!(lines.next().await.unwrap(), "up");
    }
    let reached = stage.manager.signal(handle, 19, Scope::Tree).await.unwrap();
    assert_eq!(reached, 2);
    let receipt = stage.manager.stop_process(handle).await.unwrap();
    assert_eq!(figures(&receipt), (2, 2, 0, 0));
    assert_eq!(terminated(&receipt.status), (None, Some(4), Cause::Stop));
    assert_eq!(lines.rest().await, ["asked", "asked"]);
}

#[tokio::test]
async fn stopped_processes_that_are_deaf_are_killed() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let (handle, mut lines) = stage.start_ready(deaf().grace(SHORT)).await;
    stage.manager.signal(handle, 19, Scope::Tree).await.unwrap();
    let receipt = stage.manager.stop_process(handle).await.unwrap();
    assert_eq!(figures(&receipt), (1, 1, 1, 0));
    assert_eq!(lines.next().await, None);
}

#[tokio::test]
async fn no_grace_means_that_nobody_is_asked() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let config = puppet("on TERM [ say asked ] say ready park");
    for by_config in [true, false] {
        let config = config
            .clone()
            .grace(if by_config { Duration::ZERO } else { LONG });
        let (handle, mut lines) = stage.start_ready(config).await;
        let receipt = if by_config {
            stage.manager.stop_process(handle).await.unwrap()
        } else {
            let none = Duration::ZERO;
            stage
                .manager
                .stop_process_within(handle, none)
                .await
                .unwrap()
        };
        assert_eq!(figures(&receipt), (1, 0, 1, 0));
        assert_eq!(terminated(&receipt.status), (Some(9), None, Cause::Stop));
        assert!(lines.rest().await.is_empty());
    }
}

#[tokio::test]
async fn a_second_stop_may_shorten_the_wait() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let (handle, _lines) = stage.start_ready(deaf().grace(LONG)).await;
    let manager = stage.manager.clone();
    let patient = tokio::spawn(async move { manager.stop_process(handle).await.unwrap() });
    let second = stage.manager.stop_process_within(handle, SHORT).await;
    assert_eq!(figures(&second.unwrap()), (1, 1, 1, 0));
    assert_eq!(patient.await.unwrap().killed, 1);
    // A kill does as well.
    let (handle, _lines) = stage.start_ready(deaf().grace(LONG)).await;
    let manager = stage.manager.clone();
    let patient = tokio::spawn(async move { manager.stop_process(handle).await.unwrap() });
    tokio::task::yield_now().await;
    stage.manager.kill(handle).await.unwrap();
    let status = patient.await.unwrap().status;
    assert_eq!(terminated(&status).0, Some(9));
}

#[tokio::test]
async fn a_second_stop_never_lengthens_the_wait() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let (handle, _lines) = stage.start_ready(deaf().grace(SHORT)).await;
    let manager = stage.manager.clone();
    let first = tokio::spawn(async move { manager.stop_process(handle).await.unwrap() });
    tokio::task::yield_now().await;
    let second = stage.manager.stop_process_within(handle, LONG).await;
    assert_eq!(figures(&second.unwrap()), (1, 1, 1, 0));
    assert_eq!(first.await.unwrap().killed, 1);
}

#[tokio::test]
async fn a_stop_goes_on_when_nobody_waits_for_it_any_more() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let oracle = Oracle::new();
    let join = format!("join {} ignore TERM say ready park", oracle.dir().display());
    let (handle, mut lines) = stage.start_ready(puppet(&join).grace(SHORT)).await;
    assert_eq!(oracle.alive(), 1);
    {
        let stop = std::pin::pin!(stage.manager.stop_process(handle));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(stop.poll(&mut context).is_pending());
    }
    let status = stage.manager.wait_tree(handle).await.unwrap();
    assert_eq!(terminated(&status), (Some(9), None, Cause::Stop));
    assert_eq!(lines.next().await, None);
    assert!(oracle.wait_empty(testkit::PATIENCE));
}

#[tokio::test]
async fn what_was_stopped_is_in_no_active_list_and_still_answers() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let manager = &stage.manager;
    let (handle, _lines) = family(&stage).await;
    let listed = manager.list_processes();
    assert_eq!(listed.len(), 1);
    let receipt = manager.stop_process(handle).await.unwrap();
    assert!(manager.list_processes().is_empty());
    assert_eq!(manager.query_status(handle), Ok(receipt.status.clone()));
    assert_eq!(manager.info(handle).unwrap().status, receipt.status);
    assert_eq!(manager.wait_tree(handle).await, Ok(receipt.status));
    assert_eq!(manager.wait(handle).await.unwrap().cause, Cause::Stop);
    assert_eq!(manager.members(handle), Ok(vec![]));
    assert_eq!(manager.renew_lease(handle), Ok(()));
    assert!(manager.take_stdio(handle).is_ok());
    let over = manager.signal(handle, 15, Scope::Leader).await.unwrap_err();
    assert_eq!(over.code(), "signal.over");
}

//! How a process ended is known exactly, once and for good: code, signal, time, cause.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use handfast::config::{Lifetime, Output, Resource, Stdin};
use handfast::{Cause, ProcessStatus, Scope};
use tokio::task::JoinSet;

use crate::stage::{Stage, puppet, sh};

/// Longer than any test runs: only for what must be ended earlier by something else.
const LONG: Duration = Duration::from_secs(3600);

const SHORT: Duration = Duration::from_millis(100);

/// Signals whose default is not to end the process: CHLD, CONT, the four that stop, URG, WINCH.
const HARMLESS: [i32; 8] = [17, 18, 19, 20, 21, 22, 23, 28];

#[tokio::test]
async fn every_exit_code_comes_back_as_it_was() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let mut running = JoinSet::new();
    for code in 0..=255 {
        let manager = stage.manager.clone();
        running.spawn(async move {
            let config = sh(&format!("exit {code}")).build();
            let handle = manager.start_process(config).await.unwrap();
            (code, manager.wait_tree(handle).await.unwrap())
        });
    }
    while let Some(done) = running.join_next().await {
        let (code, status) = done.unwrap();
        let ProcessStatus::Exited { exit_code, .. } = status else {
            panic!("{code}: {status:?}")
        };
        assert_eq!(exit_code, code);
    }
}

#[tokio::test]
async fn every_signal_that_ends_a_process_comes_back_as_it_was() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let mut ended = BTreeMap::new();
    let mut wanted = BTreeMap::new();
    for signal in (1..=64).filter(|signal| !HARMLESS.contains(signal)) {
        let none = 0.into();
        let config = sh(&format!("kill -{signal} $$; exit 9")).limit(Resource::Core, none, none);
        let handle = stage.start(config).await;
        let end = stage.manager.wait_tree(handle).await.unwrap();
        let ProcessStatus::Terminated {
            signal: died,
            exit_code,
            cause,
            ..
        } = end
        else {
            panic!("{signal}: {end:?}")
        };
        wanted.insert(signal, (Some(signal), None, Cause::Itself));
        ended.insert(signal, (died, exit_code, cause));
    }
    assert_eq!(ended, wanted);
}

#[tokio::test]
async fn the_time_of_the_end_is_that_of_the_end_and_stays_so() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let before = SystemTime::now();
    let handle = stage.start(sh("exit 0")).await;
    let ended = stage.manager.wait(handle).await.unwrap();
    let after = SystemTime::now();
    assert!(before <= ended.exit_time && ended.exit_time <= after);
    // Asked again later, and after others have come and gone, it is the same.
    stage.end_of(sh("exit 1")).await;
    let ProcessStatus::Exited { exit_time, .. } = stage.manager.wait_tree(handle).await.unwrap()
    else {
        panic!("it has exited")
    };
    assert_eq!(exit_time, ended.exit_time);
    assert_eq!(stage.manager.wait(handle).await.unwrap(), ended);
    assert!(stage.manager.info(handle).unwrap().start_time <= ended.exit_time);
}

#[tokio::test]
async fn who_ended_a_process_is_said() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let manager = &stage.manager;
    let start = async |lifetime| {
        let config = puppet("say ready park").lifetime(lifetime);
        stage.start_ready(config).await.0
    };
    let (stopped, killed) = (
        start(Lifetime::Session).await,
        start(Lifetime::Session).await,
    );
    let (signalled, leased) = (
        start(Lifetime::Session).await,
        start(Lifetime::Lease(SHORT)).await,
    );
    let (turn, rest) = (start(Lifetime::Turn).await, start(Lifetime::Session).await);
    manager.stop_process(stopped).await.unwrap();
    manager.kill(killed).await.unwrap();
    let reached = manager.signal(signalled, 10, Scope::Leader).await.unwrap();
    assert_eq!(reached, 1);
    manager.wait_tree(leased).await.unwrap();
    manager.end_turn().await;
    manager.shutdown().await;
    for (handle, signal, cause) in [
        (stopped, 15, Cause::Stop),
        (killed, 9, Cause::Kill),
        (signalled, 10, Cause::Signal { signal: 10 }),
        (leased, 15, Cause::LeaseOver),
        (turn, 15, Cause::TurnOver),
        (rest, 15, Cause::Shutdown),
    ] {
        let ended = manager.wait(handle).await.unwrap();
        let how = (ended.exit_code, ended.signal, ended.cause);
        assert_eq!(how, (None, Some(signal), cause));
        assert!(!ended.success());
    }
}

#[tokio::test]
async fn a_deadline_is_the_cause_whatever_code_the_child_chooses() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    for code in [0, 3, 124, 255] {
        let config = puppet(&format!("on TERM [ exit {code} ] park")).deadline(SHORT);
        let handle = stage.start(config.grace(LONG)).await;
        let status = stage.manager.wait_tree(handle).await.unwrap();
        let ProcessStatus::Terminated {
            signal,
            exit_code,
            cause,
            ..
        } = status
        else {
            panic!("{status:?}")
        };
        assert_eq!(
            (signal, exit_code, cause),
            (None, Some(code), Cause::Deadline)
        );
        assert!(!stage.manager.wait(handle).await.unwrap().success());
    }
    let deaf = puppet("ignore TERM park").deadline(SHORT).grace(SHORT);
    let ended = stage.end_of(deaf).await;
    assert_eq!((ended.signal, ended.cause), (Some(9), Cause::Deadline));
    // The negative control: a deadline that is not reached changes nothing.
    let ended = stage.end_of(sh("exit 124").deadline(LONG)).await;
    assert_eq!((ended.exit_code, ended.cause), (Some(124), Cause::Itself));
}

#[tokio::test]
async fn members_that_outlive_their_leader_keep_the_process_detached_with_its_code() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let config = puppet("spawn [ say-pid wait-eof ] exit 7").stdin(Stdin::Pipe);
    let handle = stage.start(config.stdout(Output::Pipe)).await;
    let stdio = stage.manager.take_stdio(handle).unwrap();
    let ended = stage.manager.wait(handle).await.unwrap();
    assert_eq!((ended.exit_code, ended.cause), (Some(7), Cause::Itself));
    let status = stage.manager.query_status(handle).unwrap();
    let ProcessStatus::RunningDetached {
        exit_code,
        signal,
        child_pids,
    } = status
    else {
        panic!("{status:?}")
    };
    assert_eq!((exit_code, signal, child_pids.len()), (Some(7), None, 1));
    assert_eq!(stage.manager.members(handle).unwrap(), child_pids);
    let listed = stage.manager.list_processes();
    assert!(listed.iter().any(|info| info.handle == handle));
    // With the last member the process is over, and its end is still that of its leader.
    drop(stdio.stdin);
    let status = stage.manager.wait_tree(handle).await.unwrap();
    let exit_time = ended.exit_time;
    assert_eq!(
        status,
        ProcessStatus::Exited {
            exit_code: 7,
            exit_time
        }
    );
}

#[tokio::test]
async fn a_leader_that_a_signal_ended_leaves_members_with_that_signal() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let (handle, _lines) = stage
        .start_ready(puppet("spawn [ say ready park ] die USR2"))
        .await;
    stage.manager.wait(handle).await.unwrap();
    let status = stage.manager.query_status(handle).unwrap();
    let ProcessStatus::RunningDetached {
        exit_code, signal, ..
    } = status
    else {
        panic!("{status:?}")
    };
    assert_eq!((exit_code, signal), (None, Some(12)));
}

/// The negative control of detaching: without members there is no such state, not for a moment.
#[tokio::test]
async fn a_process_without_members_is_never_called_detached() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let mut changes = stage.manager.subscribe();
    for _ in 0..20 {
        let handle = stage.start(sh("exit 0")).await;
        stage.manager.wait_tree(handle).await.unwrap();
    }
    let mut words = Vec::new();
    while words.len() < 40 {
        let change = changes.next().await.unwrap().unwrap();
        words.push(change.word);
    }
    assert_eq!(words, ["running", "exited"].repeat(20));
}

#[tokio::test]
async fn a_stopped_leader_is_reported_as_unresponsive_and_as_responsive_again() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let before = SystemTime::now();
    let config = puppet("say ready park").unresponsive_after(SHORT);
    let (handle, _lines) = stage.start_ready(config).await;
    let mut changes = stage.manager.subscribe();
    assert!(stage.manager.info(handle).unwrap().unresponsive.is_none());
    stage
        .manager
        .signal(handle, 19, Scope::Leader)
        .await
        .unwrap();
    let change = changes.next().await.unwrap().unwrap();
    assert_eq!((change.handle, change.word), (handle, "unresponsive"));
    let info = stage.manager.info(handle).unwrap();
    let unresponsive = info.unresponsive.unwrap();
    assert_eq!(unresponsive.state, 'T');
    let now = SystemTime::now();
    assert!(before <= unresponsive.since && unresponsive.since + SHORT <= now);
    // It is an attribute and no state.
    assert!(matches!(info.status, ProcessStatus::Running { .. }));
    stage
        .manager
        .signal(handle, 18, Scope::Leader)
        .await
        .unwrap();
    let change = changes.next().await.unwrap().unwrap();
    assert_eq!((change.handle, change.word), (handle, "responsive"));
    assert!(stage.manager.info(handle).unwrap().unresponsive.is_none());
}

#[tokio::test]
async fn a_leader_stuck_in_the_kernel_is_reported_with_its_state() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let mut changes = stage.manager.subscribe();
    let config = puppet("vfork-hang [ wait-eof ] park").stdin(Stdin::Pipe);
    let handle = stage.start(config.unresponsive_after(SHORT)).await;
    let mut words = Vec::new();
    while words.last() != Some(&"unresponsive") {
        words.push(changes.next().await.unwrap().unwrap().word);
    }
    let info = stage.manager.info(handle).unwrap();
    assert_eq!(info.unresponsive.unwrap().state, 'D');
    drop(stage.manager.take_stdio(handle).unwrap().stdin);
    let change = changes.next().await.unwrap().unwrap();
    assert_eq!(change.word, "responsive");
}

/// The negative control: what waits for its input is not unresponsive.
#[tokio::test]
async fn a_leader_that_sleeps_is_not_called_unresponsive() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let least = Duration::from_millis(1);
    let (handle, _lines) = stage
        .start_ready(puppet("say ready park").unresponsive_after(least))
        .await;
    // ABSENCE: no report, for many times as long as one takes.
    tokio::time::sleep(testkit::ABSENCE).await;
    assert!(stage.manager.info(handle).unwrap().unresponsive.is_none());
}

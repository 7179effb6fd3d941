//! The blocking face: the same verbs, for programs that have no runtime.

use std::io::{Read, Write};
use std::time::Duration;

use handfast::blocking::ProcessManager;
use handfast::config::{Lifetime, Output, Stdin};
use handfast::plugins::{ConfigurationPlugin, PluginError};
use handfast::{Cause, Missed, ProcessConfig, ProcessStatus, Rung, Scope, StartError};
use testkit::Oracle;

use crate::stage::{builder, expect_true, puppet, sh};

/// A manager on the forced rung; `None` where that cannot be had here.
fn manager() -> Option<ProcessManager> {
    let manager = ProcessManager::build(builder()).expect("a manager can be made");
    let forced = std::env::var("HANDFAST_FORCE").unwrap_or_default();
    let Ok(rung) = forced.parse::<Rung>() else {
        return Some(manager);
    };
    match manager.start_process(sh("exit 0").build()) {
        Ok(handle) => {
            manager.wait_tree(handle).expect("it has a record");
            Some(manager)
        }
        Err(StartError::Rung { source, .. }) => {
            expect_true(rung, &source);
            None
        }
        Err(other) => unreachable!("{other:?}"),
    }
}

#[test]
fn every_verb_works_outside_a_runtime() {
    let Some(manager) = manager() else { return };
    let config = puppet("say ready echo exit 3").stdin(Stdin::Pipe);
    let config = config.stdout(Output::Pipe).build();
    let handle = manager.start_process(config).unwrap();
    let mut pipes = manager.take_stdio(handle).unwrap();
    let mut stdin = pipes.stdin.take().unwrap();
    assert!(matches!(
        manager.query_status(handle),
        Ok(ProcessStatus::Running { .. })
    ));
    assert_eq!(manager.list_processes().len(), 1);
    assert_eq!(manager.members(handle).unwrap().len(), 1);
    assert_eq!(manager.wait_within(handle, Duration::ZERO).unwrap(), None);
    stdin.write_all(b"hello").unwrap();
    drop(stdin);
    let mut said = String::new();
    pipes.stdout.unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "ready\nhello");
    assert_eq!(manager.wait(handle).unwrap().exit_code, Some(3));
    let status = manager.wait_tree(handle).unwrap();
    assert!(matches!(status, ProcessStatus::Exited { exit_code: 3, .. }));
    assert_eq!(manager.info(handle).unwrap().status, status);
    let ended = manager.wait_within(handle, testkit::PATIENCE).unwrap();
    assert_eq!(ended.unwrap().exit_code, Some(3));
}

#[test]
fn the_verbs_that_end_processes_work_outside_a_runtime() {
    let Some(manager) = manager() else { return };
    let start = |lifetime| {
        let config = puppet("ignore TERM say ready park").lifetime(lifetime);
        let config = config.stdout(Output::Pipe).build();
        let handle = manager.start_process(config).unwrap();
        let stdout = manager.take_stdio(handle).unwrap().stdout;
        let mut ready = [0; 6];
        stdout.unwrap().read_exact(&mut ready).unwrap();
        handle
    };
    let lease = Lifetime::Lease(Duration::from_secs(3600));
    let [stopped, killed, turn, rest] =
        [Lifetime::Session, lease, Lifetime::Turn, Lifetime::Session].map(start);
    manager.renew_lease(killed).unwrap();
    let short = Duration::from_millis(50);
    let receipt = manager.stop_process_within(stopped, short).unwrap();
    assert_eq!((receipt.members_before, receipt.killed), (1, 1));
    assert_eq!(manager.stop_process(stopped).unwrap().members_before, 0);
    assert_eq!(manager.kill(killed).unwrap().killed, 1);
    assert_eq!(manager.signal(turn, 9, Scope::Leader).unwrap(), 1);
    let cause = manager.wait(turn).unwrap().cause;
    assert_eq!(cause, Cause::Signal { signal: 9 });
    manager.wait_tree(turn).unwrap();
    assert!(manager.end_turn().is_empty());
    assert_eq!(manager.signal(rest, 9, Scope::Tree).unwrap(), 1);
    manager.wait_tree(rest).unwrap();
    assert!(manager.shutdown().is_empty());
    let refused = manager.start_process(puppet("park").build());
    assert_eq!(refused.unwrap_err().code(), "start.closed");
}

struct Marks;

impl ConfigurationPlugin for Marks {
    fn name(&self) -> &str {
        "marks"
    }

    fn is_applicable(&self, _config: &ProcessConfig) -> bool {
        true
    }

    fn enhance_config(&self, config: ProcessConfig) -> Result<ProcessConfig, PluginError> {
        Ok(config.to_builder().env("MARK", "1").build())
    }
}

#[test]
fn changes_and_plugins_work_outside_a_runtime() {
    let Some(manager) = manager() else { return };
    manager.register_plugin(Marks);
    let mut changes = manager.as_async().subscribe();
    let handle = manager.start_process(sh("exit $MARK").build()).unwrap();
    let mut words = Vec::new();
    while words.len() < 2 {
        let change: Result<_, Missed> = manager
            .wait_change(&mut changes, testkit::PATIENCE)
            .unwrap();
        let change = change.unwrap().unwrap();
        // The end of the first one may be told when it has been seen already.
        if change.handle == handle {
            words.push(change.word);
        }
    }
    assert_eq!(words, ["running", "exited"]);
    let nothing = manager.wait_change(&mut changes, Duration::ZERO);
    assert_eq!(nothing.unwrap_err().kind(), std::io::ErrorKind::TimedOut);
    assert_eq!(manager.wait(handle).unwrap().exit_code, Some(1));
}

#[test]
fn the_last_clone_ends_what_runs_outside_a_runtime_too() {
    let Some(manager) = manager() else { return };
    let oracle = Oracle::new();
    let join = format!("join {} park", oracle.dir().display());
    manager.start_process(puppet(&join).build()).unwrap();
    assert!(oracle.wait_joined(1, testkit::PATIENCE));
    let clone = manager.clone();
    drop(manager);
    assert_eq!((oracle.alive(), clone.list_processes().len()), (1, 1));
    drop(clone);
    assert!(oracle.wait_empty(testkit::PATIENCE));
}

#[test]
fn many_threads_use_one_manager() {
    let Some(manager) = manager() else { return };
    std::thread::scope(|scope| {
        for code in 0..16 {
            let manager = manager.clone();
            scope.spawn(move || {
                let config = sh(&format!("exit {code}")).build();
                let handle = manager.start_process(config).unwrap();
                assert_eq!(manager.wait(handle).unwrap().exit_code, Some(code));
            });
        }
    });
}

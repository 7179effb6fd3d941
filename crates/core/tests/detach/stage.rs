//! Managers that share a store, and what they start.

use handfast::config::{Output, ProcessConfig, ProcessConfigBuilder, Stdin};
use handfast::output::{Condition, Outcome, Pattern};
use handfast::owner::OwnerId;
use handfast::{Changes, DetachedStore, ProcessHandle, ProcessManager, Rung};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;
use testkit::{Oracle, Who, can_have};

/// Far more than anything here takes; only a failing test comes to it.
pub(crate) const LONG: Duration = Duration::from_secs(600);

/// The rung under test; `None` where this user cannot have it here.
pub(crate) fn rung() -> Option<Rung> {
    let forced = std::env::var("HANDFAST_FORCE").ok();
    let forced = forced.filter(|word| !word.is_empty());
    let forced = forced.map(|word| word.parse().expect("a rung is forced"));
    let mut ladder = Rung::LADDER.into_iter();
    let rung = forced.or_else(|| ladder.find(|rung| can_have(*rung, Who::Us)));
    let can = rung.filter(|rung| can_have(*rung, Who::Us));
    if can.is_none() {
        eprintln!("skipped: this user cannot have the rung here");
    }
    can
}

/// A store with the reaper under test.
pub(crate) fn store() -> DetachedStore {
    let builder = DetachedStore::builder().reaper(testkit::reaper());
    builder.build().unwrap()
}

/// A manager of this store on this rung.
pub(crate) fn manager(store: &DetachedStore, rung: Rung) -> ProcessManager {
    let builder = ProcessManager::builder().force(rung).detached_store(store);
    builder.build().unwrap()
}

/// A store and two of its managers; `None` where the rung cannot be had.
pub(crate) fn two() -> Option<(DetachedStore, ProcessManager, ProcessManager)> {
    let rung = rung()?;
    let store = store();
    let (one, other) = (manager(&store, rung), manager(&store, rung));
    Some((store, one, other))
}

/// Whose everything is here.
pub(crate) fn host() -> OwnerId {
    OwnerId::host()
}

pub(crate) fn puppet(words: &str) -> ProcessConfigBuilder {
    ProcessConfig::builder(testkit::puppet())
        .args(testkit::script(words))
        .grace(LONG)
}

/// Joins the oracle and stays, whatever it is asked.
pub(crate) fn stubborn(oracle: &Oracle) -> ProcessConfigBuilder {
    let dir = oracle.dir().display();
    puppet(&format!("ignore TERM join {dir} park")).grace(Duration::ZERO)
}

/// A shell whose output is captured and whose input is written.
pub(crate) fn sh(script: &str) -> ProcessConfigBuilder {
    ProcessConfig::builder("/bin/sh")
        .args(["-c", script])
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdin::Written)
        .stdout(Output::Captured)
        .stderr(Output::Captured)
        .grace(Duration::ZERO)
}

pub(crate) async fn start(manager: &ProcessManager, config: ProcessConfigBuilder) -> ProcessHandle {
    manager.start_process(config.build()).await.unwrap()
}

/// Waits until this is in the output.
pub(crate) async fn said(manager: &ProcessManager, handle: ProcessHandle, text: &str) {
    let pattern: Pattern = text.parse().unwrap();
    let conditions = [Condition::Match { pattern, from: 0 }];
    let waited = manager.wait_for(handle, &conditions, LONG).await.unwrap();
    let matched = matches!(waited.outcome, Outcome::Matched { .. });
    assert!(matched, "no {text}: {waited:?}");
}

/// Waits for this change of this process; answers the words before it.
pub(crate) async fn until(
    changes: &mut Changes,
    handle: ProcessHandle,
    word: &str,
) -> Vec<&'static str> {
    let mut before = Vec::new();
    loop {
        let change = changes.next().await.unwrap().expect("it goes on");
        if change.handle == handle {
            if change.word == word {
                return before;
            }
            before.push(change.word);
        }
    }
}

/// Holds whoever plays `gate` with its path.
pub(crate) struct Gate(TempDir);

impl Gate {
    pub(crate) fn new() -> Gate {
        let gate = Gate(tempfile::tempdir().unwrap());
        let mode = Mode::RUSR | Mode::WUSR;
        mknodat(CWD, gate.path(), FileType::Fifo, mode, 0).unwrap();
        gate
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("gate")
    }

    /// Lets one go on, as soon as it is there.
    pub(crate) async fn open(&self) {
        let path = self.path();
        let opened = tokio::task::spawn_blocking(move || std::fs::write(path, ""));
        opened.await.unwrap().unwrap();
    }
}

//! What every test here needs: a manager in a cage, its reaper by pidfd, and a gate for the next one.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use handfast::config::Output;
use handfast::{ProcessConfig, ProcessHandle, ProcessManager, Rung, Scope};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use tempfile::TempDir;
use testkit::{Oracle, PATIENCE, Who, caged, can_have};

/// A signal that is ignored unless somebody handles it.
pub(crate) const HARMLESS: i32 = 23;

/// Runs a test that is an owner itself in a cage, where this user can have the rung.
pub(crate) fn run<T: Future<Output = ()>>(name: &str, rung: Rung, body: impl FnOnce() -> T) {
    if !can_have(rung, Who::Us) {
        return eprintln!("skipped: this user cannot have the rung {rung} here");
    }
    caged(name, || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime can be made");
        runtime.block_on(body());
    });
}

/// A manager whose reaper is the one that was built.
pub(crate) fn manager(rung: Rung) -> ProcessManager {
    let builder = ProcessManager::builder().reaper(testkit::reaper());
    builder.force(rung).build().expect("a manager can be made")
}

/// A tree of the puppet, with `ORACLE` in its words replaced.
pub(crate) fn tree(oracle: &Oracle, words: &str) -> ProcessConfig {
    let dir = oracle.dir().to_str().expect("a plain name");
    let words = testkit::script(words);
    let words = words.iter().map(|word| word.replace("ORACLE", dir));
    ProcessConfig::builder(testkit::puppet())
        .args(words)
        .stdout(Output::Null)
        .stderr(Output::Null)
        .grace(PATIENCE)
        .build()
}

/// Starts a tree and waits until so many have joined.
pub(crate) async fn start(
    manager: &ProcessManager,
    oracle: &Oracle,
    words: &str,
    members: usize,
) -> ProcessHandle {
    let before = oracle.joined();
    let handle = manager.start_process(tree(oracle, words)).await;
    let handle = handle.expect("a puppet starts");
    assert!(oracle.wait_joined(before + members, PATIENCE));
    handle
}

/// Names the reaper that runs now.
pub(crate) fn reaper(manager: &ProcessManager) -> OwnedFd {
    let pid = manager.reaper_pids()[0].1;
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pidfd_open(pid.expect("a reaper runs"), PidfdFlags::empty()).expect("it is ours")
}

pub(crate) fn signal(process: &OwnedFd, signal: Signal) {
    pidfd_send_signal(process, signal).expect("it is ours and was not waited for");
}

/// Waits for the end of a process.
pub(crate) fn ended(process: &OwnedFd) {
    poll(&mut [PollFd::new(process, PollFlags::IN)], None).expect("a pidfd can be waited for");
}

/// Kills the reaper that runs now and waits for its end.
pub(crate) fn kill_reaper(manager: &ProcessManager) {
    let reaper = reaper(manager);
    signal(&reaper, Signal::KILL);
    ended(&reaper);
}

/// Waits until a reaper answers for this tree: until then signals may be lost with the former one.
pub(crate) async fn watched_again(manager: &ProcessManager, handle: ProcessHandle) {
    while let Err(error) = manager.signal(handle, HARMLESS, Scope::Tree).await {
        assert_eq!(error.code(), "signal.reaper-lost", "{error}");
    }
}

/// A reaper's program that starts at once, and the next time only when the gate is opened.
pub(crate) struct Gate {
    dir: TempDir,
}

impl Gate {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory can be made");
        let gate = Self { dir };
        let fifo = gate.path("fifo");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &fifo,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
            0,
        )
        .expect("a fifo can be made");
        let again = format!("read -r go < {}", fifo.display());
        gate.write(&again);
        gate
    }

    /// A program that does this in place of being a reaper from the second time on.
    pub(crate) fn then(again: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory can be made");
        let gate = Self { dir };
        gate.write(again);
        gate
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, again: &str) {
        let (started, reaper) = (self.path("started"), testkit::reaper());
        let (started, reaper) = (started.display(), reaper.display());
        let text = format!(
            "#!/bin/sh\nif [ -e {started} ]; then echo >> {started}; {again}; fi\n\
             echo >> {started}\nexec {reaper} \"$@\"\n"
        );
        fs::write(self.program(), text).expect("our own directory is writable");
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.program(), mode).expect("our own file");
    }

    pub(crate) fn program(&self) -> PathBuf {
        self.path("reaper")
    }

    /// How often the program was started.
    pub(crate) fn starts(&self) -> usize {
        fs::read(self.path("started")).map_or(0, |lines| lines.len())
    }

    /// Lets one start go on.
    pub(crate) fn open(&self) {
        fs::write(self.path("fifo"), "go\n").expect("somebody waits at the gate");
    }

    /// A manager whose reaper comes through this gate.
    pub(crate) fn manager(&self, rung: Rung) -> ProcessManager {
        let builder = ProcessManager::builder().reaper(self.program());
        builder.force(rung).build().expect("a manager can be made")
    }
}

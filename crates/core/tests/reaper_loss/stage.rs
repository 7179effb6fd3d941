//! What every test here needs: a manager in a cage, its reaper by pidfd, and a gate for the next one.

use std::os::fd::OwnedFd;

use handfast::config::Output;
use handfast::{ProcessConfig, ProcessHandle, ProcessManager, Rung, Scope};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use testkit::{Gate, Oracle, PATIENCE, Who, caged, can_have};

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

/// A manager whose reaper comes through this gate.
pub(crate) fn behind(gate: &Gate, rung: Rung) -> ProcessManager {
    let builder = ProcessManager::builder().reaper(gate.program());
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

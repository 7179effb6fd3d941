//! Processes on macOS: signals to children that were not reaped, and their ends.
//!
//! There is no pidfd. What keeps a number from becoming a stranger's is that its parent, who is the
//! caller of all of this, has not reaped it yet; so an end is looked at first and taken last. Checked by
//! the compiler and clippy only: nobody has run this yet.

use super::Exit;
use rustix::process::{Signal, WaitId, WaitIdOptions, WaitOptions};
use std::io;

pub use super::pid::Pid;

/// Signals a child that was not reaped.
///
/// # Errors
///
/// `ESRCH` where it has ended; `InvalidInput` for a number that is no signal.
pub fn signal_process(pid: Pid, signal: i32) -> io::Result<()> {
    let signal = Signal::from_named_raw(signal).ok_or(io::ErrorKind::InvalidInput)?;
    Ok(rustix::process::kill_process(raw(pid)?, signal)?)
}

/// Signals the group of a leader that was not reaped: its number is taken for as long.
///
/// # Errors
///
/// As [`signal_process`]; `EPERM` where every member that is left has ended.
pub fn signal_group(leader: Pid, signal: i32) -> io::Result<()> {
    let signal = Signal::from_named_raw(signal).ok_or(io::ErrorKind::InvalidInput)?;
    Ok(rustix::process::kill_process_group(raw(leader)?, signal)?)
}

/// How a child ended, leaving it unreaped so that its number, and its group's, stays taken.
///
/// # Errors
///
/// `ECHILD` where it is not a child.
pub fn peek_child(pid: Pid) -> io::Result<Option<Exit>> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let found = rustix::process::waitid(WaitId::Pid(raw(pid)?), options)?;
    Ok(found.map(|status| exit(status.exit_status(), status.terminating_signal())))
}

/// Reaps this child if it has ended. After that its number may be anybody's: its group must have no
/// other member by then.
///
/// # Errors
///
/// `ECHILD` where it is not a child, or was reaped before.
pub fn reap_one(pid: Pid) -> io::Result<Option<Exit>> {
    let found = rustix::process::waitpid(Some(raw(pid)?), WaitOptions::NOHANG)?;
    Ok(found.map(|(_, status)| exit(status.exit_status(), status.terminating_signal())))
}

fn exit(code: Option<i32>, signal: Option<i32>) -> Exit {
    match (code, signal) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::Unknown,
    }
}

fn raw(pid: Pid) -> io::Result<rustix::process::Pid> {
    rustix::process::Pid::from_raw(pid.get()).ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

//! Learning how a child ended. Who is not the parent is not told how.

use super::Pid;
use super::named::{is_gone, process_behind};
use crate::child::Exit;
use rustix::process::{WaitId, WaitIdOptions, WaitIdStatus, WaitOptions, WaitStatus};
use std::io;
use std::os::fd::BorrowedFd;

fn from_wait(status: WaitStatus) -> Exit {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::Unknown,
    }
}

fn from_waitid(status: &WaitIdStatus) -> Exit {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::Unknown,
    }
}

/// How a child ended, leaving it unreaped so that its number, and its group's, stays taken.
///
/// `kqueue(2)` tells of an end before this does; it is there when SIGCHLD is.
///
/// # Errors
///
/// `ECHILD` where it is not a child.
pub fn peek_child(pid: Pid) -> io::Result<Option<Exit>> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let found = rustix::process::waitid(WaitId::Pid(raw(pid)?), options)?;
    Ok(found.as_ref().map(from_waitid))
}

/// Reaps this child if it has ended. After that its number may be anybody's: its group must have no
/// other member by then.
///
/// # Errors
///
/// `ECHILD` where it is not a child, or was reaped before.
pub fn reap_one(pid: Pid) -> io::Result<Option<Exit>> {
    let found = rustix::process::waitpid(Some(raw(pid)?), WaitOptions::NOHANG)?;
    Ok(found.map(|(_, status)| from_wait(status)))
}

/// Reaps one child that has ended; `Ok(None)` where none has.
///
/// # Errors
///
/// `ECHILD` where there is no child at all.
pub fn reap_any() -> io::Result<Option<(i32, Exit)>> {
    let found = rustix::process::wait(WaitOptions::NOHANG)?;
    Ok(found.map(|(pid, status)| (pid.as_raw_nonzero().get(), from_wait(status))))
}

/// Waits for this child and reaps it.
///
/// # Errors
///
/// `ECHILD` where it is not a child, or was reaped before.
pub fn reap(pid: Pid) -> io::Result<Exit> {
    loop {
        match rustix::process::waitpid(Some(raw(pid)?), WaitOptions::empty()) {
            Ok(found) => return Ok(found.map_or(Exit::Unknown, |(_, status)| from_wait(status))),
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// Waits for the child behind a name and reaps it.
///
/// # Errors
///
/// `ECHILD` where it is not a child.
pub fn reap_pidfd(named: BorrowedFd<'_>) -> io::Result<Exit> {
    let known = process_behind(named)?;
    reap(Pid::new(known.pid).ok_or(io::ErrorKind::InvalidData)?)
}

/// How a process ended that was nobody's child here: its parent alone is told, so it is
/// [`Exit::Unknown`] except for a child of ours.
#[must_use]
pub fn exit_behind(named: BorrowedFd<'_>) -> Exit {
    let pid = process_behind(named)
        .ok()
        .and_then(|known| Pid::new(known.pid));
    let ours = pid.filter(|_| matches!(is_gone(named), Ok(true)));
    let exit = ours.and_then(|pid| peek_child(pid).ok().flatten());
    exit.unwrap_or(Exit::Unknown)
}

/// What has happened to a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// This signal stopped it.
    Stopped(i32),
    /// It was continued.
    Continued,
    /// It ended, and was reaped.
    Ended(Exit),
}

/// The next thing that has happened to this child; `Ok(None)` where nothing has since the last.
///
/// # Errors
///
/// `ECHILD` where it is not a child, or was reaped before.
pub fn next_change(pid: Pid) -> io::Result<Option<Change>> {
    let options = WaitOptions::NOHANG | WaitOptions::UNTRACED | WaitOptions::CONTINUED;
    let found = rustix::process::waitpid(Some(raw(pid)?), options)?;
    Ok(found.map(|(_, status)| match status.stopping_signal() {
        Some(signal) => Change::Stopped(signal),
        None if status.continued() => Change::Continued,
        None => Change::Ended(from_wait(status)),
    }))
}

fn raw(pid: Pid) -> io::Result<rustix::process::Pid> {
    rustix::process::Pid::from_raw(pid.get()).ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

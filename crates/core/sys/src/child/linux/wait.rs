//! Learning how a process ended, with and without being its parent.

use super::Pid;
use crate::child::Exit;
use crate::proc::Stat;
use rustix::process::{WaitId, WaitIdOptions, WaitIdStatus, WaitOptions, WaitStatus};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

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

/// Reaps one child that has ended; `Ok(None)` where none has.
///
/// # Errors
///
/// `ECHILD` where there is no child at all.
pub fn reap_any() -> io::Result<Option<(i32, Exit)>> {
    let found = rustix::process::wait(WaitOptions::NOHANG)?;
    Ok(found.map(|(pid, status)| (pid.as_raw_nonzero().get(), from_wait(status))))
}

/// Whether this process has a child, alive or not yet reaped.
#[must_use]
pub fn has_children() -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let found = rustix::process::waitid(WaitId::All, options);
    !matches!(found, Err(rustix::io::Errno::CHILD))
}

/// Reaps this child if it has ended.
///
/// # Errors
///
/// `ECHILD` where it is not a child, or was reaped before.
pub fn reap_one(pid: Pid) -> io::Result<Option<Exit>> {
    let pid = rustix::process::Pid::from_raw(pid.get());
    let found = rustix::process::waitpid(pid, WaitOptions::NOHANG)?;
    Ok(found.map(|(_, status)| from_wait(status)))
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
    let pid = rustix::process::Pid::from_raw(pid.get());
    let found = rustix::process::waitpid(pid, options)?;
    Ok(found.map(|(_, status)| match status.stopping_signal() {
        Some(signal) => Change::Stopped(signal),
        None if status.continued() => Change::Continued,
        None => Change::Ended(from_wait(status)),
    }))
}

/// How the child behind a pidfd ended, leaving it unreaped so that its pid stays taken.
///
/// # Errors
///
/// `ECHILD` where it is not a child.
pub fn reap_peek(pidfd: BorrowedFd<'_>) -> io::Result<Option<Exit>> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let found = rustix::process::waitid(WaitId::PidFd(pidfd), options)?;
    Ok(found.as_ref().map(from_waitid))
}

/// How a child ended, leaving it unreaped.
///
/// # Errors
///
/// `ECHILD` where it is not a child.
pub fn peek_child(pid: Pid) -> io::Result<Option<Exit>> {
    let Some(pid) = rustix::process::Pid::from_raw(pid.get()) else {
        return Ok(None);
    };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let found = rustix::process::waitid(WaitId::Pid(pid), options)?;
    Ok(found.as_ref().map(from_waitid))
}

/// Waits for the child behind a pidfd and reaps it.
///
/// # Errors
///
/// `ECHILD` where it is not a child.
pub fn reap_pidfd(pidfd: BorrowedFd<'_>) -> io::Result<Exit> {
    let found = rustix::process::waitid(WaitId::PidFd(pidfd), WaitIdOptions::EXITED)?;
    Ok(found.as_ref().map_or(Exit::Unknown, from_waitid))
}

/// Whether the process behind a pidfd has ended (a zombie has).
///
/// # Errors
///
/// What `poll(2)` says.
pub fn is_gone(pidfd: BorrowedFd<'_>) -> io::Result<bool> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let mut asked = [PollFd::new(&pidfd, PollFlags::IN)];
    Ok(poll(&mut asked, Some(&now))? == 1)
}

/// What becomes readable when the process behind a pidfd ends; `None` where it has.
///
/// # Errors
///
/// None on Linux, where it is the pidfd itself.
pub fn end_of(pidfd: BorrowedFd<'_>) -> io::Result<Option<BorrowedFd<'_>>> {
    Ok(Some(pidfd))
}

/// The pid of the process behind a pidfd, in the namespace of the caller's `/proc`; `None` where
/// it has been reaped or is not visible from here.
///
/// # Errors
///
/// Where `/proc/self/fdinfo` cannot be read.
pub fn pid_behind(pidfd: BorrowedFd<'_>) -> io::Result<Option<i32>> {
    let mut buffer = [0_u8; 512];
    let path = format!("/proc/self/fdinfo/{}", pidfd.as_fd().as_raw_fd());
    let length = File::open(path)?.read(&mut buffer)?;
    let text = std::str::from_utf8(&buffer[..length]).map_err(io::Error::other)?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pid:"));
    let pid: Option<i32> = line.and_then(|number| number.trim().parse().ok());
    Ok(pid.filter(|pid| *pid > 0))
}

/// How a process ended that was nobody's child here: asks the kernel by pidfd
/// (`PIDFD_GET_INFO` with `PIDFD_INFO_EXIT`, Linux 6.15). [`Exit::Unknown`] where it cannot say.
///
/// While it is a zombie its `stat` file says it; after it was reaped, the pidfd.
#[must_use]
pub fn exit_behind(pidfd: BorrowedFd<'_>) -> Exit {
    match ask_kernel(pidfd) {
        Exit::Unknown => {}
        known => return known,
    }
    let pid = pid_behind(pidfd).ok().flatten().and_then(Pid::new);
    let stat = pid.and_then(|pid| Stat::read(pid.get()).ok());
    match stat
        .filter(|stat| stat.state == b'Z')
        .and_then(|stat| stat.exit_status)
    {
        Some(status) => from_raw_status(status),
        // It may have been reaped between the two questions.
        None => ask_kernel(pidfd),
    }
}

fn ask_kernel(pidfd: BorrowedFd<'_>) -> Exit {
    let mut info = PidfdInfo {
        mask: PIDFD_INFO_EXIT,
        ..PidfdInfo::default()
    };
    // SAFETY: the kernel writes at most the size that is part of the request's number, which is
    // the size of `info`.
    let answer = unsafe { libc::ioctl(pidfd.as_raw_fd(), PIDFD_GET_INFO, &raw mut info) };
    if answer != 0 || info.mask & PIDFD_INFO_EXIT == 0 {
        return Exit::Unknown;
    }
    from_raw_status(info.exit_code)
}

/// Reads the classic status word of `wait(2)`.
fn from_raw_status(status: i32) -> Exit {
    if libc::WIFEXITED(status) {
        Exit::Code(libc::WEXITSTATUS(status))
    } else if libc::WIFSIGNALED(status) {
        Exit::Signal(libc::WTERMSIG(status))
    } else {
        Exit::Unknown
    }
}

/// `PIDFD_INFO_EXIT` of `linux/pidfd.h`.
const PIDFD_INFO_EXIT: u64 = 1 << 3;

/// `PIDFD_GET_INFO`: `_IOWR(0xFF, 11, struct pidfd_info)` with the structure's first 64 bytes.
const PIDFD_GET_INFO: libc::c_ulong = 0xC040_FF0B;

/// `struct pidfd_info` of `linux/pidfd.h`, first published version (64 bytes).
#[repr(C)]
#[derive(Default)]
struct PidfdInfo {
    mask: u64,
    cgroupid: u64,
    pid: u32,
    tgid: u32,
    ppid: u32,
    ids: [u32; 8],
    exit_code: i32,
}

const _: () = assert!(size_of::<PidfdInfo>() == 64);

//! Which descriptors a process has, and how many it may have.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// Closes, in order, everything from `first` to `last`.
fn close_between(first: RawFd, last: RawFd, flags: u32) -> io::Result<()> {
    if first > last {
        return Ok(());
    }
    // SAFETY: the caller of this module owns the process and says what it still needs; descriptors
    // below 3 are never passed.
    let answer = unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) };
    if answer == 0 {
        Ok(())
    } else {
        one_by_one(first, last, flags)
    }
}

/// For kernels before 5.9, which have no `close_range`.
fn one_by_one(first: RawFd, last: RawFd, flags: u32) -> io::Result<()> {
    for entry in std::fs::read_dir("/proc/self/fd")? {
        let name = entry?.file_name();
        let Some(number) = name.to_str().and_then(|name| name.parse::<RawFd>().ok()) else {
            continue;
        };
        if number < first || number > last {
            continue;
        }
        // SAFETY: as in `close_between`; the directory's own descriptor only gets a flag or is
        // closed once more by its owner, which ignores the error.
        unsafe {
            if flags == 0 {
                libc::close(number);
            } else {
                libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC);
            }
        }
    }
    Ok(())
}

/// Closes every descriptor above 2 except those named: a helper keeps nothing of its host.
///
/// # Errors
///
/// What the system says. Values of the caller that own a closed descriptor must be forgotten, so
/// this is for processes that never return from their own loop.
pub fn keep_only(kept: &[BorrowedFd<'_>]) -> io::Result<()> {
    let mut numbers: Vec<RawFd> = kept.iter().map(AsRawFd::as_raw_fd).collect();
    numbers.sort_unstable();
    let mut next = 3;
    for number in numbers.into_iter().filter(|number| *number >= 3) {
        close_between(next, number - 1, 0)?;
        next = number + 1;
    }
    close_between(next, RawFd::MAX, 0)
}

/// Marks every descriptor above 2 close-on-exec: nothing but the three streams gets into a program.
///
/// # Errors
///
/// What the system says.
pub fn lock_down_descriptors() -> io::Result<()> {
    close_between(3, RawFd::MAX, libc::CLOSE_RANGE_CLOEXEC)
}

/// A copy, close-on-exec, of a descriptor that this process was started with and may write to.
///
/// # Errors
///
/// `EBADF` where it is not open, or not for writing.
pub fn handed_down_for_writing(number: RawFd) -> io::Result<OwnedFd> {
    let closed = || io::Error::from_raw_os_error(libc::EBADF);
    if number < 0 {
        return Err(closed());
    }
    // SAFETY: the call looks the number up and refuses one that is not open; a number that another
    // part of this process owns is only copied.
    let raw = unsafe { libc::fcntl(number, libc::F_DUPFD_CLOEXEC, 3) };
    if raw == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just made this descriptor for us alone.
    let copy = unsafe { OwnedFd::from_raw_fd(raw) };
    let mode = rustix::fs::fcntl_getfl(&copy)? & rustix::fs::OFlags::RWMODE;
    if mode == rustix::fs::OFlags::RDONLY {
        return Err(closed());
    }
    Ok(copy)
}

/// Makes a descriptor refer to the null device, so that what it referred to is not held any more;
/// for one whose owner cannot be told to close it.
///
/// # Errors
///
/// Where the null device cannot be opened.
pub fn let_go(descriptor: BorrowedFd<'_>) -> io::Result<()> {
    let null = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/null")?;
    // SAFETY: both are open. The number stays open and stays its owner's; only what it refers to
    // changes, in one step.
    let answer = unsafe { libc::dup3(null.as_raw_fd(), descriptor.as_raw_fd(), libc::O_CLOEXEC) };
    if answer == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// A pipe, both ends close-on-exec.
///
/// # Errors
///
/// Where the system has no descriptor left.
pub fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?)
}

/// Whether this process may open that many descriptors more.
///
/// Numbers are given from the lowest, so one that is free among the last `more` below the limit
/// means that nearly all of those are. `any` is duplicated to try, and closed again.
#[must_use]
pub fn has_room(any: BorrowedFd<'_>, more: u64) -> bool {
    let Some(limit) = getrlimit(Resource::Nofile).current else {
        return true;
    };
    let lowest = i32::try_from(limit.saturating_sub(more)).unwrap_or(i32::MAX);
    rustix::io::fcntl_dupfd_cloexec(any, lowest).is_ok()
}

/// Raises the soft limit of descriptors to the hard one and returns what it was (soft, hard).
#[must_use]
pub fn raise_descriptor_limit() -> (Option<u64>, Option<u64>) {
    let was = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: was.maximum,
        maximum: was.maximum,
    };
    let _ = setrlimit(Resource::Nofile, most);
    (was.current, was.maximum)
}

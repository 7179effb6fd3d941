//! Which descriptors a process has, and how many it may have.
//!
//! There is no `close_range`, so those that are open are listed (`PROC_PIDLISTFDS`). And there is no
//! call that makes a pipe which is close-on-exec from the first moment: a host does it under the lock of
//! [`fork_lock`](crate::fork_lock), and the reaper, which executes programs, has one thread and marks
//! everything right before.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// `OPEN_MAX` of `sys/syslimits.h`: `setrlimit(2)` takes no soft limit of descriptors above that.
const MOST: u64 = 10240;

/// The numbers of all that is open in this process.
fn open_ones() -> io::Result<Vec<RawFd>> {
    let pid = std::process::id().cast_signed();
    let none = libc::proc_fdinfo {
        proc_fd: -1,
        proc_fdtype: 0,
    };
    let mut found = vec![none; 256];
    loop {
        let size = i32::try_from(size_of_val(&found[..])).map_err(io::Error::other)?;
        // SAFETY: the system writes whole structures of plain numbers, at most `size` bytes.
        let written = unsafe {
            let place = found.as_mut_ptr().cast();
            libc::proc_pidinfo(pid, libc::PROC_PIDLISTFDS, 0, place, size)
        };
        if written <= 0 {
            return Err(io::Error::last_os_error());
        }
        if written < size {
            let count = usize::try_from(written).map_err(io::Error::other)?;
            found.truncate(count / size_of::<libc::proc_fdinfo>());
            return Ok(found.iter().map(|one| one.proc_fd).collect());
        }
        // It may have been cut.
        found.resize(found.len() * 2, none);
    }
}

/// Closes every descriptor above 2 except those named: a helper keeps nothing of its host.
///
/// # Errors
///
/// What the system says. Values of the caller that own a closed descriptor must be forgotten, so
/// this is for processes that never return from their own loop.
pub fn keep_only(kept: &[BorrowedFd<'_>]) -> io::Result<()> {
    let kept: Vec<RawFd> = kept.iter().map(AsRawFd::as_raw_fd).collect();
    for number in open_ones()? {
        if number > 2 && !kept.contains(&number) {
            // SAFETY: the caller owns the process and says what it still needs.
            unsafe { libc::close(number) };
        }
    }
    Ok(())
}

/// Marks every descriptor above 2 close-on-exec: nothing but the three streams gets into a program.
///
/// # Errors
///
/// What the system says.
pub fn lock_down_descriptors() -> io::Result<()> {
    for number in open_ones()?.into_iter().filter(|number| *number > 2) {
        // SAFETY: only a flag of a descriptor is set; one that is closed by now is refused.
        unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
    Ok(())
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
    let answer = unsafe { libc::dup2(null.as_raw_fd(), descriptor.as_raw_fd()) };
    if answer == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(rustix::io::fcntl_setfd(
        descriptor,
        rustix::io::FdFlags::CLOEXEC,
    )?)
}

/// A pipe, both ends close-on-exec.
///
/// # Errors
///
/// Where the system has no descriptor left.
pub fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let _making = crate::fork_lock::os::making();
    let (read, write) = rustix::pipe::pipe()?;
    for end in [read.as_fd(), write.as_fd()] {
        rustix::io::fcntl_setfd(end, rustix::io::FdFlags::CLOEXEC)?;
    }
    Ok((read, write))
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

/// Raises the soft limit of descriptors to the hard one, as far as the system lets us, and returns what it
/// was (soft, hard).
#[must_use]
pub fn raise_descriptor_limit() -> (Option<u64>, Option<u64>) {
    let was = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: Some(was.maximum.map_or(MOST, |hard| hard.min(MOST))),
        maximum: was.maximum,
    };
    let _ = setrlimit(Resource::Nofile, most);
    (was.current, was.maximum)
}

/// A soft limit of descriptors as the system takes it.
pub(super) fn takeable(soft: Option<u64>) -> Option<u64> {
    Some(soft.map_or(MOST, |soft| soft.min(MOST)))
}

//! Terminals by `ptmx(4)` and `ioctl_tty(2)`.
//!
//! The slave comes from its master (`TIOCGPTPEER`) and not by its name, which is wrong or missing
//! where `/dev/pts` is another instance.

use super::Pair;
use rustix::event::PollFlags;
use rustix::io::ioctl_fionbio;
use rustix::pty::{OpenptFlags, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{QueueSelector, tcflush};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

pub(super) use super::posix::*;

/// The kernel tells which system call a process waits in.
pub(super) const SHOWS_READERS: bool = true;

/// `_POSIX_VDISABLE`.
pub(super) const SWITCHED_OFF: u8 = 0;

/// `/dev/tty`.
pub(super) const OWN_TERMINAL: (u32, u32) = (5, 0);

/// What a hang-up is asked for with: it is told in any case.
pub(super) const HANG_UP: PollFlags = PollFlags::empty();

/// Where a terminal can be opened once more.
pub(super) fn path_of(terminal: BorrowedFd<'_>) -> io::Result<PathBuf> {
    Ok(format!("/proc/self/fd/{}", terminal.as_raw_fd()).into())
}

pub(super) fn open_pair() -> io::Result<Pair> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let master = openpt(flags)?;
    unlockpt(&master)?;
    let slave = ioctl_tiocgptpeer(&master, flags)?;
    ioctl_fionbio(&master, true)?;
    Ok(Pair { master, slave })
}

/// The other side, which becomes nobody's controlling terminal by this.
pub(super) fn peer(master: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    Ok(ioctl_tiocgptpeer(master, flags)?)
}

/// `TIOCSIG` signals the group directly; the character would stand behind what nobody reads.
pub(super) fn interrupt_foreground(master: BorrowedFd<'_>) -> io::Result<()> {
    if input_rules(master)?.flushes {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        // First what waits behind the line discipline, then what is in it.
        tcflush(master, QueueSelector::OFlush)?;
        tcflush(ioctl_tiocgptpeer(master, flags)?, QueueSelector::IFlush)?;
    }
    // SAFETY: this request takes the number of a signal by value.
    match unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCSIG, libc::SIGINT) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

pub(super) fn let_go(terminal: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: this request takes no argument.
    match unsafe { libc::ioctl(terminal.as_raw_fd(), libc::TIOCNOTTY) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

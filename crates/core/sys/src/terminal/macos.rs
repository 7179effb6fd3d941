//! Terminals by `posix_openpt(3)` and `tty(4)`.
//!
//! Where Linux says `EIO` to who reads a master whose other side nobody has open, this says the end. Most
//! requests to a master are refused (`ENOTTY`) until its other side was opened once, so a pair is made with
//! both. Checked by the compiler and clippy only: nobody has run this yet.

use super::Pair;
use crate::fork_lock;
use rustix::event::PollFlags;
use rustix::fs::{Mode, OFlags, open};
use rustix::io::{FdFlags, fcntl_setfd, ioctl_fionbio};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

pub(super) use super::posix::*;

/// The system tells nobody what a process waits for.
pub(super) const SHOWS_READERS: bool = false;

/// `_POSIX_VDISABLE` of `sys/unistd.h`.
pub(super) const SWITCHED_OFF: u8 = 0xff;

/// `/dev/tty`: `CTTYDEV` of XNU's `tty_tty.c`.
pub(super) const OWN_TERMINAL: (u32, u32) = (2, 0);

/// What a hang-up is asked for with: `poll(2)` looks at nothing that it was not asked for.
pub(super) const HANG_UP: PollFlags = PollFlags::IN;

/// `_IO('t', 95)` of `sys/ttycom.h`; it takes the number of a signal by value.
const TIOCSIG: libc::c_ulong = 0x2000_745f;

/// `_IO('t', 113)` of `sys/ttycom.h`.
const TIOCNOTTY: libc::c_ulong = 0x2000_7471;

pub(super) fn open_pair() -> io::Result<Pair> {
    let making = fork_lock::os::making();
    // No other flags are allowed here (`posix_openpt(3)`).
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    fcntl_setfd(&master, FdFlags::CLOEXEC)?;
    drop(making);
    grantpt(&master)?;
    unlockpt(&master)?;
    let slave = peer(master.as_fd())?;
    // A master whose other side was never open does not take this.
    ioctl_fionbio(&master, true)?;
    Ok(Pair { master, slave })
}

/// The other side, which becomes nobody's controlling terminal by this.
pub(super) fn peer(master: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    let name = ptsname(master, Vec::new())?;
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(open(name.as_c_str(), flags, Mode::empty())?)
}

/// Where a terminal can be opened once more.
pub(super) fn path_of(terminal: BorrowedFd<'_>) -> io::Result<PathBuf> {
    let path = rustix::termios::ttyname(terminal, Vec::new())?;
    Ok(Path::new(OsStr::from_bytes(path.as_bytes())).to_path_buf())
}

/// `TIOCSIG` signals the group directly and, without `NOFLSH`, forgets what was not read (`ptcioctl` of XNU's
/// `tty_dev.c`); the character would stand behind what nobody reads.
pub(super) fn interrupt_foreground(master: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: this request takes the number of a signal by value.
    match unsafe { libc::ioctl(master.as_raw_fd(), TIOCSIG, libc::SIGINT) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Only by `/dev/tty`, and not for the leader of a session, who is refused (`cttyioctl` of XNU's `tty_tty.c`).
pub(super) fn let_go(_: BorrowedFd<'_>) -> io::Result<()> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let own = open("/dev/tty", flags, Mode::empty())?;
    // SAFETY: this request takes no argument.
    match unsafe { libc::ioctl(own.as_raw_fd(), TIOCNOTTY) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

//! A name of a process that can be sent to another: what is used here where Linux has a pidfd.
//!
//! It is a file without a place whose content is the number and the kernel's unique number of the
//! process. A file, and not a socket with that in its queue: sockets on their way through another socket
//! may be emptied by the kernel when their sender has closed them (`unp_gc` of XNU's `uipc_usrreq.c`).
//!
//! What must stay true: a name is made while the process cannot be reaped, and whoever uses it asks first
//! whether the number is still that process's. So a name whose process is gone reaches nobody.

use super::Pid;
use crate::tree::lineage::Entry;
use crate::tree::macos::{Ends, entry, is_same, signal};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::sync::atomic::{AtomicU64, Ordering};

/// Where names are made. They have no name of their own for longer than it takes to remove that.
const PLACE: &str = "/tmp";

/// How often a name that is taken is replaced by another.
const TRIES: usize = 64;

/// Pid, time of birth, unique number.
const LENGTH: usize = 20;

/// A name that names nobody yet.
pub(super) struct Name(File);

impl Name {
    pub(super) fn new() -> io::Result<Name> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let mut taken = io::Error::from(io::ErrorKind::AlreadyExists);
        for _ in 0..TRIES {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = format!("{PLACE}/.handfast-name.{}.{number}", std::process::id());
            let made = OpenOptions::new()
                .read(true)
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path);
            match made {
                Ok(file) => {
                    std::fs::remove_file(&path)?;
                    return Ok(Name(file));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = error,
                Err(error) => return Err(error),
            }
        }
        Err(taken)
    }

    /// From here on it names this process, which must not have been reaped.
    pub(super) fn write(self, pid: Pid) -> io::Result<OwnedFd> {
        let named = entry(pid.get())?;
        let words = [
            &named.pid.to_ne_bytes()[..],
            &named.started.to_ne_bytes(),
            &named.unique.to_ne_bytes(),
        ]
        .concat();
        self.0.write_all_at(&words, 0)?;
        Ok(self.0.into())
    }
}

/// Makes a name of a process.
///
/// # Errors
///
/// `ESRCH` where there is no such process; where a file cannot be made.
pub fn open_pidfd(pid: Pid) -> io::Result<OwnedFd> {
    Name::new()?.write(pid)
}

/// A name of the calling process itself.
///
/// # Errors
///
/// As [`open_pidfd`].
pub fn own_pidfd() -> io::Result<OwnedFd> {
    let pid = Pid::new(std::process::id().cast_signed());
    open_pidfd(pid.ok_or(io::ErrorKind::InvalidInput)?)
}

/// What a name says: of the process as it was then, only what tells it from all others is known.
///
/// # Errors
///
/// `InvalidData` for a descriptor that is no name.
pub fn process_behind(named: BorrowedFd<'_>) -> io::Result<Entry> {
    let odd = || io::Error::from(io::ErrorKind::InvalidData);
    let file = File::from(named.try_clone_to_owned()?);
    let mut words = [0_u8; LENGTH];
    file.read_exact_at(&mut words, 0)?;
    let (pid, rest) = words.split_first_chunk().ok_or_else(odd)?;
    let (started, rest) = rest.split_first_chunk().ok_or_else(odd)?;
    let (unique, _) = rest.split_first_chunk().ok_or_else(odd)?;
    Ok(Entry {
        pid: i32::from_ne_bytes(*pid),
        parent: 0,
        group: 0,
        session: 0,
        user: 0,
        started: u64::from_ne_bytes(*started),
        unique: u64::from_ne_bytes(*unique),
        parent_unique: 0,
        zombie: false,
    })
}

/// The pid of the process behind a name; `None` where it has been reaped.
///
/// # Errors
///
/// As [`process_behind`].
pub fn pid_behind(named: BorrowedFd<'_>) -> io::Result<Option<i32>> {
    let known = process_behind(named)?;
    Ok(is_same(&known).then_some(known.pid))
}

/// Signals exactly the process that is named.
///
/// # Errors
///
/// `ESRCH` where it has ended and was reaped, `EPERM` where it is not ours to signal.
pub fn signal_pidfd(named: BorrowedFd<'_>, number: i32) -> io::Result<()> {
    signal(&process_behind(named)?, number)
}

/// Whether the process behind a name has ended (a zombie has).
///
/// # Errors
///
/// As [`process_behind`].
pub fn is_gone(named: BorrowedFd<'_>) -> io::Result<bool> {
    let known = process_behind(named)?;
    let now = entry(known.pid);
    Ok(!is_same(&known) || now.is_ok_and(|now| now.zombie))
}

/// A descriptor that becomes readable when the process behind a name ends (`kqueue(2)`); `None` where it
/// has.
///
/// # Errors
///
/// As [`process_behind`], and where the system has no descriptor left.
pub fn end_of(named: BorrowedFd<'_>) -> io::Result<Option<Ends>> {
    let ends = Ends::new()?;
    let known = process_behind(named)?;
    let pid = Pid::new(known.pid).ok_or(io::ErrorKind::InvalidData)?;
    match ends.watch_end(pid) {
        // Asked afterwards: what is watched now is this process, or it is gone.
        Ok(()) => Ok((!is_gone(named)?).then_some(ends)),
        Err(error) if error.raw_os_error() == Some(libc::ESRCH) => Ok(None),
        Err(error) => Err(error),
    }
}

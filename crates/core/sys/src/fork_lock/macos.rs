//! macOS: one lock for the whole process.

use std::io;
use std::os::fd::OwnedFd;
use std::process::{Child, Command};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

static LOCK: RwLock<()> = RwLock::new(());

/// Held while a descriptor is made and marked.
pub(crate) struct Making(#[expect(dead_code, reason = "it is held")] RwLockReadGuard<'static, ()>);

/// Keeps programs from being started until the answer is dropped.
pub(crate) fn making() -> Making {
    // There is nothing in the lock that a panic could have left in disorder.
    Making(LOCK.read().unwrap_or_else(PoisonError::into_inner))
}

pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
    let _alone = LOCK.write().unwrap_or_else(PoisonError::into_inner);
    command.spawn()
}

/// A pipe whose ends do not block and are not inherited: reading, writing.
pub(crate) fn nonblocking_pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (read, write) = crate::child::pipe()?;
    for end in [&read, &write] {
        rustix::io::ioctl_fionbio(end, true)?;
    }
    Ok((read, write))
}

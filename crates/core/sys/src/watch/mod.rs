//! Waiting for whichever of many descriptors is ready first, with no wake-up in between.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
mod os;

use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;

/// What to wait for on a descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// It can be read, or its other end is gone.
    Readable,
    /// Something changed that is told apart from data: a cgroup became empty. Linux only.
    Changed,
}

/// Waits for many descriptors at once; each has a number chosen by the caller.
#[derive(Debug)]
pub struct Watcher(os::Watcher);

impl Watcher {
    /// Makes one that watches nothing yet.
    ///
    /// # Errors
    ///
    /// Where the system has no descriptor left.
    pub fn new() -> io::Result<Watcher> {
        os::Watcher::new().map(Watcher)
    }

    /// Watches a descriptor until it is closed or forgotten.
    ///
    /// # Errors
    ///
    /// What the system says; `Unsupported` for a kind of change that it does not tell of.
    pub fn add(
        &self,
        number: u64,
        descriptor: BorrowedFd<'_>,
        wanted: Readiness,
    ) -> io::Result<()> {
        self.0.add(number, descriptor, wanted)
    }

    /// Stops watching a descriptor.
    ///
    /// # Errors
    ///
    /// What the system says, for one that is not watched.
    pub fn forget(&self, descriptor: BorrowedFd<'_>) -> io::Result<()> {
        self.0.forget(descriptor)
    }

    /// Waits until something is ready or the time is over, and puts the numbers into `ready`.
    ///
    /// # Errors
    ///
    /// What the system says. An interrupted wait is not an error; `ready` is then empty.
    pub fn wait(&mut self, ready: &mut Vec<u64>, most: Option<Duration>) -> io::Result<()> {
        self.0.wait(ready, most)
    }
}

impl std::os::fd::AsFd for Watcher {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

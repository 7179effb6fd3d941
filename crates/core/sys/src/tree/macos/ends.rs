//! Being told of ends and forks, by `kqueue(2)`.
//!
//! A watch is by number and set while the process is known to be ours: before its parent has reaped it
//! the number is its own, and a watch that was set stays with that process.

use crate::child::Pid;
use rustix::event::Timespec;
use rustix::event::kqueue::{
    Event, EventFilter, EventFlags, ProcessEvents, kevent_timespec, kqueue,
};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::time::Duration;

/// How many events one wait can bring; more come with the next.
const BATCH: usize = 64;

/// What has happened to a process that is watched, which had this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// It has forked since the last event: there may be members that nobody knows yet.
    Forked(i32),
    /// It is ending and runs no code any more. It may be a moment before it is a zombie, and its parent
    /// may be told how it ended (`proc_exit` of XNU's `kern_exit.c`).
    Ended(i32),
}

/// Watches processes.
#[derive(Debug)]
pub struct Ends(OwnedFd);

impl Ends {
    /// One that watches nobody yet.
    ///
    /// # Errors
    ///
    /// Where the system has no descriptor left.
    pub fn new() -> io::Result<Ends> {
        // Not inherited by forks (`kqueue(2)`), and closed by an execution too.
        let queue = kqueue()?;
        rustix::io::fcntl_setfd(&queue, rustix::io::FdFlags::CLOEXEC)?;
        Ok(Ends(queue))
    }

    /// Watches a process until it ends.
    ///
    /// # Errors
    ///
    /// `ESRCH` where it has ended already, which is an answer too.
    pub fn watch(&self, pid: Pid) -> io::Result<()> {
        self.add(pid, ProcessEvents::EXIT | ProcessEvents::FORK)
    }

    /// Watches for the end of a process only.
    ///
    /// # Errors
    ///
    /// As [`Ends::watch`].
    pub fn watch_end(&self, pid: Pid) -> io::Result<()> {
        self.add(pid, ProcessEvents::EXIT)
    }

    fn add(&self, pid: Pid, flags: ProcessEvents) -> io::Result<()> {
        let pid = rustix::process::Pid::from_raw(pid.get()).ok_or(io::ErrorKind::InvalidInput)?;
        let filter = EventFilter::Proc { pid, flags };
        let watch = Event::new(
            filter,
            EventFlags::ADD | EventFlags::CLEAR,
            std::ptr::null_mut(),
        );
        let mut none: [Event; 0] = [];
        // SAFETY: the change names a process and no descriptor.
        unsafe { kevent_timespec(&self.0, &[watch], &mut none[..], None)? };
        Ok(())
    }

    /// Waits until something has happened or the time is over.
    ///
    /// # Errors
    ///
    /// What `kevent(2)` says. An interrupted wait is not an error; the answer is then empty.
    pub fn wait(&self, most: Option<Duration>) -> io::Result<Vec<Happened>> {
        let most = most.map(Timespec::try_from).transpose();
        let most = most.map_err(io::Error::other)?;
        let mut events: Vec<Event> = Vec::with_capacity(BATCH);
        let space = rustix::buffer::spare_capacity(&mut events);
        // SAFETY: nothing is changed, so no descriptor is named.
        match unsafe { kevent_timespec(&self.0, &[], space, most.as_ref()) } {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        Ok(events.iter().flat_map(happened).collect())
    }
}

impl AsRawFd for Ends {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl AsFd for Ends {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn happened(event: &Event) -> impl Iterator<Item = Happened> {
    let (pid, flags) = match event.filter() {
        EventFilter::Proc { pid, flags } => (pid.as_raw_nonzero().get(), flags),
        _ => (0, ProcessEvents::empty()),
    };
    let forked = flags.contains(ProcessEvents::FORK);
    let ended = flags.contains(ProcessEvents::EXIT);
    let forked = forked.then_some(Happened::Forked(pid));
    forked
        .into_iter()
        .chain(ended.then_some(Happened::Ended(pid)))
}

//! Readiness by `kqueue(2)`, level-triggered: without `EV_CLEAR` an event comes back for as long as it is
//! true. Checked by the compiler and clippy only: nobody has run this yet.

use super::Readiness;
use rustix::event::Timespec;
use rustix::event::kqueue::{Event, EventFilter, EventFlags, kevent_timespec, kqueue};
use std::ffi::c_void;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

/// How many events one wait can bring; more come with the next.
const BATCH: usize = 64;

#[derive(Debug)]
pub(super) struct Watcher(OwnedFd);

impl Watcher {
    pub(super) fn new() -> io::Result<Watcher> {
        // Not inherited by forks (`kqueue(2)`), and closed by an execution too.
        let queue = kqueue()?;
        rustix::io::fcntl_setfd(&queue, rustix::io::FdFlags::CLOEXEC)?;
        Ok(Watcher(queue))
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    pub(super) fn add(
        &self,
        number: u64,
        descriptor: BorrowedFd<'_>,
        wanted: Readiness,
    ) -> io::Result<()> {
        match wanted {
            Readiness::Readable => self.change(descriptor, EventFlags::ADD, number),
            Readiness::Changed => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "macOS tells of no change but that there is data",
            )),
        }
    }

    pub(super) fn forget(&self, descriptor: BorrowedFd<'_>) -> io::Result<()> {
        self.change(descriptor, EventFlags::DELETE, 0)
    }

    fn change(&self, descriptor: BorrowedFd<'_>, flags: EventFlags, number: u64) -> io::Result<()> {
        let filter = EventFilter::Read(descriptor.as_raw_fd());
        let number = usize::try_from(number).map_err(io::Error::other)?;
        // A number that is given back as it is, and never followed.
        let number: *mut c_void = std::ptr::without_provenance_mut(number);
        let change = Event::new(filter, flags, number);
        let mut none: [Event; 0] = [];
        // SAFETY: the descriptor is open, since it is borrowed. The queue forgets it by itself when it
        // is closed (`kqueue(2)`).
        unsafe { kevent_timespec(&self.0, &[change], &mut none[..], None)? };
        Ok(())
    }

    pub(super) fn wait(&mut self, ready: &mut Vec<u64>, most: Option<Duration>) -> io::Result<()> {
        ready.clear();
        let most = most
            .map(Timespec::try_from)
            .transpose()
            .map_err(io::Error::other)?;
        let mut events: Vec<Event> = Vec::with_capacity(BATCH);
        let space = rustix::buffer::spare_capacity(&mut events);
        // SAFETY: nothing is changed, so no descriptor is named.
        match unsafe { kevent_timespec(&self.0, &[], space, most.as_ref()) } {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        ready.extend(events.iter().map(|event| event.udata().addr() as u64));
        Ok(())
    }
}

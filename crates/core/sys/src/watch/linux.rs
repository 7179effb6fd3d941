//! Readiness by `epoll(7)`, level-triggered.

use super::Readiness;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

/// How many events one wait can bring; more come with the next.
const BATCH: usize = 64;

pub(super) struct Watcher {
    epoll: OwnedFd,
    events: Vec<Event>,
}

impl std::fmt::Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Watcher").field(&self.epoll).finish()
    }
}

impl Watcher {
    pub(super) fn new() -> io::Result<Watcher> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        Ok(Watcher {
            epoll,
            events: Vec::with_capacity(BATCH),
        })
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.epoll.as_fd()
    }

    pub(super) fn add(
        &self,
        number: u64,
        descriptor: BorrowedFd<'_>,
        wanted: Readiness,
    ) -> io::Result<()> {
        let flags = match wanted {
            Readiness::Readable => EventFlags::IN,
            Readiness::Changed => EventFlags::PRI,
        };
        Ok(epoll::add(
            &self.epoll,
            descriptor,
            EventData::new_u64(number),
            flags,
        )?)
    }

    pub(super) fn forget(&self, descriptor: BorrowedFd<'_>) -> io::Result<()> {
        Ok(epoll::delete(&self.epoll, descriptor)?)
    }

    pub(super) fn wait(&mut self, ready: &mut Vec<u64>, most: Option<Duration>) -> io::Result<()> {
        ready.clear();
        self.events.clear();
        let most = most
            .map(Timespec::try_from)
            .transpose()
            .map_err(io::Error::other)?;
        let space = rustix::buffer::spare_capacity(&mut self.events);
        match epoll::wait(&self.epoll, space, most.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        ready.extend(self.events.iter().map(|event| event.data.u64()));
        Ok(())
    }
}

//! Waiting for a descriptor until a deadline.
//!
//! Oracle, witness and cage all wait for the kernel to say something; this is the one place that
//! turns a deadline into a poll timeout and survives interruptions.

use std::os::fd::AsFd;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// Waits until `fd` has one of `events` (or a hang-up or an error); false when the deadline passed.
pub(crate) fn wait(fd: impl AsFd, events: PollFlags, deadline: Instant) -> bool {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).expect("deadlines of tests fit a timespec");
        match poll(&mut [PollFd::new(&fd, events)], Some(&timeout)) {
            Ok(0) => return false,
            Ok(_) => return true,
            Err(Errno::INTR) => {}
            Err(error) => unreachable!("poll on a live descriptor: {error}"),
        }
    }
}

//! Being told that something has happened to a child, by a descriptor: SIGCHLD as `kqueue(2)` records it.
//!
//! It is for those who have few children and ask each. The reaper is told of ends by their numbers.

use super::signals::{mask, reset};
use rustix::event::Timespec;
use rustix::event::kqueue::{Event, EventFilter, EventFlags, kevent_timespec, kqueue};
use rustix::process::Signal;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

/// Blocks SIGCHLD, which is then told by a descriptor, and gives it its default disposition: one that is
/// ignored is not recorded (`kqueue(2)`).
///
/// # Errors
///
/// What the system says of the mask.
pub fn block_child_signal() -> io::Result<()> {
    reset(libc::SIGCHLD);
    mask(libc::SIG_SETMASK, &[libc::SIGCHLD])
}

/// A descriptor that becomes readable when a child ends, stops or is continued.
///
/// # Errors
///
/// Where the system has no descriptor left.
pub fn child_signal_descriptor() -> io::Result<OwnedFd> {
    let queue = kqueue()?;
    rustix::io::fcntl_setfd(&queue, rustix::io::FdFlags::CLOEXEC)?;
    let filter = EventFilter::Signal {
        signal: Signal::CHILD,
        times: 0,
    };
    let watch = Event::new(
        filter,
        EventFlags::ADD | EventFlags::CLEAR,
        std::ptr::null_mut(),
    );
    let mut none: [Event; 0] = [];
    // SAFETY: the change names a signal and no descriptor.
    unsafe { kevent_timespec(&queue, &[watch], &mut none[..], None)? };
    Ok(queue)
}

/// Empties a descriptor of [`child_signal_descriptor`], so that it is not ready until the next change.
pub fn drain_child_signals(descriptor: BorrowedFd<'_>) {
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let mut events: Vec<Event> = Vec::with_capacity(1);
    let space = rustix::buffer::spare_capacity(&mut events);
    // SAFETY: nothing is changed, so no descriptor is named. With `EV_CLEAR` what is taken is gone.
    let _ = unsafe { kevent_timespec(descriptor, &[], space, Some(&now)) };
}

//! Requests by signal: a handler that writes one byte into a pipe, and nothing else.
//!
//! A handler and not `signalfd(2)`, which needs the signals blocked in every thread, and threads of
//! the host were started long before anybody asked for this.

use super::untouched_errno;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, IntoRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

/// The requests to end that a supervisor, a person and a terminal make.
const REQUESTS: [i32; 3] = [libc::SIGTERM, libc::SIGINT, libc::SIGHUP];

/// The byte that is no request.
const NUDGE: u8 = 0;

/// Where the handler writes; open for as long as this process lives.
static PIPE: AtomicI32 = AtomicI32::new(-1);

/// Who listens. A fork of it that did not execute has the handler and not the listener.
static LISTENER: AtomicI32 = AtomicI32::new(0);

/// How long a deadly signal to ourselves may take, where another thread is to die of it.
const DYING: Duration = Duration::from_secs(1);

/// What a shell adds to the number of a signal, for an end that cannot be by that signal.
const BY_SIGNAL: i32 = 128;

/// The way in which a request came, and in which to die of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct By(i32);

impl By {
    /// Ends this process by what asked for it. Where that cannot end it, as for the init of a
    /// namespace, it exits with the code by which a shell would tell of it.
    pub fn die(self) -> ! {
        crate::child::die_of(self.0);
        std::thread::sleep(DYING);
        crate::child::exit_now(BY_SIGNAL + self.0)
    }
}

/// Hears the requests to this process.
#[derive(Debug)]
pub struct Listener {
    read: OwnedFd,
    write: Arc<OwnedFd>,
}

/// Wakes a [`Listener`] from another thread.
#[derive(Debug, Clone)]
pub struct Nudge(Arc<OwnedFd>);

impl Nudge {
    /// Wakes it.
    pub fn now(&self) {
        // A full pipe is enough of a nudge.
        let _ = rustix::io::write(&*self.0, &[NUDGE]);
    }
}

impl Listener {
    /// Listens from here on, for as long as this process lives: dropping it leaves requests
    /// without an answer.
    ///
    /// # Errors
    ///
    /// `AlreadyExists` where one listens already; else what the system says, and nothing changed.
    pub fn new() -> io::Result<Listener> {
        let (read, write) = crate::fork_lock::os::nonblocking_pipe()?;
        let forever = write.try_clone()?.into_raw_fd();
        let us = rustix::process::getpid().as_raw_nonzero().get();
        if PIPE
            .compare_exchange(-1, forever, Ordering::SeqCst, Ordering::SeqCst)
            .is_err()
        {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        LISTENER.store(us, Ordering::SeqCst);
        for signal in REQUESTS {
            if disposition(signal)? == libc::SIG_DFL {
                answer(signal)?;
            }
        }
        let write = Arc::new(write);
        Ok(Listener { read, write })
    }

    /// For waking it.
    #[must_use]
    pub fn nudge(&self) -> Nudge {
        Nudge(Arc::clone(&self.write))
    }

    /// Waits for the next request; `None` where it was nudged or the time is over.
    ///
    /// # Errors
    ///
    /// What the system says of the pipe.
    pub fn next(&self, most: Option<Duration>) -> io::Result<Option<By>> {
        let until = most.and_then(|most| Instant::now().checked_add(most));
        loop {
            let mut byte = [NUDGE];
            match rustix::io::read(&self.read, &mut byte) {
                Ok(1) if byte[0] != NUDGE => return Ok(Some(By(i32::from(byte[0])))),
                Ok(_) => return Ok(None),
                Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(None);
            }
            let left = left.map(Timespec::try_from).transpose();
            let left = left.map_err(io::Error::other)?;
            match poll(&mut [PollFd::new(&self.read, PollFlags::IN)], left.as_ref()) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }
}

fn check(answer: i32) -> io::Result<()> {
    if answer == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

fn disposition(signal: i32) -> io::Result<libc::sighandler_t> {
    let mut now = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: without a new action the call only asks, and writes one structure to a valid place;
    // all zeroes is a valid value of it.
    unsafe {
        check(libc::sigaction(signal, std::ptr::null(), now.as_mut_ptr()))?;
        Ok(now.assume_init().sa_sigaction)
    }
}

fn answer(signal: i32) -> io::Result<()> {
    // SAFETY: all zeroes is a valid structure, whose mask is then filled. The handler is a function
    // of the right type that does only what a handler may (`signal-safety(7)`).
    unsafe {
        let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
        action.sa_sigaction = note as *const () as libc::sighandler_t;
        action.sa_flags = libc::SA_RESTART;
        libc::sigfillset(&raw mut action.sa_mask);
        check(libc::sigaction(
            signal,
            &raw const action,
            std::ptr::null_mut(),
        ))
    }
}

/// Runs on whatever thread the signal comes to, at any moment: no memory, no lock, no `errno`.
extern "C" fn note(signal: i32) {
    if rustix::process::getpid().as_raw_nonzero().get() != LISTENER.load(Ordering::SeqCst) {
        // A fork that nobody listens in: as if there were no handler, once this one returns.
        // SAFETY: a constant disposition, and two numbers; both may be called in a handler.
        unsafe {
            libc::signal(signal, libc::SIG_DFL);
            libc::kill(libc::getpid(), signal);
        }
        return;
    }
    let byte = u8::try_from(signal).unwrap_or(NUDGE);
    // SAFETY: the descriptor was given away for good before the handler was installed.
    let pipe = unsafe { BorrowedFd::borrow_raw(PIPE.load(Ordering::SeqCst)) };
    // A pipe that is full holds thousands of requests already.
    untouched_errno::write_byte(pipe, byte);
}

#[cfg(test)]
mod tests {
    use super::*;

    // One test, as there is one listener for a process.
    #[test]
    fn requests_are_heard_in_their_order_and_there_is_one_listener() {
        // SAFETY: ignoring a signal runs no code of ours.
        unsafe { libc::signal(libc::SIGHUP, libc::SIG_IGN) };
        let listener = Listener::new().unwrap();
        let second = Listener::new().unwrap_err();
        assert_eq!(second.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(listener.next(Some(Duration::ZERO)).unwrap(), None);
        for signal in [libc::SIGINT, libc::SIGHUP, libc::SIGTERM] {
            // SAFETY: a signal to ourselves, which is ignored or has a handler.
            unsafe { libc::raise(signal) };
        }
        assert_eq!(listener.next(None).unwrap(), Some(By(libc::SIGINT)));
        // What was ignored before stays so.
        assert_eq!(listener.next(None).unwrap(), Some(By(libc::SIGTERM)));
        assert_eq!(disposition(libc::SIGHUP).unwrap(), libc::SIG_IGN);
        let nudge = listener.nudge();
        let nudging = std::thread::spawn(move || nudge.now());
        assert_eq!(listener.next(None).unwrap(), None);
        nudging.join().unwrap();
    }
}

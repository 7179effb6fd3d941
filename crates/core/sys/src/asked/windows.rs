//! Requests by an event of the console: Ctrl-C, Ctrl-Break, its closing, logging off, shutting down.
//!
//! The system calls a handler on a thread that it makes for each. After the last three it ends the process
//! when the handler returns, or after some seconds; so that one does not return, and what is left of the
//! time is for who was told.

use crate::child::calls::check;
use std::collections::VecDeque;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use windows_sys::Win32::Foundation::TRUE;
use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, CTRL_C_EVENT, SetConsoleCtrlHandler};
use windows_sys::core::BOOL;

/// The exit code of who is ended by the system's own handler (`STATUS_CONTROL_C_EXIT`).
const CONTROL_C_EXIT: u32 = 0xc000_013a;

/// How many requests are remembered; one more would say nothing new.
const MOST: usize = 16;

/// What was asked and not yet heard; `None` while nobody listens.
static INBOX: Mutex<Option<Inbox>> = Mutex::new(None);

static CHANGED: Condvar = Condvar::new();

#[derive(Debug, Default)]
struct Inbox {
    requests: VecDeque<u32>,
    nudged: bool,
}

fn inbox() -> MutexGuard<'static, Option<Inbox>> {
    // Nothing under this lock panics half-way through a change.
    INBOX.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The way in which a request came, and in which to die of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct By(u32);

impl By {
    /// Ends this process with the code that it would have had without a handler, whatever the event was.
    pub fn die(self) -> ! {
        std::process::exit(CONTROL_C_EXIT.cast_signed())
    }
}

/// Hears the requests to this process.
#[derive(Debug)]
pub struct Listener(());

/// Wakes a [`Listener`] from another thread.
#[derive(Debug, Clone)]
pub struct Nudge(());

impl Nudge {
    /// Wakes it.
    pub fn now(&self) {
        if let Some(inbox) = &mut *inbox() {
            inbox.nudged = true;
        }
        CHANGED.notify_all();
    }
}

/// # Safety
///
/// It is for the system to call.
unsafe extern "system" fn hear(event: u32) -> BOOL {
    if let Some(inbox) = &mut *inbox()
        && inbox.requests.len() < MOST
    {
        inbox.requests.push_back(event);
    }
    CHANGED.notify_all();
    if !matches!(event, CTRL_C_EVENT | CTRL_BREAK_EVENT) {
        // The process is ended when this returns.
        loop {
            std::thread::park();
        }
    }
    TRUE
}

impl Listener {
    /// Listens from here on, for as long as this process lives: dropping it leaves requests
    /// without an answer.
    ///
    /// # Errors
    ///
    /// `AlreadyExists` where one listens already; else what the system says, and nothing changed.
    pub fn new() -> io::Result<Listener> {
        let mut inbox = inbox();
        if inbox.is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        // SAFETY: the function is there for as long as the process, and is of the type that is called.
        check(unsafe { SetConsoleCtrlHandler(Some(hear), TRUE) })?;
        *inbox = Some(Inbox::default());
        Ok(Listener(()))
    }

    /// For waking it.
    #[must_use]
    pub fn nudge(&self) -> Nudge {
        Nudge(())
    }

    /// Waits for the next request; `None` where it was nudged or the time is over.
    ///
    /// # Errors
    ///
    /// None here.
    pub fn next(&self, most: Option<Duration>) -> io::Result<Option<By>> {
        let until = most.and_then(|most| Instant::now().checked_add(most));
        let mut held = inbox();
        loop {
            let inbox = held.get_or_insert_default();
            if let Some(event) = inbox.requests.pop_front() {
                return Ok(Some(By(event)));
            }
            if std::mem::take(&mut inbox.nudged) {
                return Ok(None);
            }
            let Some(until) = until else {
                held = CHANGED.wait(held).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            let waited = CHANGED.wait_timeout(held, left);
            held = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The system's call, made by the test.
    fn event(event: u32) {
        // SAFETY: the function may be called by anybody.
        let answer = unsafe { hear(event) };
        assert_eq!(answer, TRUE);
    }

    #[test]
    fn requests_are_heard_in_their_order_and_a_nudge_is_none() {
        let listener = Listener::new().unwrap();
        assert!(Listener::new().is_err());
        event(CTRL_BREAK_EVENT);
        event(CTRL_C_EVENT);
        assert_eq!(listener.next(None).unwrap(), Some(By(CTRL_BREAK_EVENT)));
        assert_eq!(listener.next(None).unwrap(), Some(By(CTRL_C_EVENT)));
        assert_eq!(listener.next(Some(Duration::ZERO)).unwrap(), None);
        let nudge = listener.nudge();
        let nudging = std::thread::spawn(move || nudge.now());
        assert_eq!(listener.next(None).unwrap(), None);
        nudging.join().unwrap();
    }
}

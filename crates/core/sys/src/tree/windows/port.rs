//! A completion port: one queue for what happens in many jobs.
//!
//! The system does not promise that a message of a job arrives (except those of limits that were
//! asked for by name). So "empty" is never believed from a message alone, nor from its absence: it
//! is asked of the job, when a message comes and now and then without one.

use super::job::Job;
use crate::child::calls::{check, handle};
use crate::child::milliseconds;
use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::time::{Duration, Instant};
use windows_sys::Win32::Foundation::{INVALID_HANDLE_VALUE, WAIT_TIMEOUT};
use windows_sys::Win32::System::IO::{
    CreateIoCompletionPort, GetQueuedCompletionStatus, OVERLAPPED, PostQueuedCompletionStatus,
};
use windows_sys::Win32::System::SystemServices::{
    JOB_OBJECT_MSG_ABNORMAL_EXIT_PROCESS, JOB_OBJECT_MSG_ACTIVE_PROCESS_LIMIT,
    JOB_OBJECT_MSG_ACTIVE_PROCESS_ZERO, JOB_OBJECT_MSG_END_OF_JOB_TIME,
    JOB_OBJECT_MSG_EXIT_PROCESS, JOB_OBJECT_MSG_JOB_MEMORY_LIMIT, JOB_OBJECT_MSG_NEW_PROCESS,
    JOB_OBJECT_MSG_PROCESS_MEMORY_LIMIT,
};

/// How long a wait for emptiness relies on the port before it looks for itself.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// No message of a job has this number; it is what [`Port::nudge`] sends.
const NUDGE: u32 = u32::MAX;

/// A queue of what happens in jobs.
#[derive(Debug)]
pub struct Port(OwnedHandle);

/// What a job has said. The numbers of processes are for people: they may be reused by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A process became a member.
    Joined(u32),
    /// A member ended.
    Left(u32),
    /// No member is left, or none was for a moment.
    Empty,
    /// A member was refused memory.
    OverMemory(u32),
    /// A process more than allowed was ended.
    OverProcesses,
    /// The time of the tree is over.
    OverTime,
    /// Somebody called [`Port::nudge`].
    Nudged,
    /// Something else, by the system's number of it.
    Other(u32),
}

/// One thing that has happened in one job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    /// The number under which the job tells.
    pub number: u64,
    /// What happened.
    pub event: Event,
}

impl Port {
    /// Makes one that nobody tells anything yet.
    ///
    /// # Errors
    ///
    /// What `CreateIoCompletionPort` says.
    pub fn new() -> io::Result<Port> {
        // SAFETY: the first two arguments are those that ask for a new port and nothing else.
        let raw =
            unsafe { CreateIoCompletionPort(INVALID_HANDLE_VALUE, std::ptr::null_mut(), 0, 1) };
        // SAFETY: the system has just made this handle for us alone.
        Ok(Port(unsafe { OwnedHandle::from_raw_handle(handle(raw)?) }))
    }

    /// Waits for the next message, at most so long; `None` when that is over.
    ///
    /// # Errors
    ///
    /// What `GetQueuedCompletionStatus` says.
    pub fn next(&self, most: Option<Duration>) -> io::Result<Option<Message>> {
        let (mut kind, mut number) = (0, 0);
        let mut about: *mut OVERLAPPED = std::ptr::null_mut();
        // SAFETY: the handle is ours and open; the system writes three words. For a job the third
        // is the number of a process and no pointer, and it is not followed.
        let answer = unsafe {
            GetQueuedCompletionStatus(
                self.0.as_raw_handle(),
                &raw mut kind,
                &raw mut number,
                &raw mut about,
                milliseconds(most),
            )
        };
        match check(answer) {
            Ok(()) => Ok(Some(Message {
                number: number as u64,
                event: event(kind, u32::try_from(about.addr()).unwrap_or(0)),
            })),
            Err(error) if error.raw_os_error() == Some(WAIT_TIMEOUT.cast_signed()) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Wakes whoever waits, with this number.
    ///
    /// # Errors
    ///
    /// What `PostQueuedCompletionStatus` says.
    pub fn nudge(&self, number: u64) -> io::Result<()> {
        let number = usize::try_from(number).map_err(io::Error::other)?;
        // SAFETY: the handle is ours and open; what is posted are numbers, and a null pointer.
        check(unsafe {
            PostQueuedCompletionStatus(self.0.as_raw_handle(), NUDGE, number, std::ptr::null())
        })
    }

    /// Waits until a job has no member, at most so long; answers whether it has none.
    ///
    /// For a port that this one job tells and nobody else reads: other messages are thrown away.
    ///
    /// # Errors
    ///
    /// As [`Port::next`] and [`Job::usage`].
    pub fn until_empty(&self, job: &Job, most: Option<Duration>) -> io::Result<bool> {
        let end = most.and_then(|most| Instant::now().checked_add(most));
        loop {
            if job.is_empty()? {
                return Ok(true);
            }
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Ok(false);
            }
            self.next(Some(left.map_or(LOOK_AGAIN, |left| left.min(LOOK_AGAIN))))?;
        }
    }
}

impl AsHandle for Port {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}

fn event(kind: u32, pid: u32) -> Event {
    match kind {
        JOB_OBJECT_MSG_NEW_PROCESS => Event::Joined(pid),
        JOB_OBJECT_MSG_EXIT_PROCESS | JOB_OBJECT_MSG_ABNORMAL_EXIT_PROCESS => Event::Left(pid),
        JOB_OBJECT_MSG_ACTIVE_PROCESS_ZERO => Event::Empty,
        JOB_OBJECT_MSG_PROCESS_MEMORY_LIMIT | JOB_OBJECT_MSG_JOB_MEMORY_LIMIT => {
            Event::OverMemory(pid)
        }
        JOB_OBJECT_MSG_ACTIVE_PROCESS_LIMIT => Event::OverProcesses,
        JOB_OBJECT_MSG_END_OF_JOB_TIME => Event::OverTime,
        NUDGE => Event::Nudged,
        other => Event::Other(other),
    }
}

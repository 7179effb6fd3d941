//! What is kept of a session that is over, so that its number goes on answering.
//!
//! Bounded in number, size and age. What must stay true: it says how the session ended and holds what
//! nobody has read of its output, or else the end of all of it; what it does not hold is counted.

use super::error::ExecError;
use super::session::{About, ExecSession, SessionEnd};
use crate::manager::registry::Entry;
use crate::output::HeadTail;
use crate::process::ProcessHandle;
use std::sync::{Arc, Weak};

/// How many are kept unless the profile says otherwise.
pub const TOMBSTONES: usize = 256;

/// How much output each of them keeps: 32 KiB.
pub const TOMBSTONE_BYTES: usize = 32 * 1024;

/// What is kept of a session.
#[derive(Debug, Clone)]
pub(super) struct Tombstone {
    pub(super) about: About,
    pub(super) handle: Option<ProcessHandle>,
    /// Its process, while that has a record: members of its tree may live on.
    pub(super) entry: Weak<Entry>,
    pub(super) end: Option<SessionEnd>,
    /// What calls on it are answered, if that is an error.
    pub(super) error: Option<ExecError>,
    pub(super) output: HeadTail,
    /// The output is what nobody has read, and not the end of all.
    pub(super) unread: bool,
}

impl Tombstone {
    /// Of a session, whose unread output it takes.
    pub(super) fn of(session: &ExecSession) -> Tombstone {
        let mut output = HeadTail::new(TOMBSTONE_BYTES);
        let captured = session.captured();
        let unread = captured.map(|captured| captured.drain().taken);
        let unread = unread.filter(|unread| !unread.is_empty());
        match &unread {
            Some(unread) => output.push_buffer(unread),
            None => {
                let all = session.transcript();
                output.push(&all.head);
                output.omit(all.omitted);
                output.push(&all.tail);
            }
        }
        Tombstone {
            about: session.about.clone(),
            handle: session.handle(),
            entry: session
                .entry()
                .map_or_else(Weak::new, |entry| Arc::downgrade(&entry)),
            end: session.end(),
            error: session.error(),
            output,
            unread: unread.is_some(),
        }
    }
}

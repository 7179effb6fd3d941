//! What is kept of a session that is over, so that its number goes on answering.
//!
//! Bounded in number, size and age. What must stay true: it says how the session ended and holds what
//! nobody has read of its output, or else the end of all of it; what it does not hold is counted.

use super::error::ExecError;
use super::session::{About, ExecSession, SessionEnd};
use crate::manager::registry::Entry;
use crate::output::{Captured, HeadTail};
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
    /// The same with what has come since it was made, and that alone; `None` where nothing has.
    pub(super) fn later(&self) -> Option<(Tombstone, HeadTail)> {
        let entry = self.entry.upgrade()?;
        let came = entry.output.as_ref()?.drain().taken;
        if came.is_empty() {
            return None;
        }
        let mut output = HeadTail::new(TOMBSTONE_BYTES);
        if self.unread {
            output.push_buffer(&self.output);
        }
        output.push_buffer(&came);
        let later = Tombstone {
            about: self.about.clone(),
            handle: self.handle,
            entry: Weak::clone(&self.entry),
            end: self.end,
            error: self.error.clone(),
            output,
            unread: true,
        };
        Some((later, came))
    }

    /// What has come since goes back to where it was taken from.
    pub(super) fn give_back(&self, came: HeadTail) {
        let entry = self.entry.upgrade();
        if let Some(output) = entry.as_ref().and_then(|entry| entry.output.as_ref()) {
            output.give_back(came);
        }
    }

    /// Of a session, whose unread output it takes.
    pub(super) fn of(session: &ExecSession) -> Tombstone {
        Tombstone::with(session, |captured| captured.drain().taken)
    }

    /// What would be one by now; it takes nothing.
    pub(super) fn so_far(session: &ExecSession) -> Tombstone {
        Tombstone::with(session, Captured::untaken)
    }

    fn with(session: &ExecSession, unread: impl FnOnce(&Captured) -> HeadTail) -> Tombstone {
        let mut output = HeadTail::new(TOMBSTONE_BYTES);
        let captured = session.captured();
        let unread = captured.as_ref().map(unread);
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

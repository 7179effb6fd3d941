//! How an output stands.

use super::counts::Counts;
use super::spill::SpillStatus;
use crate::config::Stream;
use std::io;
use std::time::SystemTime;

/// How the output of a process stands, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutputStatus {
    /// How many bytes came.
    pub totals: Counts,
    /// How many of these are no longer in memory.
    pub omitted: Counts,
    /// The streams on which more can come: somebody holds their other end. It need not be the
    /// process, which may be over for long; `output_holders` of its manager says who.
    pub open: Vec<Stream>,
    /// When the last byte came, if one did.
    pub last_output: Option<SystemTime>,
    /// Streams that could not be read to their end.
    pub faults: Vec<ReadFault>,
    /// Who holds the output back, and how far each has read.
    pub holds: Vec<HoldStatus>,
    /// Nothing of it is kept in memory any more: its process had ended, and its owner needed the
    /// [room](crate::owner::Limits::output_bytes) for another one. All of it is in `omitted`.
    pub given_up: bool,
    /// How its spill stands, if it has one.
    pub spill: Option<SpillStatus>,
}

impl OutputStatus {
    /// Whether more can come on any stream.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// The word for it on the command line and in JSON.
    ///
    /// ```
    /// # fn example(status: &handfast::output::OutputStatus) {
    /// assert!(["open", "closed"].contains(&status.word()));
    /// # }
    /// ```
    #[must_use]
    pub fn word(&self) -> &'static str {
        if self.is_open() { "open" } else { "closed" }
    }
}

/// A stream could not be read further. What came before is kept, and the process was left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadFault {
    /// Which stream.
    pub stream: Stream,
    /// What the system said.
    pub kind: io::ErrorKind,
}

impl ReadFault {
    pub(super) fn new(stream: Stream, error: &io::Error) -> ReadFault {
        let kind = error.kind();
        ReadFault { stream, kind }
    }
}

/// Somebody holds the output of a process back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldStatus {
    /// The name that the hold was given.
    pub name: String,
    /// Up to which offset among all bytes it has read.
    pub consumed: u64,
}

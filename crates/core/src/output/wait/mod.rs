//! Waiting for something to happen to a process or in its output, never longer than one says.
//!
//! `matcher.rs` looks for a pattern piece by piece (pure), `task.rs` waits. What must stay true:
//! every wait ends at its deadline, whatever the process does; a wait changes nothing, so dropping
//! one loses nothing; what a wait could not see is counted in its answer.

mod matcher;
mod task;

pub use matcher::{LOOK_BEHIND, Pattern, PatternError};
pub(crate) use task::wait;

use crate::process::Ended;
use std::net::SocketAddr;
use std::time::Duration;

/// Something to wait for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Condition {
    /// The leader ended. Members of its tree and its output may go on.
    Exit,
    /// Nothing of its tree is left.
    TreeEmpty,
    /// There is output from this offset among all bytes on.
    Output {
        /// [`Cursor::offset`](super::Cursor::offset) of where the caller stands.
        from: u64,
    },
    /// The output of all streams together, from this offset on, matches a pattern.
    Match {
        /// What is looked for.
        pattern: Pattern,
        /// Where looking begins.
        from: u64,
    },
    /// Nothing has come for so long: counted from the last byte, but from the beginning of the wait
    /// at the earliest. An output that has ended is quiet.
    Quiet {
        /// How long.
        time: Duration,
    },
    /// Somebody takes connections at this TCP port of this machine: `127.0.0.1` or `::1`. It is
    /// found out by connecting, over and over; the server sees connections that end at once.
    Port {
        /// Which port.
        port: u16,
    },
}

/// How a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The leader ended.
    Exited {
        /// How.
        ended: Ended,
    },
    /// Nothing of the tree is left.
    TreeEmpty,
    /// There is output.
    Output {
        /// How many bytes have come, of all streams.
        total: u64,
    },
    /// The output matches.
    Matched {
        /// The offset of the first matching byte, among all.
        offset: u64,
        /// How many bytes match.
        len: usize,
    },
    /// Nothing came for so long.
    Quiet {
        /// How many bytes have come, of all streams.
        total: u64,
    },
    /// Somebody takes connections.
    Open {
        /// Where.
        address: SocketAddr,
    },
    /// None of what was waited for can happen any more: the output ended, or was never captured;
    /// nobody of the tree is left to open the port.
    Impossible,
    /// The time was up.
    TimedOut,
}

impl Outcome {
    /// The word for it on the command line and in JSON.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Outcome::Exited { .. } => "exited",
            Outcome::TreeEmpty => "tree-empty",
            Outcome::Output { .. } => "output",
            Outcome::Matched { .. } => "matched",
            Outcome::Quiet { .. } => "quiet",
            Outcome::Open { .. } => "open",
            Outcome::Impossible => "impossible",
            Outcome::TimedOut => "timed-out",
        }
    }
}

/// The answer of a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waited {
    /// How it ended.
    pub outcome: Outcome,
    /// The place of the condition that was met, among those that were waited for.
    pub condition: Option<usize>,
    /// How many bytes came so fast that they were given up before a pattern was looked for in them.
    pub unseen: u64,
    /// How long it took.
    pub took: Duration,
}

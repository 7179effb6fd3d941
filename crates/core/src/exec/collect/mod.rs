//! When a call has collected enough output.
//!
//! The machine here is pure: facts with the time go in, what to do comes out; `task.rs` carries it out.
//! It is the algorithm of unified-exec 4.3. What must stay true: output never ends a wait early, the
//! end of the process does; who keeps a pipe open after it delays nobody for more than [`CLOSE_WAIT`];
//! no call waits beyond its deadline, which a pause puts off by its own length.

mod task;

pub(super) use task::{Gathered, Window, collect};

use std::time::Duration;
use tokio::time::Instant;

/// How long output is waited for that is still open after the end of its process.
pub(super) const CLOSE_WAIT: Duration = Duration::from_millis(50);

/// One look at a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// There was output, and it was taken.
    pub(super) took: bool,
    /// The process has ended.
    pub(super) exited: bool,
    /// No more output can come.
    pub(super) closed: bool,
}

/// What to do after a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Look again.
    Again,
    /// It is enough.
    Stop,
    /// Look again when there is output, when the process or its output ends, or at this time.
    Wait { until: Instant },
}

/// One collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Collect {
    deadline: Instant,
    grace: Option<Instant>,
    exit_seen: bool,
}

impl Collect {
    /// Begins; `exited` is whether the process has ended already.
    pub(super) fn new(deadline: Instant, exited: bool) -> Collect {
        Collect {
            deadline,
            grace: None,
            exit_seen: exited,
        }
    }

    /// Time did not count for so long.
    pub(super) fn paused(&mut self, time: Duration) {
        self.deadline += time;
        self.grace = self.grace.map(|grace| grace + time);
    }

    pub(super) fn look(&mut self, look: Look, now: Instant) -> Next {
        self.exit_seen |= look.exited;
        if look.took {
            return if now >= self.deadline {
                Next::Stop
            } else {
                Next::Again
            };
        }
        if (self.exit_seen && look.closed) || now >= self.deadline {
            return Next::Stop;
        }
        if !self.exit_seen {
            return Next::Wait {
                until: self.deadline,
            };
        }
        let left = self.deadline - now;
        let grace = *self.grace.get_or_insert(now + left.min(CLOSE_WAIT));
        if now >= grace {
            return Next::Stop;
        }
        Next::Wait { until: grace }
    }
}

#[cfg(test)]
mod tests;

//! The number of a process, as far as it may be used for a signal. Windows has no such use of one, and only
//! shows it.

use std::fmt;

/// A process id of this process's own namespace: never 0, 1 or negative, so that no call can
/// reach a whole group, everything, or init by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pid(i32);

impl Pid {
    /// A pid that may be signalled; `None` for 0, 1 and negative numbers.
    #[must_use]
    pub const fn new(raw: i32) -> Option<Pid> {
        if raw > 1 { Some(Pid(raw)) } else { None }
    }

    /// The number, for people and for files below `/proc`.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }
}

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

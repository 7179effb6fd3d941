//! Numbers of bytes, one for each stream of a process.

use crate::config::Stream;
use std::ops::{Add, AddAssign, Sub};

/// How many bytes of each stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Counts {
    /// Of descriptor 1.
    pub stdout: u64,
    /// Of descriptor 2.
    pub stderr: u64,
    /// Of the terminal, which carries both.
    pub terminal: u64,
}

impl Counts {
    /// The number of one stream.
    #[must_use]
    pub const fn of(self, stream: Stream) -> u64 {
        match stream {
            Stream::Stdout => self.stdout,
            Stream::Stderr => self.stderr,
            Stream::Terminal => self.terminal,
        }
    }

    /// The number of all together.
    #[must_use]
    pub const fn sum(self) -> u64 {
        self.stdout + self.stderr + self.terminal
    }

    pub(in crate::output) fn add(&mut self, stream: Stream, count: u64) {
        *match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
            Stream::Terminal => &mut self.terminal,
        } += count;
    }
}

impl Add for Counts {
    type Output = Counts;

    fn add(self, other: Counts) -> Counts {
        Counts {
            stdout: self.stdout + other.stdout,
            stderr: self.stderr + other.stderr,
            terminal: self.terminal + other.terminal,
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        *self = *self + other;
    }
}

/// Nothing remains where there is nothing left to take from.
impl Sub for Counts {
    type Output = Counts;

    fn sub(self, other: Counts) -> Counts {
        Counts {
            stdout: self.stdout.saturating_sub(other.stdout),
            stderr: self.stderr.saturating_sub(other.stderr),
            terminal: self.terminal.saturating_sub(other.terminal),
        }
    }
}

//! What Windows says of other processes: less than `/proc` does.
//!
//! Who has a pipe open, who waits for input and whether a process is stopped is told to debuggers and
//! administrators at the most. So it is not known here, which the types say. What a process has used and who
//! listens at a port is told (`usage.rs`, `net.rs`).

#[path = "proc/windows/net.rs"]
mod net;
#[path = "proc/windows/usage.rs"]
mod usage;

pub use net::{Listening, holders_of, listening};
pub use usage::{Usage, command, pids, usages};

use std::io;

pub use crate::child::own_start;

/// Something that many processes may have open: nobody can be asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {}

/// A process that can write to something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its id.
    pub pid: i32,
    /// How it was started.
    pub command: String,
}

/// Who can write to something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holders {
    /// Those who can.
    pub found: Vec<Holder>,
    /// How many processes do not let us see what they have open.
    pub hidden: usize,
}

/// Those of some processes that have it open.
#[must_use]
pub fn holders(held: Held, _: &[i32]) -> Holders {
    match held {}
}

/// Those of all processes but some that have it open.
#[must_use]
pub fn other_holders(held: Held, _: &[i32]) -> Holders {
    match held {}
}

/// A process that waits for input: nobody is seen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// Its id.
    pub pid: i32,
    /// Which wait of it.
    pub sleeps: u64,
}

/// Whether anybody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// This one waits for input.
    By(Reader),
    /// Nobody does.
    Nobody,
    /// The system does not let us see it.
    Hidden,
}

/// Who of a group waits for input from a terminal.
#[must_use]
pub fn reading(terminal: Held, _: i32) -> Reading {
    match terminal {}
}

/// The state of a process that does not go on by itself. Windows has no state of a process, only of
/// each thread, and no word for one that somebody suspended.
///
/// # Errors
///
/// `Unsupported`.
pub fn standstill(_: i32) -> io::Result<Option<u8>> {
    Err(io::ErrorKind::Unsupported.into())
}

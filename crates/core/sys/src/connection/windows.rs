//! Windows: a named pipe, of which both sides have checked each other when it was made.
//!
//! A pipe has no half that could be closed, so the other side sees the end only when both are dropped.

use crate::stream::{ReadEnd, WriteEnd, pipe};
use std::io;

pub use crate::local_pipe::Connection;

/// What the other side writes.
pub type Incoming = ReadEnd;

/// What the other side reads. Its drop is no end of that as long as the incoming half is there.
pub type Outgoing = WriteEnd;

pub(super) fn split(connection: Connection) -> io::Result<(Incoming, Outgoing)> {
    pipe::both(connection.pipe)
}

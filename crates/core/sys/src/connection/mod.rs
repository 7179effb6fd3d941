//! A connection between two programs of one user, on tokio's reactor: what is read, and what is written.
//!
//! On Unix it is a socket, on Windows a named pipe; both are streams of bytes that go both ways, and whoever
//! only speaks over one is the same text on every system. How one is come by, and who is at the other end, is
//! told elsewhere: in `local`, and on Windows in `local_pipe`.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod os;

#[cfg(test)]
mod tests;

pub use os::{Connection, Incoming, Outgoing};

use std::io;

/// Puts a connection on the reactor, as its two directions. It is closed when both are dropped.
///
/// # Errors
///
/// What the system says when it cannot be watched; the connection is closed then.
///
/// # Panics
///
/// Outside a tokio runtime with I/O enabled.
pub fn split(connection: Connection) -> io::Result<(Incoming, Outgoing)> {
    os::split(connection)
}

//! A connection between two programs of one user, on tokio's reactor: what is read, and what is written.
//!
//! On Unix it is a socket, on Windows a named pipe; both are streams of bytes that go both ways, and whoever
//! only speaks over one is the same text on every system. Who connects finds the other side by `local`; who waits has a [`Listener`],
//! which says of each whom the system knows it to be.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod os;

#[cfg(test)]
mod tests;

pub use os::{Connection, Incoming, Outgoing};

use crate::local::{Peer, Socket};
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

/// Waits for connections at a socket, on the reactor. Dropped, it leaves the socket as it was.
#[derive(Debug)]
pub struct Listener(os::Waiting);

/// Somebody who has connected.
#[derive(Debug)]
pub struct Accepted {
    /// What they write.
    pub incoming: Incoming,
    /// What they read.
    pub outgoing: Outgoing,
    /// Who they are; where the system does not say it, they may be gone.
    pub peer: io::Result<Peer>,
}

impl Listener {
    /// Puts a socket on the reactor.
    ///
    /// # Errors
    ///
    /// What the system says.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O enabled.
    ///
    /// # Platforms
    ///
    /// Windows: a socket has one listener at a time (`AddrInUse`), and is that runtime's whose reactor it was
    /// first put on.
    pub fn new(socket: &Socket) -> io::Result<Listener> {
        os::listen(socket).map(Listener)
    }

    /// Waits for the next one.
    ///
    /// # Errors
    ///
    /// What the system says, as that there is no descriptor for another one. The listener goes on.
    ///
    /// # Cancel safety
    ///
    /// Safe: nobody who has connected is lost.
    pub async fn accept(&mut self) -> io::Result<Accepted> {
        os::accept(&mut self.0).await
    }
}

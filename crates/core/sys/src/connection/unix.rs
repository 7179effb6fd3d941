//! Unix: a socket.

use std::io;
use std::os::unix::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

/// Our end of it.
pub type Connection = UnixStream;

/// What the other side writes.
pub type Incoming = OwnedReadHalf;

/// What the other side reads. Its drop is the end of that.
pub type Outgoing = OwnedWriteHalf;

pub(super) fn split(connection: UnixStream) -> io::Result<(Incoming, Outgoing)> {
    connection.set_nonblocking(true)?;
    let stream = tokio::net::UnixStream::from_std(connection)?;
    Ok(stream.into_split())
}

//! Unix: a socket.

use super::Accepted;
use crate::local::{Socket, peer};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use tokio::net::UnixListener;
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

#[derive(Debug)]
pub(super) struct Waiting(UnixListener);

pub(super) fn listen(socket: &Socket) -> io::Result<Waiting> {
    let listener = socket.for_runtime()?;
    UnixListener::from_std(listener).map(Waiting)
}

pub(super) async fn accept(waiting: &mut Waiting) -> io::Result<Accepted> {
    let (stream, _) = waiting.0.accept().await?;
    let peer = peer(stream.as_fd());
    let (incoming, outgoing) = stream.into_split();
    Ok(Accepted {
        incoming,
        outgoing,
        peer,
    })
}

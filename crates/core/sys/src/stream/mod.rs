//! The host's ends of a child's standard streams, on tokio's reactor.

#[cfg_attr(unix, path = "unix.rs")]
mod os;

use crate::proc::Held;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Reads what a child writes. End-of-file comes when the last holder of the other end is gone,
/// which may be long after the leader.
#[derive(Debug)]
pub struct ReadEnd(os::Receiver);

/// Writes what a child reads. Dropping it is the child's end-of-file.
#[derive(Debug)]
pub struct WriteEnd(os::Sender);

/// Makes a pipe from a child to the host: (host's end, child's end).
///
/// # Errors
///
/// Where the system has no descriptor left.
///
/// # Panics
///
/// Outside a tokio runtime with I/O enabled.
pub fn from_child() -> io::Result<(ReadEnd, OwnedFd)> {
    os::from_child().map(|(ours, theirs)| (ReadEnd(ours), theirs))
}

/// Makes a pipe from the host to a child: (host's end, child's end).
///
/// # Errors
///
/// Where the system has no descriptor left.
///
/// # Panics
///
/// Outside a tokio runtime with I/O enabled.
pub fn to_child() -> io::Result<(WriteEnd, OwnedFd)> {
    os::to_child().map(|(ours, theirs)| (WriteEnd(ours), theirs))
}

impl ReadEnd {
    /// The pipe itself, to find out who else has it open.
    #[must_use]
    pub fn held(&self) -> Option<Held> {
        Held::by(self.0.as_fd())
    }

    /// Gives the descriptor back, in blocking mode.
    ///
    /// # Errors
    ///
    /// What `fcntl(2)` says.
    pub fn into_blocking(self) -> io::Result<OwnedFd> {
        self.0.into_blocking_fd()
    }
}

impl WriteEnd {
    /// Gives the descriptor back, in blocking mode.
    ///
    /// # Errors
    ///
    /// What `fcntl(2)` says.
    pub fn into_blocking(self) -> io::Result<OwnedFd> {
        self.0.into_blocking_fd()
    }
}

impl AsyncRead for ReadEnd {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for WriteEnd {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

//! The host's ends of a child's standard streams, on tokio's reactor.

#[cfg_attr(unix, path = "unix.rs")]
mod os;

use crate::proc::Held;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
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

/// A reading end without a reactor, for a thread of its own.
#[derive(Debug)]
pub struct DirectEnd(OwnedFd);

impl ReadEnd {
    /// Takes it off the reactor. Its readiness is then seen by [`DirectEnd::wait`] alone, so that
    /// what comes wakes no other thread.
    ///
    /// # Errors
    ///
    /// Where the system does not let it go. It is closed then.
    pub fn into_direct(self) -> io::Result<DirectEnd> {
        self.0.into_nonblocking_fd().map(DirectEnd)
    }
}

impl DirectEnd {
    /// Puts it back on the reactor of the caller's runtime.
    ///
    /// # Errors
    ///
    /// Where the system does not take it. It is closed then.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O enabled.
    pub fn into_ready(self) -> io::Result<ReadEnd> {
        os::back(self.0).map(ReadEnd)
    }

    /// Reads what is there; `WouldBlock` where nothing is, 0 at the end.
    ///
    /// # Errors
    ///
    /// What `read(2)` says.
    pub fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::retry_on_intr(|| {
            rustix::io::read(&self.0, &mut *buffer)
        })?)
    }

    /// Waits until there is something to read or the end has come; whether it has within so long.
    ///
    /// # Errors
    ///
    /// What `poll(2)` says; `Interrupted` too.
    pub fn wait(&self, within: Duration) -> io::Result<bool> {
        let mut polled = [PollFd::new(&self.0, PollFlags::IN)];
        let within = Timespec::try_from(within).ok();
        Ok(poll(&mut polled, within.as_ref())? > 0)
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

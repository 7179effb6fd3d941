//! The host's ends of a child's standard streams, on tokio's reactor.

#[cfg(unix)]
mod moving;
#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod os;

#[cfg_attr(windows, path = "relay_windows.rs")]
mod relay;

pub use relay::{Relay, RelayPipe};

use crate::descriptor::{AsDescriptor, BorrowedDescriptor, Descriptor};
use crate::proc::Held;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

#[cfg(windows)]
pub(crate) mod pipe {
    use super::{Descriptor, ReadEnd, WriteEnd};
    use std::io;
    use std::sync::Arc;
    use tokio::net::windows::named_pipe::NamedPipeServer;

    pub(crate) use super::os::{End, inbound, outbound};

    /// Both directions of a pipe that has two.
    pub(crate) fn both(descriptor: Descriptor) -> io::Result<(ReadEnd, WriteEnd)> {
        let end = End::readable(descriptor)?;
        Ok((ReadEnd(Arc::clone(&end)), WriteEnd(end)))
    }

    /// The same, of one that is on the reactor.
    pub(crate) fn both_of(pipe: NamedPipeServer) -> (ReadEnd, WriteEnd) {
        let end = End::of(pipe);
        (ReadEnd(Arc::clone(&end)), WriteEnd(end))
    }
}

/// Reads what a child writes. End-of-file comes when the last holder of the other end is gone,
/// which may be long after the leader.
#[derive(Debug)]
pub struct ReadEnd(Arc<os::End>);

/// Writes what a child reads. Dropping it is the child's end-of-file.
#[derive(Debug)]
pub struct WriteEnd(Arc<os::End>);

/// Makes a pipe from a child to the host: (host's end, child's end).
///
/// # Errors
///
/// Where the system has no descriptor left.
///
/// # Panics
///
/// Outside a tokio runtime with I/O enabled.
pub fn from_child() -> io::Result<(ReadEnd, Descriptor)> {
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
pub fn to_child() -> io::Result<(WriteEnd, Descriptor)> {
    os::to_child().map(|(ours, theirs)| (WriteEnd(ours), theirs))
}

/// Where in a file something is to go.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The file, which was not opened for appending.
    pub file: BorrowedDescriptor<'a>,
    /// Where in it.
    pub offset: u64,
    /// How much at the most.
    pub most: usize,
}

/// Moves what comes on a stream to a file, without a moment at which it is in neither.
///
/// # Platforms
///
/// Windows and macOS have no call that moves: there this process holds what it has read for the moment until
/// it is written, and what it holds is lost with it.
pub trait Moves {
    /// Waits until it is worth trying.
    ///
    /// # Errors
    ///
    /// What the reactor says.
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Whether nothing is there and nothing more can come, as far as that can be seen without taking anything.
    fn is_over(&self) -> bool {
        false
    }

    /// Moves what is there; 0 is the end.
    ///
    /// # Errors
    ///
    /// What the system says of the stream or the file.
    fn poll_move(
        &mut self,
        context: &mut Context<'_>,
        place: &Place<'_>,
    ) -> Poll<io::Result<usize>>;
}

impl Moves for ReadEnd {
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_ready(context)
    }

    fn is_over(&self) -> bool {
        self.0.is_over()
    }

    fn poll_move(
        &mut self,
        context: &mut Context<'_>,
        place: &Place<'_>,
    ) -> Poll<io::Result<usize>> {
        self.0.poll_move(context, place)
    }
}

/// Finds an end for as long as it is open, and does not keep it open.
#[derive(Debug, Clone)]
pub struct EndFinder(Weak<os::End>);

impl EndFinder {
    /// Another descriptor of the end; `None` where it is closed.
    #[must_use]
    pub fn duplicate(&self) -> Option<Descriptor> {
        let end = self.0.upgrade()?;
        end.as_descriptor().try_clone_to_owned().ok()
    }
}

impl ReadEnd {
    /// The end of a pipe that somebody else has made.
    ///
    /// # Errors
    ///
    /// What the system says when it cannot be watched.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O enabled.
    pub fn from_descriptor(descriptor: Descriptor) -> io::Result<ReadEnd> {
        os::End::readable(descriptor).map(ReadEnd)
    }

    /// Finds it while it is open.
    #[must_use]
    pub fn finder(&self) -> EndFinder {
        EndFinder(Arc::downgrade(&self.0))
    }

    /// The pipe itself, to find out who else has it open.
    #[must_use]
    pub fn held(&self) -> Option<Held> {
        os::held(&self.0)
    }

    /// Gives the descriptor back, in blocking mode.
    ///
    /// # Errors
    ///
    /// What `fcntl(2)` says.
    ///
    /// # Platforms
    ///
    /// Windows: what was read ahead of the caller is lost with this, so it is for an end that nobody has
    /// read from.
    pub fn into_blocking(self) -> io::Result<Descriptor> {
        self.0.blocking()
    }
}

impl WriteEnd {
    /// As [`ReadEnd::from_descriptor`].
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// # Panics
    ///
    /// As there.
    pub fn from_descriptor(descriptor: Descriptor) -> io::Result<WriteEnd> {
        os::End::writable(descriptor).map(WriteEnd)
    }

    /// Finds it while it is open.
    #[must_use]
    pub fn finder(&self) -> EndFinder {
        EndFinder(Arc::downgrade(&self.0))
    }

    /// Gives the descriptor back, in blocking mode.
    ///
    /// # Errors
    ///
    /// What `fcntl(2)` says.
    pub fn into_blocking(self) -> io::Result<Descriptor> {
        self.0.blocking()
    }
}

impl AsyncRead for ReadEnd {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.poll_read(context, buffer)
    }
}

impl AsyncWrite for WriteEnd {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests;

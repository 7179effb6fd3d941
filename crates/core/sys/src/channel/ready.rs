//! A channel on tokio's reactor, for the side that has a runtime.

use super::{Channel, Packet};
use std::io;
use std::os::fd::BorrowedFd;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A [`Channel`] whose waits yield to the runtime.
#[derive(Debug)]
pub struct ReadyChannel(AsyncFd<Channel>);

impl ReadyChannel {
    /// Registers the channel with the runtime of the caller.
    ///
    /// # Errors
    ///
    /// What the system says when it cannot be watched.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O enabled.
    pub fn new(channel: Channel) -> io::Result<Self> {
        // SAFETY: a channel owns its descriptor and always answers with that one.
        let registered = unsafe { AsyncFd::register(channel) };
        registered
            .map(Self)
            .map_err(|refused| refused.into_parts().1)
    }

    /// Sends one packet whole.
    ///
    /// # Errors
    ///
    /// As [`Channel::send`].
    ///
    /// # Cancel safety
    ///
    /// Safe: a packet is sent whole by one system call, so a dropped future has sent all or nothing.
    pub async fn send(&self, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        match self.0.get_ref().try_send(bytes, descriptors) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            done => return done,
        }
        let send = |channel: &Channel| channel.try_send(bytes, descriptors);
        self.0.async_io(Interest::WRITABLE, send).await
    }

    /// Sends one packet now or not at all. Callable from any thread, also outside a runtime.
    ///
    /// # Errors
    ///
    /// As [`Channel::try_send`].
    pub fn try_send(&self, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        self.0.get_ref().try_send(bytes, descriptors)
    }

    /// Waits for the next packet; `None` is the peer's end.
    ///
    /// # Errors
    ///
    /// As [`Channel::receive`].
    ///
    /// # Cancel safety
    ///
    /// Safe: no packet is taken before the future is ready.
    pub async fn receive(&self) -> io::Result<Option<Packet>> {
        self.0
            .async_io(Interest::READABLE, Channel::try_receive)
            .await
    }
}

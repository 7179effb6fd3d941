//! A terminal on tokio's reactor, for the side that has a runtime.

use super::{InputRules, Opened, Size, os};
use crate::child::Pid;
use crate::proc::Held;
use rustix::event::PollFlags;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, Interest, ReadBuf};

/// What a descriptor that may block is given at once: it takes no more without waiting for sure.
const SURELY_TAKEN: usize = 64;

/// A terminal whose waits yield to the runtime.
///
/// It also serves a descriptor that blocks and must stay so, since its flags are the caller's as
/// well: then it is asked before each call, and given little at a time.
#[derive(Debug)]
pub struct ReadyTerminal {
    terminal: AsyncFd<OwnedFd>,
    may_block: bool,
}

impl ReadyTerminal {
    /// Registers the terminal with the runtime of the caller.
    ///
    /// # Errors
    ///
    /// What the system says when it cannot be watched.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O enabled.
    pub fn new(opened: Opened) -> io::Result<Self> {
        // SAFETY: an owned descriptor stays open and the same for as long as it is owned.
        let registered = unsafe { AsyncFd::register(opened.descriptor) };
        let terminal = registered.map_err(|refused| refused.into_parts().1)?;
        Ok(Self {
            terminal,
            may_block: !opened.own,
        })
    }

    /// Reads what is there, and waits for it; 0 is the end, or a hang-up.
    ///
    /// # Errors
    ///
    /// What `read(2)` says; `EIO` is a hang-up too.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is taken before the future is ready.
    pub async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = |_: &OwnedFd| self.try_read(buffer);
        self.terminal.async_io(Interest::READABLE, read).await
    }

    /// Reads what is there, or fails with `WouldBlock`.
    ///
    /// # Errors
    ///
    /// As [`ReadyTerminal::read`], and `WouldBlock`.
    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.ask(PollFlags::IN)?;
        Ok(rustix::io::retry_on_intr(|| {
            rustix::io::read(self.as_fd(), &mut *buffer)
        })?)
    }

    /// Writes as much as is taken now, and waits until that is something.
    ///
    /// # Errors
    ///
    /// What `write(2)` says; `EIO` is a hang-up, also where the terminal is full and nobody has its
    /// other side open: the kernel says "later" then, for ever, and that it is ready at once.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is written before the future is ready.
    pub async fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let write = |_: &OwnedFd| match self.try_write(bytes) {
            Err(error)
                if error.kind() == io::ErrorKind::WouldBlock && os::is_hung_up(self.as_fd()) =>
            {
                Err(rustix::io::Errno::IO.into())
            }
            written => written,
        };
        self.terminal.async_io(Interest::WRITABLE, write).await
    }

    /// Writes what is taken now, or fails with `WouldBlock`.
    ///
    /// # Errors
    ///
    /// As [`ReadyTerminal::write`], and `WouldBlock`.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.ask(PollFlags::OUT)?;
        let most = if self.may_block {
            SURELY_TAKEN
        } else {
            bytes.len()
        };
        let bytes = bytes.get(..most).unwrap_or(bytes);
        Ok(rustix::io::retry_on_intr(|| {
            rustix::io::write(self.as_fd(), bytes)
        })?)
    }

    /// As [`super::set_size`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn set_size(&self, size: Size) -> io::Result<()> {
        os::set_size(self.as_fd(), size)
    }

    /// As [`super::input_rules`], of a master.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn input_rules(&self) -> io::Result<InputRules> {
        os::input_rules(self.as_fd())
    }

    /// As [`super::interrupt`], of a master.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn interrupt(&self) -> io::Result<()> {
        os::interrupt_foreground(self.as_fd())
    }

    /// As [`super::foreground_of`], of a master.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn foreground(&self) -> io::Result<Option<Pid>> {
        os::foreground(self.as_fd())
    }

    /// As [`super::held_by_programs`], of a master.
    #[must_use]
    pub fn held_by_programs(&self) -> Option<Held> {
        super::held_by_programs(self.as_fd())
    }

    /// One for somebody else to hold.
    ///
    /// # Errors
    ///
    /// Where the system has no descriptor left.
    pub fn duplicate(&self) -> io::Result<OwnedFd> {
        self.as_fd().try_clone_to_owned()
    }

    pub(crate) fn poll_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.terminal.poll_read_ready(context).map_ok(drop)
    }

    pub(crate) fn poll_read(
        &self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let mut guard = ready!(self.terminal.poll_read_ready(context))?;
            let room = buffer.remaining();
            let read = |_: &AsyncFd<OwnedFd>| self.try_read(buffer.initialize_unfilled());
            let Ok(count) = guard.try_io(read) else {
                continue;
            };
            let count = count?;
            // Less than there was room for: it is empty, and whatever comes later is told anew. So the call
            // that would say "later" is not made; of a terminal each piece of 4 KiB would have one.
            if count > 0 && count < room {
                guard.clear_ready();
            }
            buffer.advance(count);
            return Poll::Ready(Ok(()));
        }
    }

    /// Works with the terminal once it can be read, until that does not say `WouldBlock`.
    pub(crate) fn poll_with<T>(
        &self,
        context: &mut Context<'_>,
        mut work: impl FnMut(BorrowedFd<'_>) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        loop {
            let mut guard = ready!(self.terminal.poll_read_ready(context))?;
            if let Ok(done) = guard.try_io(|_: &AsyncFd<OwnedFd>| work(self.as_fd())) {
                return Poll::Ready(done);
            }
        }
    }

    fn ask(&self, wanted: PollFlags) -> io::Result<()> {
        if self.may_block && os::ready(self.as_fd(), wanted)?.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(())
    }
}

/// Reads a terminal that others write to.
#[derive(Debug)]
pub struct TerminalReader(pub Arc<ReadyTerminal>);

impl AsyncRead for TerminalReader {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.poll_read(context, buffer)
    }
}

impl AsFd for ReadyTerminal {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.terminal.get_ref().as_fd()
    }
}

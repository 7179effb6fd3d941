//! A terminal that is moved to a file, by way of a pipe.
//!
//! `splice(2)` wants a pipe at one of its sides. What must stay true: a byte that left the terminal is in
//! the pipe or in the file, so that it is not lost with this process where somebody else holds the pipe too;
//! on macOS but for the moment between two calls.

use super::moving::{into_pipe, to_file};
use super::{Moves, Place};
use crate::fork_lock::os::nonblocking_pipe;
use crate::terminal::ReadyTerminal;
use rustix::io::Errno;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, ReadBuf};

/// The pipe: its reading and its writing end, which do not block.
#[derive(Debug)]
pub struct RelayPipe {
    out: OwnedFd,
    into: OwnedFd,
}

impl RelayPipe {
    /// Makes one.
    ///
    /// # Errors
    ///
    /// Where the system has no descriptor left.
    pub fn new() -> io::Result<RelayPipe> {
        let (out, into) = nonblocking_pipe()?;
        Ok(RelayPipe { out, into })
    }

    /// One that was made by somebody else.
    ///
    /// # Errors
    ///
    /// None here.
    pub fn from_ends(out: OwnedFd, into: OwnedFd) -> io::Result<RelayPipe> {
        Ok(RelayPipe { out, into })
    }

    /// The reading and the writing end.
    #[must_use]
    pub fn ends(&self) -> (BorrowedFd<'_>, BorrowedFd<'_>) {
        (self.out.as_fd(), self.into.as_fd())
    }
}

/// The terminal and its pipe.
#[derive(Debug)]
pub struct Relay {
    terminal: Arc<ReadyTerminal>,
    pipe: Arc<RelayPipe>,
    /// Nothing is in the pipe.
    drained: bool,
}

impl Relay {
    /// By way of this pipe. What is in it came before all that comes.
    #[must_use]
    pub fn new(terminal: Arc<ReadyTerminal>, pipe: Arc<RelayPipe>) -> Relay {
        Relay {
            terminal,
            pipe,
            drained: false,
        }
    }
}

impl Moves for Relay {
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.drained {
            true => self.terminal.poll_ready(context),
            false => Poll::Ready(Ok(())),
        }
    }

    fn poll_move(
        &mut self,
        context: &mut Context<'_>,
        place: &Place<'_>,
    ) -> Poll<io::Result<usize>> {
        loop {
            match to_file(self.pipe.out.as_fd(), place) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.drained = true,
                moved => return Poll::Ready(moved),
            }
            if ready!(self.poll_take(context, place.most))? == 0 {
                return Poll::Ready(Ok(0));
            }
            self.drained = false;
        }
    }
}

/// Without a file; for one that takes nothing.
impl AsyncRead for Relay {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.drained {
            let place = buffer.initialize_unfilled();
            match rustix::io::retry_on_intr(|| rustix::io::read(&self.pipe.out, &mut *place)) {
                Err(Errno::AGAIN) => self.drained = true,
                count => {
                    buffer.advance(count?);
                    return Poll::Ready(Ok(()));
                }
            }
        }
        self.terminal.poll_read(context, buffer)
    }
}

impl Relay {
    /// From the terminal into the pipe, which is empty.
    fn poll_take(&self, context: &mut Context<'_>, most: usize) -> Poll<io::Result<usize>> {
        self.terminal.poll_with(context, |terminal| {
            into_pipe(terminal, &self.pipe.into, most)
        })
    }
}

//! A terminal whose output lies with somebody else too: not on Windows, where nothing outlasts its host yet.

use super::{Moves, Place};
use crate::descriptor::{BorrowedDescriptor, Descriptor};
use crate::terminal::ReadyTerminal;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};

/// The pipe in between: nobody has one.
#[derive(Debug)]
pub struct RelayPipe(Infallible);

impl RelayPipe {
    /// Refuses.
    ///
    /// # Errors
    ///
    /// `Unsupported`.
    pub fn new() -> io::Result<RelayPipe> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// One that was made by somebody else: nobody makes one, so it is none.
    ///
    /// # Errors
    ///
    /// `Unsupported`.
    pub fn from_ends(_: Descriptor, _: Descriptor) -> io::Result<RelayPipe> {
        RelayPipe::new()
    }

    /// Both ends.
    #[must_use]
    pub fn ends(&self) -> (BorrowedDescriptor<'_>, BorrowedDescriptor<'_>) {
        match self.0 {}
    }
}

/// The terminal and its pipe: nobody has them.
#[derive(Debug)]
pub struct Relay(Infallible);

impl Relay {
    /// By way of a pipe that nobody has.
    #[must_use]
    pub fn new(_: Arc<ReadyTerminal>, pipe: Arc<RelayPipe>) -> Relay {
        match pipe.0 {}
    }
}

impl Moves for Relay {
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.0 {}
    }

    fn poll_move(&mut self, _: &mut Context<'_>, _: &Place<'_>) -> Poll<io::Result<usize>> {
        match self.0 {}
    }
}

impl AsyncRead for Relay {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.0 {}
    }
}

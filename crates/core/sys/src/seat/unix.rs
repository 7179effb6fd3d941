//! Unix: a description of our own of the terminal, in raw mode while we are in its foreground.

use crate::terminal::{self, RawMode, ReadyTerminal, Size};
use std::io::{self, stdin};
use std::os::fd::{AsFd, BorrowedFd};

#[derive(Debug)]
pub(super) struct Seat {
    terminal: ReadyTerminal,
    modes: RawMode,
}

impl Seat {
    pub(super) fn at_standard_input() -> io::Result<Seat> {
        let opened = terminal::reopen(stdin().as_fd())?;
        let modes = RawMode::new(opened.descriptor.try_clone()?);
        let terminal = ReadyTerminal::new(opened)?;
        Ok(Seat { terminal, modes })
    }

    pub(super) fn enter(&mut self) -> io::Result<bool> {
        self.modes.enter()
    }

    pub(super) fn leave(&mut self) {
        self.modes.leave();
    }

    pub(super) async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.terminal.read(buffer).await
    }

    pub(super) async fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.terminal.write(bytes).await
    }

    pub(super) fn size(&self) -> io::Result<Size> {
        terminal::size(self.terminal.as_fd())
    }
}

pub(super) fn size(stream: BorrowedFd<'_>) -> io::Result<Size> {
    terminal::size(stream)
}

//! The caller's side of a relay: its terminal, or whatever else its input and output are.
//!
//! What must stay true: a terminal is both sides at once, and is read only as a terminal; anything else
//! (a pipe, a file, a socket) is read and written by threads that may block, since its flags are the
//! caller's as well and files cannot be watched.

use handfast_sys::terminal::{self, Opened, ReadyTerminal, Size};
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Stdin, Stdout};

/// The size of a terminal that nobody has said anything about.
const USUAL: Size = Size {
    rows: 24,
    columns: 80,
    width: 0,
    height: 0,
};

/// What is read from.
pub(super) trait Reads {
    /// Reads what is there, and waits for it; 0 is the end. Cancel safe.
    async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize>;
}

/// What is written to.
pub(super) trait Writes {
    /// Writes as much as is taken. Cancel safe.
    async fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// Waits until what was written has been taken, and says so if it never will be. Cancel safe.
    async fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Reads for &ReadyTerminal {
    async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        ReadyTerminal::read(self, buffer).await
    }
}

impl Writes for &ReadyTerminal {
    async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        ReadyTerminal::write(self, bytes).await
    }
}

/// Where the program's input comes from.
#[derive(Debug)]
pub(super) enum Keys {
    Terminal(Arc<ReadyTerminal>),
    Stream(Stdin),
    /// It was one, and has ended.
    Over,
}

impl Reads for Keys {
    async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Keys::Terminal(terminal) => terminal.read(buffer).await,
            Keys::Stream(stream) => stream.read(buffer).await,
            Keys::Over => std::future::pending().await,
        }
    }
}

/// Where its output is shown.
#[derive(Debug)]
pub(super) enum Shown {
    Terminal(Arc<ReadyTerminal>),
    Stream(Stdout),
}

impl Writes for Shown {
    async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Shown::Terminal(terminal) => terminal.write(bytes).await,
            Shown::Stream(stream) => stream.write(bytes).await,
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        match self {
            Shown::Terminal(_) => Ok(()),
            Shown::Stream(stream) => stream.flush().await,
        }
    }
}

/// The caller's input and output.
#[derive(Debug)]
pub(super) struct Caller {
    /// The terminal of its input, where that is one.
    pub(super) terminal: Option<Arc<ReadyTerminal>>,
    pub(super) shown: Shown,
}

impl Caller {
    /// With a terminal on its input.
    pub(super) fn on_terminal(opened: Opened, everything: bool) -> io::Result<Caller> {
        let terminal = Arc::new(ReadyTerminal::new(opened)?);
        let stdout = io::stdout();
        let elsewhere = everything && !terminal::is_same(terminal.as_fd(), stdout.as_fd());
        let shown = match elsewhere {
            true => Shown::Stream(tokio::io::stdout()),
            false => Shown::Terminal(Arc::clone(&terminal)),
        };
        Ok(Caller {
            terminal: Some(terminal),
            shown,
        })
    }

    /// With anything else.
    pub(super) fn on_streams() -> Caller {
        Caller {
            terminal: None,
            shown: Shown::Stream(tokio::io::stdout()),
        }
    }

    pub(super) fn keys(&self) -> Keys {
        match &self.terminal {
            Some(terminal) => Keys::Terminal(Arc::clone(terminal)),
            None => Keys::Stream(tokio::io::stdin()),
        }
    }
}

/// How large the program's terminal is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Window {
    /// As the caller's, now and whenever that changes.
    AsCallers,
    Fixed(Size),
}

impl Window {
    pub(super) fn size(self) -> Size {
        match self {
            Window::Fixed(size) => size,
            Window::AsCallers => callers().unwrap_or(USUAL),
        }
    }
}

/// The size of the first of the caller's streams that is a terminal.
fn callers() -> Option<Size> {
    let (stdin, stdout, stderr) = (io::stdin(), io::stdout(), io::stderr());
    let streams: [(bool, BorrowedFd<'_>); 3] = [
        (stdin.is_terminal(), stdin.as_fd()),
        (stdout.is_terminal(), stdout.as_fd()),
        (stderr.is_terminal(), stderr.as_fd()),
    ];
    let mut terminals = streams.into_iter().filter(|(is, _)| *is);
    terminals.find_map(|(_, stream)| terminal::size(stream).ok())
}

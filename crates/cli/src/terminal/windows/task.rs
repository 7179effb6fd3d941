//! The task that types what the caller types, and shows what the program shows.
//!
//! What must stay true: what was shown before the end of the tree is shown before the console is given back; that of
//! a console whose keeper stays is waited for no longer than a while.

use handfast::output::{Captured, Hold};
use handfast::session::{ScreenSize, WriteOptions};
use handfast::{ProcessHandle, ProcessManager};
use handfast_sys::heard::{AtTerminal, Seated};
use handfast_sys::seat::Seat;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Stdin};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How much is shown at once.
const PIECE: usize = 32 * 1024;

/// How long the keeper of a console may take to close its output after the end of the tree.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What ends the input of most programs: Ctrl-Z, and the key that ends a line.
const END_OF_INPUT: &[u8] = b"\x1a\r";

pub(super) struct Task {
    pub(super) manager: ProcessManager,
    pub(super) handle: ProcessHandle,
    pub(super) output: Captured,
    pub(super) hold: Hold,
    pub(super) seat: Option<Seat>,
    pub(super) fixed: Option<ScreenSize>,
}

impl Task {
    /// Relays until it is told that the tree is over.
    pub(super) async fn run(mut self, mut over: oneshot::Receiver<()>) {
        let mut seated = Seated::new().ok();
        let mut stdin = self.seat.is_none().then(tokio::io::stdin);
        let mut buffer = [0; 4096];
        loop {
            tokio::select! {
                biased;
                _ = &mut over => break,
                _ = self.output.wait_for_output(self.hold.offset()) => {
                    if self.show().await.is_err() || !self.output.status().is_open() && self.is_shown() {
                        let _ = (&mut over).await;
                        break;
                    }
                }
                typed = read(&mut self.seat, &mut stdin, &mut buffer) => match typed {
                    Ok(count) if count > 0 => self.type_in(buffer.get(..count).unwrap_or_default()).await,
                    _ => {
                        self.type_in(END_OF_INPUT).await;
                        self.seat = None;
                        stdin = None;
                    }
                },
                told = next(&mut seated) => if told == AtTerminal::Resized {
                    self.resize();
                },
            }
        }
        let _ = timeout(LAST_WORDS, self.last_words()).await;
        if let Some(seat) = &mut self.seat {
            seat.leave();
        }
    }

    fn is_shown(&self) -> bool {
        self.hold.offset() >= self.output.end().offset()
    }

    async fn last_words(&mut self) {
        while self.show().await.is_ok() && (self.output.status().is_open() || !self.is_shown()) {
            self.output.wait_for_output(self.hold.offset()).await;
        }
    }

    /// Shows what there is.
    async fn show(&mut self) -> io::Result<()> {
        let chunk = self.hold.take(PIECE);
        let mut bytes = chunk.bytes.as_slice();
        let Some(seat) = &self.seat else {
            let mut out = tokio::io::stdout();
            out.write_all(bytes).await?;
            return out.flush().await;
        };
        while !bytes.is_empty() {
            let taken = seat.write(bytes).await?;
            bytes = bytes.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    async fn type_in(&self, bytes: &[u8]) {
        let options = WriteOptions::default();
        // What a program does not take is lost, as on any terminal.
        let _ = self
            .manager
            .write(self.handle, bytes.to_vec(), options)
            .await;
    }

    fn resize(&self) {
        let size = self.seat.as_ref().and_then(|seat| seat.size().ok());
        if let Some(size) = size.filter(|_| self.fixed.is_none()) {
            // One that is over has no size.
            let _ = self.manager.resize(self.handle, super::screen(size));
        }
    }
}

async fn read(
    seat: &mut Option<Seat>,
    stdin: &mut Option<Stdin>,
    buffer: &mut [u8],
) -> io::Result<usize> {
    match (seat, stdin) {
        (Some(seat), _) => seat.read(buffer).await,
        (None, Some(stdin)) => stdin.read(buffer).await,
        (None, None) => std::future::pending().await,
    }
}

async fn next(seated: &mut Option<Seated>) -> AtTerminal {
    match seated {
        Some(seated) => seated.next().await,
        None => std::future::pending().await,
    }
}

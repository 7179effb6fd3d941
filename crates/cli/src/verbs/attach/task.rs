//! Copies both ways between the caller's terminal and that of a process.
//!
//! Three tasks: this one, one that reads what the program shows, one that writes what is typed. So a
//! program that does not read its input is still seen, and a terminal that takes nothing keeps nobody
//! but itself waiting.

use super::draw::{AFTERWARDS, Copy, Shown};
use super::keys::DetachKey;
use super::queries::Queries;
use crate::explain::Failure;
use crate::link::{Asker, Link};
use handfast_daemon::wire::{Bytes, Resize, Size, TakenNote, Write};
use handfast_sys::heard::{AtTerminal, Seated};
use handfast_sys::seat;
use tokio::sync::mpsc;

/// How many keystrokes or pastes wait to be taken by the program.
const TYPED: usize = 64;

/// How many pages wait to be shown.
const PAGES: usize = 4;

/// Says that something typed was dropped, as terminals do.
const BELL: &[u8] = b"\x07";

/// Where the caller sits.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) link: Link,
    pub(super) handle: String,
    pub(super) what: String,
    pub(super) read_only: bool,
    pub(super) key: DetachKey,
    pub(super) terminal: seat::Seat,
}

/// Why it came to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// By the key, or because handfast was asked to end.
    Detached,
    /// Another client sits there.
    Taken,
    /// The program has ended, and nothing more comes.
    Closed,
}

/// Copies until something ends it; the caller's terminal is restored then.
pub(super) async fn run(mut seat: Seat) -> Result<(Link, Left), Failure> {
    let signals = |error| Failure::new("cli.signals", &seat.what, &error);
    let mut signals = Seated::new().map_err(signals)?;
    resize(&seat).await;
    let mut copy = Copy::of(
        seat.link.asker.clone(),
        seat.handle.clone(),
        seat.what.clone(),
    );
    let drawn = copy.redraw().await?;
    let failed = |error| Failure::new("cli.no-terminal", "use the terminal", &error);
    seat.terminal.enter().map_err(failed)?;
    let first = show(&seat.terminal, &drawn).await;
    let left = match first {
        Ok(()) => sitting(&mut seat, copy, &mut signals).await,
        // The terminal is gone, and whoever sat at it.
        Err(_) => Ok(Left::Detached),
    };
    // Whoever sat there may be gone with the terminal.
    let _ = show(&seat.terminal, AFTERWARDS).await;
    seat.terminal.leave();
    Ok((seat.link, left?))
}

async fn sitting(seat: &mut Seat, copy: Copy, signals: &mut Seated) -> Result<Left, Failure> {
    let (pages, mut shown) = mpsc::channel(PAGES);
    let reading = tokio::spawn(read(copy, pages)).abort_handle();
    let (keys, queue) = mpsc::channel(TYPED);
    let writing = write(seat.link.asker.clone(), seat.handle.clone(), queue);
    tokio::spawn(writing);
    let (mut buffer, mut queries) = ([0; 4096], Queries::default());
    let left = loop {
        tokio::select! {
            page = shown.recv() => match page {
                Some(Ok(Shown::Output(bytes))) => {
                    if show(&seat.terminal, &queries.pass(&bytes)).await.is_err() {
                        break Ok(Left::Detached);
                    }
                }
                Some(Ok(Shown::Screen(bytes))) => {
                    queries = Queries::default();
                    if show(&seat.terminal, &bytes).await.is_err() {
                        break Ok(Left::Detached);
                    }
                }
                Some(Ok(Shown::Closed)) | None => break Ok(Left::Closed),
                Some(Err(failure)) => break Err(failure),
            },
            typed = seat.terminal.read(&mut buffer) => {
                let length = typed.unwrap_or(0);
                let typed = seat.key.find(buffer.get(..length).unwrap_or_default());
                if !seat.read_only && !typed.keys.is_empty() && keys.try_send(typed.keys.to_vec()).is_err() {
                    let _ = show(&seat.terminal, BELL).await;
                }
                if typed.detaches || length == 0 {
                    break Ok(Left::Detached);
                }
            }
            note = seat.link.notes.next() => match note {
                Some(note) if note.read::<TakenNote>().is_some() => break Ok(Left::Taken),
                Some(_) => {}
                // Whoever reads is told why.
                None => std::future::pending().await,
            },
            told = signals.next() => match told {
                AtTerminal::Resized => resize(seat).await,
                AtTerminal::Over => break Ok(Left::Detached),
            },
        }
    };
    reading.abort();
    left
}

async fn read(mut copy: Copy, pages: mpsc::Sender<Result<Shown, Failure>>) {
    loop {
        let page = copy.next().await;
        let is_last = matches!(page, Err(_) | Ok(Shown::Closed));
        if pages.send(page).await.is_err() || is_last {
            return;
        }
    }
}

async fn write(asker: Asker, handle: String, mut queue: mpsc::Receiver<Vec<u8>>) {
    while let Some(keys) = queue.recv().await {
        let write = Write {
            process_id: handle.clone(),
            chunk: Bytes(keys),
            write_id: None,
            wait_ms: None,
        };
        // What a program does not take is lost, as on any terminal.
        let _ = asker.try_ask(&write).await;
    }
}

/// Gives the terminal our size; whoever only looks takes it as it is.
async fn resize(seat: &Seat) {
    let size = seat.terminal.size().ok();
    let size = size.filter(|size| size.rows > 0 && size.columns > 0 && !seat.read_only);
    if let Some(size) = size {
        let resize = Resize {
            process_id: seat.handle.clone(),
            size: Size {
                rows: size.rows,
                columns: size.columns,
            },
        };
        // One that keeps its size is shown as it is.
        let _ = seat.link.try_ask(&resize).await;
    }
}

async fn show(terminal: &seat::Seat, mut bytes: &[u8]) -> std::io::Result<()> {
    while !bytes.is_empty() {
        let taken = terminal.write(bytes).await?;
        bytes = bytes.get(taken..).unwrap_or_default();
    }
    Ok(())
}

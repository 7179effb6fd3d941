//! Where the drawing begins: what a terminal shows now, and the output that comes after it.

use crate::explain::Failure;
use crate::link::Asker;
use handfast_daemon::wire::{InfoOf, OutputChunk, Read, Screen};

/// How much output is asked for at once.
const PAGE: u64 = 64 * 1024;

/// Clears everything and puts the cursor into the corner.
const CLEAR: &[u8] = b"\x1b[0m\x1b[2J\x1b[H";

/// What takes back whatever a program may have asked of a terminal: colours, the other screen, a hidden
/// cursor, reports of the mouse and of the focus, pasted text in brackets, other keys; then a line of its
/// own below everything.
pub(super) const AFTERWARDS: &[u8] =
    b"\x1b[?1049l\x1b[0m\x1b[?25h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\
\x1b[?1006l\x1b[?2004l\x1b[?2026l\x1b[?1l\x1b>\x1b[?7h\x1b[r\x1b[=0;1u\x1b(B\x1b[999;1H\r\n";

/// Reads the output of a terminal from what it shows on.
#[derive(Debug)]
pub(super) struct Copy {
    asker: Asker,
    handle: String,
    what: String,
    /// The last number that was read.
    after: u64,
    /// Up to which byte everything is shown.
    at: u64,
}

/// What is to be shown.
#[derive(Debug)]
pub(super) enum Shown {
    /// As the program wrote it.
    Output(Vec<u8>),
    /// A whole screen, drawn anew.
    Screen(Vec<u8>),
    /// Nothing more comes.
    Closed,
}

impl Copy {
    pub(super) fn of(asker: Asker, handle: String, what: String) -> Copy {
        Copy {
            asker,
            handle,
            what,
            after: 0,
            at: 0,
        }
    }

    /// What the terminal shows, as bytes that draw it; what comes later is read from there on.
    pub(super) async fn redraw(&mut self) -> Result<Vec<u8>, Failure> {
        let (process_id, members) = (self.handle.clone(), false);
        let asked = InfoOf {
            process_id,
            members,
        };
        let info = self.asker.ask(&self.what, &asked).await?;
        let output = info.output.as_ref();
        let (bytes, next) = output.map_or((0, 1), |output| (output.bytes, output.next_seq));
        let screen = loop {
            let asked = Screen {
                process_id: self.handle.clone(),
                redraw: true,
            };
            let screen = self.asker.ask(&self.what, &asked).await?;
            // All that has a number by now must be on it.
            if screen.offset >= bytes {
                break screen;
            }
        };
        (self.after, self.at) = (next.saturating_sub(1), screen.offset);
        let drawn = screen.redraw.map(|bytes| bytes.0).unwrap_or_default();
        Ok([CLEAR, &drawn].concat())
    }

    /// What comes next; waits for it.
    pub(super) async fn next(&mut self) -> Result<Shown, Failure> {
        let read = Read {
            process_id: self.handle.clone(),
            after_seq: self.after,
            max_bytes: Some(PAGE),
            wait_ms: self.asker.longest_wait(),
        };
        let answer = self.asker.ask(&self.what, &read).await?;
        let until = self.after.max(answer.next_seq.saturating_sub(1));
        if until == self.after && answer.closed {
            return Ok(Shown::Closed);
        }
        self.after = until;
        let begins = answer.chunks.first().map_or(self.at, |chunk| chunk.offset);
        if begins > self.at {
            // Some of it is not kept: the daemon has seen it, and knows what it came to.
            return self.redraw().await.map(Shown::Screen);
        }
        let mut bytes = Vec::new();
        for chunk in &answer.chunks {
            bytes.extend_from_slice(self.not_shown(chunk));
        }
        Ok(Shown::Output(bytes))
    }

    /// What of a chunk is not on the screen yet.
    fn not_shown<'a>(&mut self, chunk: &'a OutputChunk) -> &'a [u8] {
        let bytes = &chunk.chunk.0;
        let seen = usize::try_from(self.at.saturating_sub(chunk.offset)).unwrap_or(usize::MAX);
        self.at = self.at.max(chunk.offset + bytes.len() as u64);
        bytes.get(seen..).unwrap_or_default()
    }
}

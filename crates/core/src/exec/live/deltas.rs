//! Output as events: read from the store as any reader reads it, cut into frames.
//!
//! What must stay true: what comes too fast for events is counted in the next one; where nobody
//! listens nothing is read.

use super::super::events::{ExecEvent, ExecOutput};
use super::super::session::ExecSession;
use crate::output::Captured;
use crate::output::view::{FRAMES, Frames};
use std::sync::Arc;

/// How much is read before others have their turn.
const PIECE: usize = 64 * 1024;

/// The output of one session on its way to those who listen.
#[derive(Debug, Default)]
pub(super) struct Deltas {
    frames: Frames,
    offset: u64,
    omitted: u64,
}

impl Deltas {
    /// Up to where it has read.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether there is anything left to tell.
    pub(super) fn is_open(&self) -> bool {
        self.frames.emitted() < FRAMES
    }

    /// Tells the next piece; answers whether there was one.
    pub(super) fn tell(&mut self, session: &ExecSession, captured: &Captured) -> bool {
        let chunk = captured.read(self.offset, PIECE);
        self.offset = chunk.next.offset();
        if chunk.omitted_before > 0 {
            // What was held back belongs before the gap.
            self.flush(session);
            self.omitted += chunk.omitted_before;
        }
        let omitted = &mut self.omitted;
        self.frames
            .push(&chunk.bytes, |frame| send(session, frame, omitted));
        !chunk.bytes.is_empty()
    }

    /// Nobody listens: what has come so far is told to nobody.
    pub(super) fn skip(&mut self, captured: &Captured) {
        self.offset = captured.progress().1;
    }

    /// Tells what was held back.
    pub(super) fn flush(&mut self, session: &ExecSession) {
        let omitted = &mut self.omitted;
        self.frames.finish(|frame| send(session, frame, omitted));
    }
}

fn send(session: &ExecSession, frame: &[u8], omitted: &mut u64) {
    let omitted_before = std::mem::take(omitted);
    session.tell(|| {
        ExecEvent::Output(Arc::new(ExecOutput {
            call_id: session.about.call_id.clone(),
            bytes: frame.to_vec(),
            omitted_before,
        }))
    });
}

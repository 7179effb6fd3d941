//! What is told of a session, made from what is known when it is told.
//!
//! Apart from the session because it is words. What must stay true: nothing is made that nobody hears,
//! and what is left out of the output is counted in it.

use super::cause::EndCause;
use super::clock::point;
use super::error::ExecError;
use super::events::{ExecBegin, ExecEnd, ExecEvent, ExecStatus};
use super::session::{ExecSession, OUTPUT_BYTES, Phase};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

impl ExecSession {
    /// All its output, as far as it is kept.
    pub(super) fn transcript(&self) -> Transcript {
        let Some(captured) = self.captured() else {
            return Transcript::default();
        };
        let head = captured.read(0, OUTPUT_BYTES);
        let tail = captured.read(head.next.offset(), OUTPUT_BYTES);
        Transcript {
            head: head.bytes,
            omitted: tail.omitted_before,
            tail: tail.bytes,
        }
    }

    /// The event of its begin.
    pub(super) fn begin_event(&self) -> ExecEvent {
        ExecEvent::Begin(Arc::new(ExecBegin {
            call_id: self.about.call_id.clone(),
            session_id: self.id,
            command: self.about.command.clone(),
            cwd: self.about.cwd.clone(),
        }))
    }

    /// The event of its end.
    pub(super) fn end_event(&self) -> ExecEvent {
        let end = self.end();
        let failed = match (self.asked().failure, self.phase()) {
            (Some(message), _) => Some(message),
            (None, Phase::Failed(error)) => Some(error.to_string()),
            (None, _) => None,
        };
        let declined = matches!(self.phase(), Phase::Failed(ExecError::Declined { .. }));
        let stdout = self.transcript().text();
        let code = end.and_then(|end| end.exit_code).unwrap_or(-1);
        let (stderr, exit_code) = failed.map_or((String::new(), code), |message| (message, -1));
        let aggregated_output = match (stdout.is_empty(), stderr.is_empty()) {
            (_, true) => stdout.clone(),
            (true, false) => stderr.clone(),
            (false, false) => format!("{stdout}\n{stderr}"),
        };
        let status = match (declined, exit_code) {
            (true, _) => ExecStatus::Declined,
            (false, 0) => ExecStatus::Completed,
            (false, _) => ExecStatus::Failed,
        };
        ExecEvent::End(Arc::new(ExecEnd {
            call_id: self.about.call_id.clone(),
            session_id: self.id,
            command: self.about.command.clone(),
            cwd: self.about.cwd.clone(),
            stdout,
            stderr,
            aggregated_output,
            exit_code,
            duration: self.launched.get().map_or(Duration::ZERO, Instant::elapsed),
            status,
            cause: end.map_or(EndCause::Unknown, |end| end.cause),
        }))
    }

    /// Tells those who listen where it is at home, if anybody does.
    pub(super) fn tell(&self, event: impl FnOnce() -> ExecEvent) {
        point();
        let home = self.home.borrow().clone();
        if let Some(home) = home.filter(|home| *home.hub.listeners().borrow() > 0) {
            home.hub.tell(&event());
        }
    }
}

/// The output of a session from its beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Transcript {
    pub(super) head: Vec<u8>,
    pub(super) omitted: u64,
    pub(super) tail: Vec<u8>,
}

impl Transcript {
    /// With a line that says how much is left out, if anything is.
    fn text(mut self) -> String {
        if self.omitted > 0 {
            let marker = format!("\n... {} bytes omitted ...\n", self.omitted);
            self.head.extend_from_slice(marker.as_bytes());
        }
        self.head.append(&mut self.tail);
        String::from_utf8_lossy(&self.head).into_owned()
    }
}

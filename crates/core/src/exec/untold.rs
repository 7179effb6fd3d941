//! An answer on its way to its caller.
//!
//! A call that has seen the end waits a moment for that to be told, and may be given up meanwhile. What
//! must stay true: what was taken of the output for an answer is in it, or goes back to where the next
//! one finds it, until the caller has it.

use super::answer::ExecResponse;
use super::clock::point;
use super::session::ExecSession;
use super::sessions::Sessions;
use crate::output::HeadTail;
use std::sync::Arc;

/// An answer that nobody has yet.
#[derive(Debug)]
pub(super) struct Untold {
    pub(super) answer: ExecResponse,
    back: Back,
}

/// Where the output goes back to.
#[derive(Debug)]
struct Back {
    sessions: Arc<Sessions>,
    session: Arc<ExecSession>,
    bytes: Option<HeadTail>,
}

impl Untold {
    /// With all that was taken of the output of a session.
    pub(super) fn new(
        answer: ExecResponse,
        (sessions, session): (&Arc<Sessions>, &Arc<ExecSession>),
        bytes: HeadTail,
    ) -> Untold {
        Untold {
            answer: answer.with_output(&bytes),
            back: Back {
                sessions: Arc::clone(sessions),
                session: Arc::clone(session),
                bytes: Some(bytes),
            },
        }
    }

    /// The caller has it.
    pub(super) fn told(mut self) -> ExecResponse {
        self.back.bytes = None;
        self.answer
    }
}

impl Drop for Back {
    fn drop(&mut self) {
        let Some(bytes) = self.bytes.take().filter(|bytes| !bytes.is_empty()) else {
            return;
        };
        if let Some(captured) = self.session.captured() {
            captured.give_back(bytes);
            point();
            self.sessions.came_back(&self.session);
        }
    }
}

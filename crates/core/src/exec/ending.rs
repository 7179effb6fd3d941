//! Lists of sessions, and ending them from outside of a call.
//!
//! Rules of unified-exec 3.10. What must stay true: what is ended leaves the list and goes on answering;
//! a session whose first call still waits is taken out of the list by that call.

use super::error::ExecError;
use super::session::{ExecSession, Phase, Wanted, send_end};
use super::sessions::Sessions;
use super::store::{Found, Grave};
use crate::process::{ProcessHandle, Receipt};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::oneshot;

/// A session in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionInfo {
    /// Its number.
    pub session_id: i32,
    /// The call that started it.
    pub call_id: String,
    /// The text of its command.
    pub command: String,
    /// Its argv, the shell first.
    pub argv: Vec<String>,
    /// Where it runs.
    pub cwd: PathBuf,
    /// What it is for.
    pub purpose: Option<String>,
    /// Whether it has a terminal.
    pub tty: bool,
    /// When it was started.
    pub started: SystemTime,
    /// How long ago that is.
    pub age: Duration,
    /// When it last wrote something, if it did.
    pub last_output: Option<SystemTime>,
    /// Whether it runs already; it is being started otherwise.
    pub running: bool,
    /// Its process for the other verbs of the manager, once there is one.
    pub handle: Option<ProcessHandle>,
}

/// What a stop of a session did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionReceipt {
    /// Which session.
    pub session_id: i32,
    /// Whether its command was running, or being started.
    pub was_running: bool,
    /// What was done to its tree; none where it had none.
    pub receipt: Option<Receipt>,
}

impl Sessions {
    /// Those whose command has not ended, by number.
    pub(crate) fn list(&self) -> Vec<SessionInfo> {
        let all = self.all().into_iter().map(|slot| slot.session);
        let live = all.filter(|session| !session.is_exited());
        live.map(|session| info(&session)).collect()
    }

    /// Ends one, and waits until it is gone.
    ///
    /// Whatever is left of one whose command has ended is ended too.
    pub(crate) async fn end(&self, id: i32, wanted: Wanted) -> Result<SessionReceipt, ExecError> {
        let (session, listed) = match self.find(id) {
            Found::Session(session) => (session, true),
            Found::Grave(Grave::Fresh(session)) => (session, false),
            Found::Grave(Grave::Settled(stone)) => {
                let entry = stone.entry.upgrade();
                let left = entry.filter(|entry| !entry.seen.borrow().is_over());
                let receipt = match left {
                    Some(entry) => send_end(&entry, wanted).await.ok(),
                    None => None,
                };
                return Ok(SessionReceipt {
                    session_id: id,
                    was_running: false,
                    receipt,
                });
            }
            Found::Nothing => return Err(self.unknown(id)),
        };
        let was_running = !session.is_exited();
        let answer = ask_end(&session, wanted);
        let receipt = match answer {
            Some(answer) => answer.await.ok(),
            None => None,
        };
        if listed && !session.is_initial() {
            self.bury(&session);
            self.settle(&session);
        }
        Ok(SessionReceipt {
            session_id: id,
            was_running,
            receipt,
        })
    }

    /// Kills one: whether there was one that ran and is gone now. One that could not be killed stays
    /// in the list, so that it can be tried again.
    pub(crate) async fn kill(&self, id: i32) -> bool {
        let Found::Session(session) = self.find(id) else {
            return false;
        };
        let was_running = !session.is_exited();
        let answer = ask_end(&session, Wanted::Kill);
        let survivors = match answer {
            Some(answer) => answer
                .await
                .is_ok_and(|receipt| !receipt.survivors.is_empty()),
            None => false,
        };
        if survivors {
            return false;
        }
        if !session.is_initial() {
            self.bury(&session);
            self.settle(&session);
        }
        was_running
    }

    /// Ends all at once, and waits until they are gone.
    pub(crate) async fn end_all(&self) -> Vec<SessionReceipt> {
        let mut handed = Vec::new();
        for session in self.all().into_iter().map(|slot| slot.session) {
            let was_running = !session.is_exited();
            let answer = ask_end(&session, Wanted::EndAll);
            self.bury(&session);
            self.settle(&session);
            handed.push((session.id, was_running, answer));
        }
        let mut receipts = Vec::with_capacity(handed.len());
        for (session_id, was_running, answer) in handed {
            let receipt = match answer {
                Some(answer) => answer.await.ok(),
                None => None,
            };
            receipts.push(SessionReceipt {
                session_id,
                was_running,
                receipt,
            });
        }
        receipts
    }

    /// Denies a session what it tried: it fails with the first message and is killed. Answers whether
    /// this message was the first and came before its end was told.
    pub(crate) fn deny(&self, id: i32, message: &str) -> Result<bool, ExecError> {
        let session = match self.find(id) {
            Found::Session(session) | Found::Grave(Grave::Fresh(session)) => session,
            Found::Grave(Grave::Settled(_)) => return Ok(false),
            Found::Nothing => return Err(self.unknown(id)),
        };
        let first = session.fail(message);
        if first {
            // Nobody waits for its end here: calls on it do.
            drop(ask_end(&session, Wanted::Denied));
        }
        Ok(first)
    }
}

/// Ends the tree of a session, also where its command has ended already.
fn ask_end(session: &ExecSession, wanted: Wanted) -> Option<oneshot::Receiver<Receipt>> {
    match session.phase() {
        Phase::Up(entry) if session.is_exited() => {
            let left = !entry.seen.borrow().is_over();
            left.then(|| send_end(&entry, wanted))
        }
        _ => session.want_end(wanted),
    }
}

fn info(session: &Arc<ExecSession>) -> SessionInfo {
    let about = &session.about;
    let captured = session.captured();
    SessionInfo {
        session_id: session.id,
        call_id: about.call_id.clone(),
        command: about.text.clone(),
        argv: about.command.clone(),
        cwd: about.cwd.clone(),
        purpose: about.purpose.clone(),
        tty: about.tty,
        started: session.begun_at,
        age: session.begun.elapsed(),
        last_output: captured.and_then(|captured| captured.status().last_output),
        running: session.handle().is_some(),
        handle: session.handle(),
    }
}

//! Taking sessions out of one store and putting them into another.
//!
//! The process is not touched: it runs, writes and is read, and what it writes waits. What must stay
//! true: a number stands for the same session before and after; whoever is there first keeps it; an end
//! that comes on the way is told where the session arrives.

use super::session::{ExecSession, Phase};
use super::sessions::{Home, Sessions, Taken};
use super::store::Slot;
use crate::manager::registry::Entry;
use crate::owner::book::Key;
use crate::process::ProcessHandle;
use std::sync::Arc;

/// A session on its way from one list to another.
///
/// One that is dropped is not ended: its process goes on, as a process of its manager.
#[derive(Debug)]
#[must_use = "nobody can write to it until it is in a list again"]
pub struct ExportedSession {
    id: i32,
    /// Until it is put into a list.
    slot: Option<Slot<Arc<ExecSession>>>,
}

impl Drop for ExportedSession {
    fn drop(&mut self) {
        if let Some(slot) = &self.slot {
            // Nobody will ever listen: its end is told to nobody, and its task can end.
            slot.session.home.send_replace(Some(Home::nowhere()));
        }
    }
}

impl ExportedSession {
    /// Its number.
    #[must_use]
    pub fn id(&self) -> i32 {
        self.id
    }

    /// Its process, once it has one.
    #[must_use]
    pub fn handle(&self) -> Option<ProcessHandle> {
        self.session().and_then(|session| session.handle())
    }

    /// Whether its command has ended.
    #[must_use]
    pub fn is_exited(&self) -> bool {
        self.session().is_none_or(|session| session.is_exited())
    }

    /// Who owns its process now, of which something is left.
    pub(crate) fn owner_of_the_living(&self) -> Option<Key> {
        let entry = self.session()?.entry()?;
        let lives = !entry.seen.borrow().is_over();
        lives.then(|| entry.claim.key()).flatten()
    }

    pub(super) fn session(&self) -> Option<&Arc<ExecSession>> {
        self.slot.as_ref().map(|slot| &slot.session)
    }
}

/// What became of sessions that were put into a store.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Imported {
    /// Numbers that are in it now, in order.
    pub imported: Vec<i32>,
    /// Those whose numbers were taken, in order.
    pub skipped: Vec<ExportedSession>,
}

impl Sessions {
    /// Takes all out, by number. One about which somebody is still being asked is not started: its
    /// number is free.
    pub(crate) fn export(&self) -> Vec<ExportedSession> {
        let taken = self.take(|_| true);
        let approved = taken
            .into_iter()
            .filter(|(_, slot)| !matches!(slot.session.phase(), Phase::Approving));
        approved.map(exported).collect()
    }

    /// Takes those out whose process is known to them, by number, and remembers that they went. One
    /// that is being started stays with its process.
    pub(crate) fn detach(&self) -> Vec<ExportedSession> {
        let goes = |session: &Arc<ExecSession>| match session.phase() {
            Phase::Up(_) => true,
            Phase::Failed(_) => !session.is_initial(),
            Phase::Approving | Phase::Launching => false,
        };
        let gone: Vec<_> = self.take(goes).into_iter().map(exported).collect();
        self.went(gone.iter().filter_map(ExportedSession::session));
        gone
    }

    /// Takes out the session of a process, if it has one, in one step with a decision for that; where
    /// it is against it, nothing is taken.
    pub(crate) fn take_if<T, E>(
        &self,
        handle: ProcessHandle,
        decide: impl FnOnce() -> Result<T, E>,
    ) -> Result<(T, Vec<ExportedSession>), E> {
        let its = |session: &Arc<ExecSession>| session.handle() == Some(handle);
        let (decided, taken) = self.take_after(decide, its)?;
        Ok((decided, taken.into_iter().map(exported).collect()))
    }

    /// Takes those out again that were put in, with these processes.
    pub(crate) fn take_back(&self, mine: impl Fn(ProcessHandle) -> bool) -> Vec<ExportedSession> {
        let taken = self.take(|session| session.handle().is_some_and(&mine));
        taken.into_iter().map(exported).collect()
    }

    /// Whether a process belongs to a session that is in the list.
    pub(crate) fn has(&self, entry: &Entry) -> bool {
        let handle = Some(entry.record.handle);
        self.all()
            .iter()
            .any(|slot| slot.session.handle() == handle)
    }

    /// Puts sessions in, by number. One whose number is taken here is handed back.
    pub(crate) fn import(&self, mut sessions: Vec<ExportedSession>) -> Imported {
        sessions.sort_by_key(|session| session.id);
        let mut done = Imported::default();
        for mut session in sessions {
            let Some(slot) = session.slot.take() else {
                continue;
            };
            match self.put(session.id, slot) {
                Ok(()) => done.imported.push(session.id),
                Err(slot) => {
                    session.slot = Some(slot);
                    done.skipped.push(session);
                }
            }
        }
        done
    }
}

fn exported((id, mut slot): Taken) -> ExportedSession {
    slot.session.home.send_replace(None);
    slot.stored = true;
    let slot = Some(slot);
    ExportedSession { id, slot }
}

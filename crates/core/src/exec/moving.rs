//! Taking sessions out of one store and putting them into another.
//!
//! The process is not touched: it runs, writes and is read, and what it writes waits. What must stay
//! true: a number stands for the same session before and after; whoever is there first keeps it; an end
//! that comes on the way is told where the session arrives.

use super::session::{ExecSession, Phase};
use super::sessions::Sessions;
use super::store::Slot;
use crate::process::ProcessHandle;
use std::sync::Arc;

/// A session on its way from one list to another.
///
/// One that is dropped is not ended: its process goes on, as a process of its manager.
#[derive(Debug)]
#[must_use = "nobody can write to it until it is in a list again"]
pub struct ExportedSession {
    id: i32,
    slot: Slot<Arc<ExecSession>>,
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
        self.slot.session.handle()
    }

    /// Whether its command has ended.
    #[must_use]
    pub fn is_exited(&self) -> bool {
        self.slot.session.is_exited()
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
        let exported = approved.map(|(id, mut slot)| {
            slot.session.home.send_replace(None);
            slot.stored = true;
            ExportedSession { id, slot }
        });
        exported.collect()
    }

    /// Puts sessions in, by number. One whose number is taken here is handed back.
    pub(crate) fn import(&self, mut sessions: Vec<ExportedSession>) -> Imported {
        sessions.sort_by_key(|session| session.id);
        let mut done = Imported::default();
        for ExportedSession { id, slot } in sessions {
            match self.put(id, slot) {
                Ok(()) => done.imported.push(id),
                Err(slot) => done.skipped.push(ExportedSession { id, slot }),
            }
        }
        done
    }
}

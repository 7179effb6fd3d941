//! Handing a process over, with the session that its command may have.
//!
//! The book decides, and the session leaves its giver's list in the same step. So at no moment can both
//! write to it, and who is refused has not lost it even for a moment.

use super::super::Inner;
use crate::owner::book::Key;
use crate::owner::{OwnerError, OwnerId};
use crate::process::task::Wish;
use crate::process::{LookupError, ProcessHandle};

/// A process was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Handed {
    /// The number of its session, which the receiver goes on with. `None` where it has none.
    pub session_id: Option<i32>,
    /// The number of its session where that is taken at the receiver: the session is nobody's then.
    /// The process goes on and is reached by its handle.
    pub session_lost: Option<i32>,
}

impl Inner {
    /// Gives a process to another owner. Who asks must own it; the host asks as nobody.
    pub(super) fn transfer(
        &self,
        handle: ProcessHandle,
        asked: Option<&Key>,
        to: &OwnerId,
    ) -> Result<Handed, OwnerError> {
        let _moving = self.owned.moving();
        // Looked for in here: it may have gone to another manager a moment ago.
        let entry = self.registry.find(handle)?;
        if entry.is_launching() {
            return Err(OwnerError::Starting { handle });
        }
        let giver = entry.claim.key().ok_or(LookupError::Unknown { handle })?;
        let giver = self.sessions_for(&giver);
        let (receiver, taken) = self.making_room(|| {
            giver.take_if(handle, || {
                entry.claim.transfer(handle, asked, to, |wall| {
                    // A task that is gone has no process any more.
                    let _ = entry.wishes.send(Wish::WallTime(wall));
                })
            })
        })?;
        if let Some(kept) = &self.kept {
            kept.set_owner(handle, to);
        }
        let put = self.sessions_for(&receiver).import(taken);
        Ok(Handed {
            session_id: put.imported.first().copied(),
            session_lost: put.skipped.first().map(|session| session.id()),
        })
    }
}

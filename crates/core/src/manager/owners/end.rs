//! Ending an owner, with all below it.
//!
//! In a task of its own, so that an end that nobody waits for any more goes on. What must stay true:
//! what is deeper is gone before what is above is asked; nothing is taken on meanwhile; what could not be
//! ended, or was declared to survive, belongs to the next owner above when it is over.

use super::super::registry::{Entry, Registry};
use super::super::shutdown::{dies_with_owner, end_these};
use super::{Inner, OwnedSessions};
use crate::owner::book::{Begun, Key, Marked};
use crate::owner::claim::Owners;
use crate::owner::{OwnerError, OwnerId};
use crate::process::{Cause, ProcessHandle, Receipt};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the end of an owner did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OwnerEnd {
    /// The receipts of all processes that were ended, those of the deepest owners first. Empty where
    /// somebody else had begun the end.
    pub receipts: Vec<Receipt>,
    /// Processes that live on: declared to survive, or beyond what a kill can reach.
    pub left: Vec<ProcessHandle>,
    /// To whom they, and the records of all others, belong now.
    pub heir: OwnerId,
}

/// Ends an owner, or joins the end under way.
pub(super) async fn end(inner: &Inner, key: &Key) -> Result<OwnerEnd, OwnerError> {
    let owners = Arc::clone(&inner.owners);
    let marked = match inner.owners.begin_end(key)? {
        Begun::Now(marked) => marked,
        Begun::Already => {
            owners.until(|book| !book.is_there(key)).await;
            return Ok(OwnerEnd {
                receipts: Vec::new(),
                left: Vec::new(),
                heir: OwnerId::host(),
            });
        }
    };
    let registry = Arc::clone(&inner.registry);
    let with = (owners, registry, Arc::clone(&inner.owned));
    let ended = inner.runtime.spawn(carry_out(with, marked));
    let owner = key.id.clone();
    let ended = ended.await;
    if let Some(store) = &inner.store {
        store.owners_ended();
    }
    ended.map_err(|_| OwnerError::RuntimeGone { owner })
}

async fn carry_out(
    (owners, registry, owned): (Arc<Owners>, Arc<Registry>, Arc<OwnedSessions>),
    marked: Marked,
) -> OwnerEnd {
    let rows = owners.rows_to_end(&marked);
    let depths: BTreeSet<usize> = rows.values().copied().collect();
    let mut receipts = Vec::new();
    for depth in depths.into_iter().rev() {
        let level = |row: &u64| rows.get(row) == Some(&depth);
        let mut entries = of_rows(&registry, level);
        entries.retain(|entry| dies_with_owner(entry));
        receipts.extend(end_these(&entries, Cause::OwnerEnded, None).await);
    }
    owners.until(|book| !book.is_waiting(&marked)).await;
    let (heir, left) = close((&owners, &registry, &owned), &marked);
    OwnerEnd {
        receipts,
        left,
        heir,
    }
}

/// Closes the owners; what is left of their processes goes to their heir, with its sessions.
fn close(
    (owners, registry, owned): (&Owners, &Registry, &OwnedSessions),
    marked: &Marked,
) -> (OwnerId, Vec<ProcessHandle>) {
    let _moving = owned.moving();
    // Before the owners are gone, so that nobody else drops them with what has to go on.
    let sessions = owned.remove(marked.numbers());
    let (heir, rows) = owners.finish_end(marked);
    let left = of_rows(registry, |row| rows.contains(row));
    let left: Vec<_> = left.iter().map(|entry| entry.record.handle).collect();
    // An heir that has ended itself by now has given everything to its own.
    if let Ok(key) = owners.with(|book| book.any_key(&heir)) {
        owned.inherit(&sessions, &owned.of(owners, &key), &left);
    }
    (heir, left)
}

/// The processes of which something is left and whose rows are wanted, the oldest first.
pub(super) fn of_rows(registry: &Registry, wanted: impl Fn(&u64) -> bool) -> Vec<Arc<Entry>> {
    let mut entries = registry.active_anywhere();
    entries.retain(|entry| wanted(&entry.claim.row()));
    entries.sort_by_key(|entry| entry.record.id);
    entries
}

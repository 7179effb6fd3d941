//! Who has a process, among the managers that share a detached store; and handing it on.
//!
//! What must stay true: a process is in one registry at any moment at which the directory's lock is
//! free, so that whoever does not have it can say who does; one that moves is found on the way. The
//! lock of the directory is taken before that of a home, and that before those of registries.

use super::registry::{Entry, Registry, Standing};
use crate::owner::OwnerId;
use crate::process::{LookupError, ProcessHandle};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// The registries of one detached store.
#[derive(Debug, Default)]
pub(crate) struct Directory(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// What is detached.
    limbo: Weak<Registry>,
    managers: Vec<Weak<Registry>>,
    /// Detached ones that were told to end: nobody gets them back alive.
    condemned: BTreeSet<ProcessHandle>,
}

impl Known {
    fn forget_those_that_ended(&mut self) {
        let limbo = self.limbo.upgrade();
        let runs = |handle: &ProcessHandle| limbo.as_ref().is_some_and(|l| l.is_active(*handle));
        self.condemned.retain(runs);
    }
}

/// What moved, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Moved {
    pub(crate) entries: Vec<Arc<Entry>>,
    /// Those that could not, since the other side takes no more.
    pub(crate) refused: Vec<Arc<Entry>>,
}

impl Directory {
    fn lock(&self) -> MutexGuard<'_, Known> {
        // Nothing under this lock panics half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Names the registry of what is detached.
    pub(crate) fn set_limbo(&self, limbo: &Arc<Registry>) {
        self.lock().limbo = Arc::downgrade(limbo);
    }

    /// Adds the registry of a manager.
    pub(crate) fn add(&self, manager: &Arc<Registry>) {
        let mut known = self.lock();
        known.managers.retain(|manager| manager.strong_count() > 0);
        known.managers.push(Arc::downgrade(manager));
    }

    /// Finds a process for `asking`, which did not have it a moment ago, or says who has it.
    pub(super) fn find(
        &self,
        asking: &Registry,
        id: u64,
        handle: ProcessHandle,
    ) -> Result<Arc<Entry>, LookupError> {
        // From here on nothing moves.
        let known = self.lock();
        if let Some(entry) = asking.get(id) {
            return Ok(entry);
        }
        if known.limbo.upgrade().is_some_and(|limbo| limbo.has(id)) {
            return Err(LookupError::Detached { handle });
        }
        let mut managers = known.managers.iter().filter_map(Weak::upgrade);
        Err(if managers.any(|manager| manager.has(id)) {
            LookupError::Elsewhere { handle }
        } else {
            LookupError::Forgotten { handle }
        })
    }

    /// All registries that are there.
    pub(crate) fn registries(&self) -> Vec<Arc<Registry>> {
        let known = self.lock();
        let all = known.managers.iter().chain([&known.limbo]);
        all.filter_map(Weak::upgrade).collect()
    }

    /// Everything of which something is left, in all registries.
    pub(crate) fn active(&self) -> Vec<Arc<Entry>> {
        // From here on nothing moves, so nothing is missed on its way.
        let known = self.lock();
        let all = known.managers.iter().chain([&known.limbo]);
        let all = all.filter_map(Weak::upgrade);
        all.flat_map(|registry| registry.active()).collect()
    }

    /// Hands everything of an owner on that does not stay: what runs, and the tombstones. Subscribers of
    /// both sides are told `word`.
    pub(crate) fn move_all(
        &self,
        owner: &OwnerId,
        (from, to): (&Registry, &Arc<Registry>),
        word: &'static str,
        stays: impl Fn(&Entry) -> bool,
    ) -> Moved {
        let mut known = self.lock();
        known.forget_those_that_ended();
        let mut moved = Moved::default();
        for entry in from.all() {
            let condemned = known.condemned.contains(&entry.record.handle);
            if entry.owner() != *owner || condemned || stays(&entry) {
                continue;
            }
            match hand_on(&entry, (from, to), word) {
                Some(true) => moved.entries.push(entry),
                Some(false) => moved.refused.push(entry),
                None => {}
            }
        }
        moved
    }

    /// Those that are detached, run and are chosen: nobody gets them back from here on.
    pub(crate) fn condemn(&self, chosen: impl Fn(&Entry) -> bool) -> Vec<Arc<Entry>> {
        let mut known = self.lock();
        let Some(limbo) = known.limbo.upgrade() else {
            return Vec::new();
        };
        known.forget_those_that_ended();
        let mut active = limbo.active();
        active.retain(|entry| chosen(entry));
        let handles = active.iter().map(|entry| entry.record.handle);
        known.condemned.extend(handles);
        active
    }
}

/// Moves one; `None` where it is there no more, `Some(false)` where it is refused.
fn hand_on(
    entry: &Arc<Entry>,
    (from, to): (&Registry, &Arc<Registry>),
    word: &'static str,
) -> Option<bool> {
    // Without a home it has ended, and nobody will touch its tombstone.
    let home = entry.home.upgrade();
    let kept = home.as_ref().map(|home| home.keep());
    let standing = from.standing(entry)?;
    // For a moment both have it: who asks finds it at either.
    if !to.accept(entry, standing) {
        return Some(false);
    }
    from.remove(entry);
    if standing == Standing::Active {
        from.tell(entry.record.handle, word);
        to.tell(entry.record.handle, word);
    }
    if let Some(mut kept) = kept {
        *kept = Arc::clone(to);
    }
    Some(true)
}

#[cfg(test)]
mod tests;

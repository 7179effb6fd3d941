//! The verbs of a manager for what goes to another one.

use super::{Inner, ProcessManager, sampler};
use crate::detached::{DetachError, DetachSummary, DetachedStore, ReattachSummary};
use crate::exec::Sessions;
use crate::owner::OwnerId;
use std::sync::Arc;

impl ProcessManager {
    /// Gives everything of an owner to the [`DetachedStore`]: what runs, what is being started or
    /// stopped, and the tombstones. It goes on there untouched, and this manager may end. An owner
    /// without a process is no error.
    ///
    /// Its sessions of [`exec_command`](ProcessManager::exec_command) go along under their numbers; one
    /// that is only being started stays here. A session of the same owner and number that was detached
    /// before is stale, and its process is ended.
    ///
    /// Waits and stops that are under way here are answered as before. From here on this manager
    /// answers for these handles that they are
    /// [detached](crate::LookupError::Detached).
    ///
    /// # Errors
    ///
    /// [`DetachError::NoStore`]; nothing was moved.
    pub fn detach(&self, owner: &OwnerId) -> Result<DetachSummary, DetachError> {
        let store = self.store()?;
        let _moving = self.inner.owned.moving();
        let sessions = self.inner.sessions_of(owner);
        let from = (&*self.inner.registry, sessions.as_deref());
        Ok(store.take_in(owner, from))
    }

    /// Takes everything of an owner back from the [`DetachedStore`], under the same handles: output,
    /// terminal and limits are as they were left. What ended meanwhile comes as its tombstone. An owner
    /// of which nothing is detached is no error.
    ///
    /// The first call on a session answers with what it wrote meanwhile, and its events and its end are
    /// told here. A session whose number stands for another one here stays detached, with its process.
    ///
    /// # Errors
    ///
    /// [`DetachError`]; nothing was moved.
    pub fn reattach(&self, owner: &OwnerId) -> Result<ReattachSummary, DetachError> {
        let store = self.store()?;
        if self.inner.registry.is_closed() {
            return Err(DetachError::Closed);
        }
        let inner = &self.inner;
        let _moving = inner.owned.moving();
        let sessions = inner.sessions_of(owner);
        let to = (&inner.registry, sessions.as_deref());
        let summary = store.give_back(owner, to);
        sampler::wake(&inner.sampler, &inner.registry, &inner.runtime);
        Ok(summary)
    }

    /// The store that it was made with.
    ///
    /// # Errors
    ///
    /// [`DetachError::NoStore`].
    pub(crate) fn store(&self) -> Result<&DetachedStore, DetachError> {
        self.inner.store.as_ref().ok_or(DetachError::NoStore)
    }
}

impl Inner {
    /// The sessions of an owner.
    fn sessions_of(&self, owner: &OwnerId) -> Option<Arc<Sessions>> {
        let key = self.owners.with(|book| book.any_key(owner)).ok()?;
        Some(self.sessions_for(&key))
    }
}

//! The verbs of a manager for what goes to another one.

use super::{ProcessManager, sampler};
use crate::detached::{DetachError, DetachSummary, DetachedStore, ReattachSummary};
use crate::owner::OwnerId;

impl ProcessManager {
    /// Gives everything of an owner to the [`DetachedStore`]: what runs, what is being started or
    /// stopped, and the tombstones. It goes on there untouched, and this manager may end. An owner
    /// without a process is no error.
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
        Ok(store.take_in(owner, &self.inner.registry))
    }

    /// Takes everything of an owner back from the [`DetachedStore`], under the same handles: output,
    /// terminal and limits are as they were left. What ended meanwhile comes as its tombstone. An owner
    /// of which nothing is detached is no error.
    ///
    /// # Errors
    ///
    /// [`DetachError`]; nothing was moved.
    pub fn reattach(&self, owner: &OwnerId) -> Result<ReattachSummary, DetachError> {
        let store = self.store()?;
        if self.inner.registry.is_closed() {
            return Err(DetachError::Closed);
        }
        let summary = store.give_back(owner, &self.inner.registry);
        let inner = &self.inner;
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

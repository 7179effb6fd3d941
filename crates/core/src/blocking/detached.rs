//! What goes from one manager to another, for programs without an async runtime.

use super::ProcessManager;
use crate::detached::{DetachError, DetachSummary, DetachedStore, ReattachSummary};
use crate::owner::OwnerId;
use crate::process::Receipt;

impl ProcessManager {
    /// As [`crate::ProcessManager::detach`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn detach(&self, owner: &OwnerId) -> Result<DetachSummary, DetachError> {
        self.manager.detach(owner)
    }

    /// As [`crate::ProcessManager::reattach`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn reattach(&self, owner: &OwnerId) -> Result<ReattachSummary, DetachError> {
        self.manager.reattach(owner)
    }
}

/// As [`DetachedStore::clean`], and waits.
#[must_use]
pub fn clean(store: &DetachedStore, owner: &OwnerId) -> Vec<Receipt> {
    store.block_on(store.clean(owner))
}

/// As [`DetachedStore::clean_all`], and waits.
#[must_use]
pub fn clean_all(store: &DetachedStore) -> Vec<Receipt> {
    store.block_on(store.clean_all())
}

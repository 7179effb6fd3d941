//! Processes that change their manager: detached from one, kept without any, reattached to another.
//!
//! A [`DetachedStore`] stands above the managers of one program, for hosts whose sessions come and go
//! while what they have started goes on. What must stay true: a detached process is still held, by
//! reapers that belong to the store, and ends with it; it is not touched by being moved; and its handle
//! answers at any moment, here or at the manager that has it.

mod builder;
mod store;
mod summary;

pub use builder::DetachedStoreBuilder;
pub use summary::{DetachError, DetachSummary, ReattachSummary};

use crate::manager::{Changes, ManagerError};
use crate::output::Captured;
use crate::owner::OwnerId;
use crate::process::{LookupError, ProcessHandle, ProcessInfo, ProcessStatus, Receipt};
use std::sync::Arc;
use store::Store;

/// Keeps processes that no manager has.
///
/// Managers that are made with clones of the same store share its reapers, and the runtime in which it
/// does its work: a thread of its own, so that no runtime of the host has to outlive another. When the
/// last clone and the last such manager are gone, everything that is left ends as with a manager that is
/// dropped: it is asked, has its grace, and is killed. If the program is killed, all of it is killed at
/// once. Only [`Lifetime::User`](crate::config::Lifetime::User) survives either.
///
/// Deadlines and leases go on while a process is detached.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use handfast::owner::OwnerId;
/// use handfast::{DetachedStore, ProcessConfig, ProcessManager};
///
/// let store = DetachedStore::new()?;
/// let owner = OwnerId::host();
/// let first = ProcessManager::builder().detached_store(&store).build()?;
/// let handle = first.start_process(ProcessConfig::builder("/srv/server").build()).await?;
/// assert_eq!(first.detach(&owner)?.handles, [handle]);
/// drop(first); // it runs on
///
/// let second = ProcessManager::builder().detached_store(&store).build()?;
/// assert_eq!(second.reattach(&owner)?.handles, [handle]);
/// println!("{:?}", second.query_status(handle)?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct DetachedStore {
    inner: Arc<Store>,
}

impl DetachedStore {
    /// Makes a store with the defaults of [`DetachedStoreBuilder`].
    ///
    /// # Errors
    ///
    /// As [`DetachedStoreBuilder::build`].
    pub fn new() -> Result<DetachedStore, ManagerError> {
        DetachedStoreBuilder::default().build()
    }

    /// For setting more than the defaults.
    pub fn builder() -> DetachedStoreBuilder {
        DetachedStoreBuilder::default()
    }

    /// The detached processes of which something is left, the oldest first.
    #[must_use]
    pub fn list_processes(&self) -> Vec<ProcessInfo> {
        let active = self.inner.limbo.active();
        let infos = active.iter().map(|entry| entry.info());
        // One that has ended since the list was taken is in it no more.
        infos.filter(|info| !info.status.is_over()).collect()
    }

    /// Where a detached process stands; also of one that has ended meanwhile, or before it was
    /// detached.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle without a record here.
    pub fn query_status(&self, handle: ProcessHandle) -> Result<ProcessStatus, LookupError> {
        let entry = self.inner.limbo.find(handle)?;
        let status = entry.seen.borrow().status();
        Ok(status)
    }

    /// The captured output of a detached process: see [`ProcessManager::output`](crate::ProcessManager::output).
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle without a record here.
    pub fn output(&self, handle: ProcessHandle) -> Result<Option<Captured>, LookupError> {
        let entry = self.inner.limbo.find(handle)?;
        Ok(entry.output.clone())
    }

    /// From here on every change of every detached process.
    #[must_use]
    pub fn subscribe(&self) -> Changes {
        Changes::of(&self.inner.limbo)
    }

    /// Stops everything that is detached of an owner, whatever its lifetime, each within its config's
    /// grace, and answers when all of it is gone. Nobody gets it back alive from here on; its
    /// tombstones stay. Works also when no manager is left.
    ///
    /// # Cancel safety
    ///
    /// Safe: all stops are handed over before the first wait.
    pub async fn clean(&self, owner: &OwnerId) -> Vec<Receipt> {
        self.inner.clean(Some(owner)).await
    }

    /// As [`DetachedStore::clean`], of every owner.
    ///
    /// # Cancel safety
    ///
    /// As [`DetachedStore::clean`].
    pub async fn clean_all(&self) -> Vec<Receipt> {
        self.inner.clean(None).await
    }
}

//! What all clones of a detached store share with the managers that were made with it.

use super::{DetachSummary, DetachedStore, ReattachSummary};
use crate::manager::builder::Shared;
use crate::manager::directory::Directory;
use crate::manager::registry::{Bounds, Entry, Registry};
use crate::manager::rungs::Reapers;
use crate::manager::shutdown::{end_these, owner_gone};
use crate::manager::{ManagerError, sampler};
use crate::owner::OwnerId;
use crate::owner::claim::Owners;
use crate::process::{Cause, Ids, ProcessHandle, Receipt};
use crate::runtime::Runtime;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Its end is the end of everything that is left.
#[derive(Debug)]
pub(super) struct Store {
    ids: Arc<Ids>,
    directory: Arc<Directory>,
    /// What no manager has.
    pub(super) limbo: Arc<Registry>,
    owners: Arc<Owners>,
    reapers: Arc<Reapers>,
    runtime: Runtime,
    sampler: Arc<AtomicBool>,
}

impl Store {
    pub(super) fn new(
        program: Option<&Path>,
        bounds: Bounds,
        runtime: Runtime,
    ) -> Result<Store, getrandom::Error> {
        let ids = Arc::new(Ids::new()?);
        let directory = Arc::new(Directory::default());
        let known = Some(Arc::clone(&directory));
        let limbo = Arc::new(Registry::new(Arc::clone(&ids), bounds, known));
        directory.set_limbo(&limbo);
        Ok(Store {
            ids,
            directory,
            limbo,
            owners: Arc::new(Owners::new()),
            reapers: Arc::new(Reapers::new(program.map(Into::into), runtime.clone())),
            runtime,
            sampler: Arc::default(),
        })
    }

    pub(super) async fn clean(&self, chosen: impl Fn(&Entry) -> bool) -> Vec<Receipt> {
        let condemned = self.directory.condemn(chosen);
        end_these(&condemned, Cause::Cleaned, None).await
    }

    fn leave(&self, cause: Cause) {
        for registry in self.directory.registries() {
            owner_gone(&registry, cause);
        }
        self.reapers.close();
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.leave(Cause::OwnerGone);
    }
}

impl DetachedStore {
    /// What a manager has of it.
    pub(crate) fn shared(
        &self,
        program: Option<&Path>,
        bounds: Bounds,
    ) -> Result<Shared, ManagerError> {
        let store = &*self.inner;
        if let Some(asked) = program.filter(|asked| store.reapers.program() != Some(asked)) {
            return Err(ManagerError::ReaperOfStore {
                asked: asked.to_owned(),
                store: store.reapers.program().map(Path::to_owned),
            });
        }
        let directory = Some(Arc::clone(&store.directory));
        let registry = Arc::new(Registry::new(Arc::clone(&store.ids), bounds, directory));
        store.directory.add(&registry);
        Ok(Shared {
            registry,
            owners: Arc::clone(&store.owners),
            reapers: Arc::clone(&store.reapers),
            runtime: store.runtime.clone(),
        })
    }

    /// Takes everything of an owner from a manager.
    pub(crate) fn take_in(&self, owner: &OwnerId, from: &Registry) -> DetachSummary {
        let store = &*self.inner;
        let moved = store
            .directory
            .move_all(owner, (from, &store.limbo), "detached");
        sampler::wake(&store.sampler, &store.limbo, &store.runtime);
        let (handles, ended) = handles(&moved.entries);
        DetachSummary {
            count: handles.len(),
            handles,
            ended,
        }
    }

    /// Gives everything of an owner to a manager.
    pub(crate) fn give_back(&self, owner: &OwnerId, to: &Arc<Registry>) -> ReattachSummary {
        let store = &*self.inner;
        let moved = store
            .directory
            .move_all(owner, (&store.limbo, to), "reattached");
        let (handles, ended) = handles(&moved.entries);
        let skipped = moved.refused.iter().map(|entry| entry.record.handle);
        let skipped_handles: Vec<ProcessHandle> = skipped.collect();
        ReattachSummary {
            reattached: handles.len(),
            handles,
            ended,
            skipped: skipped_handles.len(),
            skipped_handles,
        }
    }

    /// This process ends, and everything of every manager and of the store with it.
    pub(crate) fn leave(&self, cause: Cause) {
        self.inner.leave(cause);
    }

    /// Waits for a future on a thread of its own, as a runtime refuses to block those that run tasks.
    pub(crate) fn block_on<T: Send>(&self, future: impl Future<Output = T> + Send) -> T {
        let runtime = &self.inner.runtime;
        let waited = std::thread::scope(|scope| scope.spawn(|| runtime.block_on(future)).join());
        waited.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// Everything of every manager and of the store of which something is left.
    pub(crate) fn active(&self) -> Vec<Arc<Entry>> {
        let registries = self.inner.directory.registries();
        let active = registries.iter().flat_map(|registry| registry.active());
        active.collect()
    }
}

/// Those of which something is left, and those that are over.
fn handles(entries: &[Arc<Entry>]) -> (Vec<ProcessHandle>, Vec<ProcessHandle>) {
    let (over, running): (Vec<_>, Vec<_>) = entries
        .iter()
        .partition(|entry| entry.seen.borrow().is_over());
    let handles = |entries: Vec<&Arc<Entry>>| entries.iter().map(|e| e.record.handle).collect();
    (handles(running), handles(over))
}

//! What all clones of a detached store share with the managers that were made with it.

use super::{DetachSummary, DetachedStore, ReattachSummary};
use crate::exec::{ExportedSession, Sessions};
use crate::manager::builder::Shared;
use crate::manager::directory::Directory;
use crate::manager::registry::{Bounds, Entry, Registry};
use crate::manager::rungs::Reapers;
use crate::manager::shutdown::{end_these, owner_gone};
use crate::manager::{ManagerError, sampler};
use crate::owner::OwnerId;
use crate::owner::claim::Owners;
use crate::process::task::Wish;
use crate::process::{Cause, Ids, ProcessHandle, Receipt};
use crate::runtime::Runtime;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

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
    /// Those of what is detached, by the number of their owner and their own. Its lock is taken before
    /// those of registries.
    sessions: Mutex<BTreeMap<(u64, i32), ExportedSession>>,
}

type Kept<'s> = MutexGuard<'s, BTreeMap<(u64, i32), ExportedSession>>;

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
            reapers: Arc::new(Reapers::new(program.map(Into::into), None, runtime.clone())),
            runtime,
            sampler: Arc::default(),
            sessions: Mutex::default(),
        })
    }

    fn sessions(&self) -> Kept<'_> {
        // Nothing under this lock panics half-way through a change.
        let mut kept = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = |(owner, _): &(u64, i32)| !self.owners.with(|book| book.has_owner(*owner));
        let orphans: Vec<_> = kept.extract_if(.., |of, _| gone(of)).collect();
        for ((_, id), session) in orphans {
            // With its process, to whoever has that now. Of one that is over nothing is left to talk to.
            if let Some(heir) = session.owner_of_the_living() {
                kept.entry((heir.number(), id)).or_insert(session);
            }
        }
        kept
    }

    /// Owners have ended: what is kept for them goes on, or goes.
    pub(super) fn owners_ended(&self) {
        drop(self.sessions());
    }

    /// The number of an owner that is there.
    fn number(&self, owner: &OwnerId) -> Option<u64> {
        let key = self.owners.with(|book| book.any_key(owner));
        key.ok().map(|key| key.number())
    }

    /// Ends what is detached of an owner, or all of it.
    pub(super) async fn clean(&self, owner: Option<&OwnerId>) -> Vec<Receipt> {
        let of = |other: &OwnerId| owner.is_none_or(|owner| owner == other);
        let condemned = {
            let mut kept = self.sessions();
            let number = owner.map(|owner| self.number(owner));
            kept.retain(|(of, _), _| number.is_some_and(|number| number != Some(*of)));
            self.directory.condemn(|entry| of(&entry.owner()))
        };
        end_these(&condemned, Cause::Cleaned, None).await
    }

    /// Ends the process of a session whose number another one has now.
    fn replaced(&self, session: &ExportedSession) {
        let Some(handle) = session.handle() else {
            return;
        };
        let is = |entry: &Entry| entry.record.handle == handle;
        for entry in self.directory.condemn(is) {
            // A task that is gone has no process any more.
            let _ = entry.wishes.send(Wish::Stop {
                grace: Some(Duration::ZERO),
                cause: Cause::Replaced,
                done: None,
            });
        }
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

    /// Takes everything of an owner from a manager: its processes, and its sessions where these are
    /// given. A session that is only being started stays, with its process.
    pub(crate) fn take_in(
        &self,
        owner: &OwnerId,
        (from, sessions): (&Registry, Option<&Sessions>),
    ) -> DetachSummary {
        let store = &*self.inner;
        let mut kept = store.sessions();
        let Some(number) = store.number(owner) else {
            return DetachSummary::default();
        };
        let gone = sessions.map(Sessions::detach).unwrap_or_default();
        let process_ids = gone.iter().map(ExportedSession::id).collect();
        for session in gone {
            if let Some(stale) = kept.insert((number, session.id()), session) {
                store.replaced(&stale);
            }
        }
        let stays = |entry: &Entry| {
            entry.is_launching() || sessions.is_some_and(|sessions| sessions.has(entry))
        };
        let moving = (from, &store.limbo);
        let moved = store.directory.move_all(owner, moving, "detached", stays);
        sampler::wake(&store.sampler, &store.limbo, &store.runtime);
        let (handles, ended) = handles(&moved.entries);
        DetachSummary {
            count: handles.len(),
            handles,
            ended,
            process_ids,
        }
    }

    /// Gives everything of an owner to a manager. A session whose number is taken there stays, with
    /// its process.
    pub(crate) fn give_back(
        &self,
        owner: &OwnerId,
        (to, sessions): (&Arc<Registry>, Option<&Sessions>),
    ) -> ReattachSummary {
        let store = &*self.inner;
        let mut kept = store.sessions();
        let Some(number) = store.number(owner) else {
            return ReattachSummary::default();
        };
        let mine = kept.extract_if(.., |(other, _), _| *other == number);
        let mine: Vec<ExportedSession> = mine.map(|(_, session)| session).collect();
        let (mut process_ids, mut left) = match sessions {
            Some(sessions) => {
                let done = sessions.import(mine);
                (done.imported, done.skipped)
            }
            None => (Vec::new(), mine),
        };
        let mut skipped_handles: Vec<_> = left.iter().filter_map(ExportedSession::handle).collect();
        let stays = |entry: &Entry| skipped_handles.contains(&entry.record.handle);
        let moving = (&*store.limbo, to);
        let moved = store.directory.move_all(owner, moving, "reattached", stays);
        let refused: Vec<_> = moved
            .refused
            .iter()
            .map(|entry| entry.record.handle)
            .collect();
        if let Some(sessions) = sessions.filter(|_| !refused.is_empty()) {
            left.extend(sessions.take_back(|handle| refused.contains(&handle)));
        }
        let mut skipped_process_ids: Vec<i32> = left.iter().map(ExportedSession::id).collect();
        skipped_process_ids.sort_unstable();
        process_ids.retain(|id| !skipped_process_ids.contains(id));
        let left = left
            .into_iter()
            .map(|session| ((number, session.id()), session));
        kept.extend(left);
        skipped_handles.extend(refused);
        skipped_handles.sort_unstable();
        let (handles, ended) = handles(&moved.entries);
        ReattachSummary {
            reattached: handles.len(),
            handles,
            ended,
            process_ids,
            skipped: skipped_handles.len(),
            skipped_handles,
            skipped_process_ids,
        }
    }

    /// Owners of its managers have ended.
    pub(crate) fn owners_ended(&self) {
        self.inner.owners_ended();
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
        self.inner.directory.active()
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

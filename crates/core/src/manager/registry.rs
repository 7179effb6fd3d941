//! Who is running, and who was: every handle ever given answers.
//!
//! One lock, held for short and never across an `.await`. What must stay true: a process is in the
//! active list exactly until nothing of it is left; after that its tombstone answers, until the
//! bounds on number and age drop it, which is told apart from a handle that never existed, and from
//! one that went to another manager.

use super::directory::Directory;
use super::home::Home;
use crate::config::ProcessConfig;
use crate::kept::Kept;
use crate::output::Captured;
use crate::owner::OwnerId;
use crate::owner::claim::Claim;
use crate::process::seen::Seen;
use crate::process::task::Wish;
use crate::process::{Change, Ids, LookupError, ProcessHandle, ProcessInfo, Stdio};
use crate::session::Session;
use crate::tree::Rung;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::{broadcast, mpsc, watch};

/// How many changes a subscriber may lag behind before it misses some, and is told how many.
const CHANGES: usize = 4096;

/// What does not change about a process.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) id: u64,
    pub(crate) handle: ProcessHandle,
    pub(crate) config: Arc<ProcessConfig>,
    pub(crate) start_time: SystemTime,
    /// The same by a clock that nobody sets.
    pub(crate) began: Instant,
    pub(crate) rung: Rung,
    pub(crate) warnings: Arc<[String]>,
}

/// A process as the registry knows it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) record: Arc<Record>,
    /// Whose it is, and what it uses of whose limits.
    pub(crate) claim: Claim,
    /// Where it is managed, until it is over.
    pub(crate) home: Weak<Home>,
    /// Its session does not know of it yet, so neither is moved.
    pub(crate) launching: AtomicBool,
    pub(crate) wishes: mpsc::UnboundedSender<Wish>,
    pub(crate) seen: watch::Receiver<Seen>,
    pub(crate) stdio: Mutex<Option<Stdio>>,
    /// What is captured of its output, if anything is.
    pub(crate) output: Option<Captured>,
    /// How to talk to it, if its config says so.
    pub(crate) session: Option<Session>,
}

impl Entry {
    /// To whom it belongs now.
    pub(crate) fn owner(&self) -> OwnerId {
        self.claim.owner()
    }

    /// Whether its session does not know of it yet.
    pub(crate) fn is_launching(&self) -> bool {
        self.launching.load(Ordering::Acquire) && !self.seen.borrow().is_over()
    }

    /// Its session knows of it.
    pub(crate) fn launched(&self) {
        self.launching.store(false, Ordering::Release);
    }

    /// Everything about it, now.
    pub(crate) fn info(&self) -> ProcessInfo {
        let seen = self.seen.borrow();
        ProcessInfo {
            handle: self.record.handle,
            owner: self.owner(),
            config: Arc::clone(&self.record.config),
            start_time: self.record.start_time,
            status: seen.status(),
            rung: self.record.rung,
            grade: self.record.rung.grade(),
            unresponsive: seen.unresponsive,
            warnings: Arc::clone(&self.record.warnings),
        }
    }
}

/// How many tombstones are kept, and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) number: usize,
    pub(crate) age: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            number: 1024,
            age: Duration::from_secs(24 * 60 * 60),
        }
    }
}

/// How a process stands in a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Active,
    Ended(Instant),
}

#[derive(Debug, Default)]
struct State {
    active: BTreeMap<u64, Arc<Entry>>,
    buried: HashMap<u64, Arc<Entry>>,
    /// In the order of their ends.
    graves: VecDeque<(u64, Instant)>,
    /// Something of each is kept on disk.
    is_kept: bool,
    /// Forgotten, and not yet removed where they are kept.
    gone: Vec<ProcessHandle>,
    closed: bool,
}

impl State {
    fn drop_old(&mut self, bounds: Bounds) {
        while let Some((id, since)) = self.graves.front().copied() {
            if self.graves.len() <= bounds.number && since.elapsed() <= bounds.age {
                return;
            }
            self.graves.pop_front();
            let gone = self.buried.remove(&id).filter(|_| self.is_kept);
            self.gone.extend(gone.map(|entry| entry.record.handle));
        }
    }

    fn get(&self, id: u64) -> Option<&Arc<Entry>> {
        self.active.get(&id).or_else(|| self.buried.get(&id))
    }
}

/// All processes of one manager, or all that are detached.
#[derive(Debug)]
pub(crate) struct Registry {
    ids: Arc<Ids>,
    bounds: Bounds,
    /// Who else may have a process; `None` for a manager on its own.
    directory: Option<Arc<Directory>>,
    /// Where what is forgotten here is to be forgotten too.
    kept: Option<Arc<Kept>>,
    state: Mutex<State>,
    changes: broadcast::Sender<Change>,
}

impl Registry {
    pub(crate) fn new(
        ids: Arc<Ids>,
        bounds: Bounds,
        directory: Option<Arc<Directory>>,
    ) -> Registry {
        Registry {
            ids,
            bounds,
            directory,
            kept: None,
            state: Mutex::default(),
            changes: broadcast::Sender::new(CHANGES),
        }
    }

    /// With what is kept of its processes.
    pub(crate) fn keeping(self, kept: Option<Arc<Kept>>) -> Registry {
        self.with(|state| state.is_kept = kept.is_some());
        Registry { kept, ..self }
    }

    /// Whether something is kept of those that are forgotten.
    pub(crate) fn is_to_prune(&self) -> bool {
        self.with(|state| !state.gone.is_empty())
    }

    /// Removes what is kept of those that are forgotten. It blocks while it removes files.
    pub(crate) fn prune(&self) {
        let gone = self.with(|state| std::mem::take(&mut state.gone));
        if let Some(kept) = &self.kept {
            gone.into_iter().for_each(|handle| kept.remove(handle));
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        // Nothing under this lock panics half-way through a change.
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A number that was never used; `None` once closed.
    pub(crate) fn draw(&self) -> Option<(u64, ProcessHandle)> {
        self.with(|state| (!state.closed).then(|| self.ids.draw()))
    }

    /// Adds a process; refused once closed.
    pub(crate) fn add(&self, id: u64, entry: Entry) -> Option<Arc<Entry>> {
        self.with(|state| {
            if state.closed {
                return None;
            }
            let entry = Arc::new(entry);
            state.active.insert(id, Arc::clone(&entry));
            Some(entry)
        })
    }

    /// Finds a process, active or over.
    pub(crate) fn find(&self, handle: ProcessHandle) -> Result<Arc<Entry>, LookupError> {
        let Some(id) = self.ids.given(handle) else {
            return Err(LookupError::Unknown { handle });
        };
        let found = self.with(|state| {
            state.drop_old(self.bounds);
            state.get(id).map(Arc::clone)
        });
        match (found, &self.directory) {
            (Some(entry), _) => Ok(entry),
            (None, None) => Err(LookupError::Forgotten { handle }),
            (None, Some(directory)) => directory.find(self, id, handle),
        }
    }

    /// The record of a process, where it is here.
    pub(super) fn get(&self, id: u64) -> Option<Arc<Entry>> {
        self.with(|state| state.get(id).map(Arc::clone))
    }

    /// Whether its record is here.
    pub(super) fn has(&self, id: u64) -> bool {
        self.with(|state| state.get(id).is_some())
    }

    /// Whether it is here and something is left of it.
    pub(crate) fn is_active(&self, handle: ProcessHandle) -> bool {
        let id = self.ids.given(handle);
        id.is_some_and(|id| self.with(|state| state.active.contains_key(&id)))
    }

    /// All records, the oldest first.
    pub(super) fn all(&self) -> Vec<Arc<Entry>> {
        self.with(|state| {
            state.drop_old(self.bounds);
            let records = state.active.values().chain(state.buried.values());
            let mut all: Vec<Arc<Entry>> = records.map(Arc::clone).collect();
            all.sort_by_key(|entry| entry.record.id);
            all
        })
    }

    /// How a process stands; `None` where it is not here.
    pub(super) fn standing(&self, entry: &Entry) -> Option<Standing> {
        let id = entry.record.id;
        self.with(|state| {
            if state.active.contains_key(&id) {
                return Some(Standing::Active);
            }
            let grave = state.graves.iter().find(|grave| grave.0 == id);
            grave.map(|(_, since)| Standing::Ended(*since))
        })
    }

    /// Takes a process over as it stands; one that runs is refused once closed.
    pub(crate) fn accept(&self, entry: &Arc<Entry>, standing: Standing) -> bool {
        let id = entry.record.id;
        self.with(|state| match standing {
            Standing::Active if state.closed => false,
            Standing::Active => {
                state.active.insert(id, Arc::clone(entry));
                true
            }
            Standing::Ended(since) => {
                state.buried.insert(id, Arc::clone(entry));
                let place = state.graves.partition_point(|grave| grave.1 <= since);
                state.graves.insert(place, (id, since));
                state.drop_old(self.bounds);
                true
            }
        })
    }

    /// Lets a process go that another has taken over.
    pub(super) fn remove(&self, entry: &Entry) {
        let id = entry.record.id;
        self.with(|state| {
            state.active.remove(&id);
            if state.buried.remove(&id).is_some() {
                state.graves.retain(|grave| grave.0 != id);
            }
        });
    }

    /// From the active list into the tombstones, in one step with the publishing of its end: who
    /// waited for that must not find it in the list.
    pub(crate) fn bury(&self, id: u64, publish: impl FnOnce()) {
        self.with(|state| {
            // Who sees its end must find its place free.
            if let Some(entry) = state.active.get(&id) {
                entry.claim.over();
            }
            publish();
            let Some(entry) = state.active.remove(&id) else {
                return;
            };
            state.buried.insert(id, entry);
            state.graves.push_back((id, Instant::now()));
            state.drop_old(self.bounds);
        });
    }

    /// Those of which something is left.
    pub(crate) fn active(&self) -> Vec<Arc<Entry>> {
        self.with(|state| state.active.values().map(Arc::clone).collect())
    }

    /// What gives out handles.
    pub(crate) fn ids(&self) -> &Ids {
        &self.ids
    }

    /// The number of a handle that was given out.
    pub(super) fn number(&self, handle: ProcessHandle) -> Option<u64> {
        self.ids.given(handle)
    }

    /// Those of which something is left, here and wherever else a process can have gone.
    pub(super) fn active_anywhere(&self) -> Vec<Arc<Entry>> {
        match &self.directory {
            Some(directory) => directory.active(),
            None => self.active(),
        }
    }

    /// Takes no more processes; answers whether it did until now.
    pub(crate) fn close(&self) -> bool {
        self.with(|state| !std::mem::replace(&mut state.closed, true))
    }

    /// Takes processes again.
    #[cfg(test)]
    pub(super) fn reopen(&self) {
        self.with(|state| state.closed = false);
    }

    /// Whether it takes no more processes.
    pub(crate) fn is_closed(&self) -> bool {
        self.with(|state| state.closed)
    }

    /// Tells subscribers of a change; nobody may be listening.
    pub(crate) fn tell(&self, handle: ProcessHandle, word: &'static str) {
        let _ = self.changes.send(Change { handle, word });
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }
}

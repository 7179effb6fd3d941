//! Who is running, and who was: every handle ever given answers.
//!
//! One lock, held for short and never across an `.await`. What must stay true: a process is in the
//! active list exactly until nothing of it is left; after that its tombstone answers, until the
//! bounds on number and age drop it, which is told apart from a handle that never existed.

use crate::config::ProcessConfig;
use crate::output::Captured;
use crate::owner::OwnerId;
use crate::owner::claim::Claim;
use crate::process::seen::Seen;
use crate::process::task::Wish;
use crate::process::{Change, LookupError, Mark, ProcessHandle, ProcessInfo, Stdio};
use crate::session::Session;
use crate::tree::Rung;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::{broadcast, mpsc, watch};

/// How many changes a subscriber may lag behind before it misses some, and is told how many.
const CHANGES: usize = 4096;

/// What does not change about a process.
#[derive(Debug)]
pub(crate) struct Record {
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

#[derive(Debug, Default)]
struct State {
    next: u64,
    active: BTreeMap<u64, Arc<Entry>>,
    buried: HashMap<u64, Arc<Entry>>,
    /// In the order of their ends.
    graves: VecDeque<(u64, Instant)>,
    closed: bool,
}

impl State {
    fn drop_old(&mut self, bounds: Bounds) {
        while let Some((id, since)) = self.graves.front().copied() {
            if self.graves.len() <= bounds.number && since.elapsed() <= bounds.age {
                return;
            }
            self.graves.pop_front();
            self.buried.remove(&id);
        }
    }
}

/// All processes of one manager.
#[derive(Debug)]
pub(crate) struct Registry {
    mark: Mark,
    bounds: Bounds,
    state: Mutex<State>,
    changes: broadcast::Sender<Change>,
}

impl Registry {
    pub(crate) fn new(mark: Mark, bounds: Bounds) -> Registry {
        let changes = broadcast::Sender::new(CHANGES);
        Registry {
            mark,
            bounds,
            state: Mutex::default(),
            changes,
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        // Nothing under this lock panics half-way through a change.
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A number that was never used; `None` once closed.
    pub(crate) fn draw(&self) -> Option<(u64, ProcessHandle)> {
        self.with(|state| {
            let id = state.next;
            state.next += 1;
            if state.closed {
                None
            } else {
                Some((id, self.mark.handle(id)))
            }
        })
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
        let Some(id) = self.mark.count(handle) else {
            return Err(LookupError::Unknown { handle });
        };
        self.with(|state| {
            state.drop_old(self.bounds);
            if let Some(entry) = state.active.get(&id).or_else(|| state.buried.get(&id)) {
                return Ok(Arc::clone(entry));
            }
            let ever = id < state.next;
            Err(if ever {
                LookupError::Forgotten { handle }
            } else {
                LookupError::Unknown { handle }
            })
        })
    }

    /// From the active list into the tombstones, in one step with the publishing of its end: who
    /// waited for that must not find it in the list.
    pub(crate) fn bury(&self, id: u64, publish: impl FnOnce()) {
        self.with(|state| {
            // Who sees its end must find its place free.
            if let Some(entry) = state.active.get(&id) {
                entry.claim.over(0);
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

    /// All that have a record.
    pub(crate) fn all(&self) -> Vec<Arc<Entry>> {
        self.with(|state| {
            state.drop_old(self.bounds);
            let all = state.active.values().chain(state.buried.values());
            all.map(Arc::clone).collect()
        })
    }

    /// The number of a handle that this registry gave or will give.
    pub(crate) fn count(&self, handle: ProcessHandle) -> Option<u64> {
        self.mark.count(handle)
    }

    /// Takes no more processes; answers whether it did until now.
    pub(crate) fn close(&self) -> bool {
        self.with(|state| !std::mem::replace(&mut state.closed, true))
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

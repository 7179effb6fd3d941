//! What can be set about a manager before it is made.

use super::owners::OwnedSessions;
use super::registry::{Bounds, Registry};
use super::rungs::{Reapers, Rungs};
use super::{Inner, ManagerError, ProcessManager};
use crate::detached::DetachedStore;
use crate::exec::ExecProfile;
use crate::kept::{Failed, IdFile, Keep, Kept};
use crate::owner::claim::Owners;
use crate::plugins::Plugins;
use crate::process::Ids;
use crate::runtime::Runtime;
use crate::tree::Rung;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The variable that forces a rung on every config that names none.
const FORCE: &str = "HANDFAST_FORCE";

/// Makes a [`ProcessManager`].
///
/// ```no_run
/// # fn main() -> Result<(), handfast::ManagerError> {
/// let manager = handfast::ProcessManager::builder()
///     .reaper("/usr/libexec/handfast-reaper")
///     .tombstones(100)
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a builder does nothing until `build`"]
pub struct ManagerBuilder {
    reaper: Option<PathBuf>,
    force: Option<Rung>,
    bounds: Bounds,
    store: Option<DetachedStore>,
    exec: ExecProfile,
    keep: Option<Keep>,
}

impl ManagerBuilder {
    /// The reaper's program, before every other place where it is looked for. With a detached store it
    /// must be the store's, or not be given.
    pub fn reaper(mut self, program: impl Into<PathBuf>) -> Self {
        self.reaper = Some(program.into());
        self
    }

    /// Takes this rung for every config that names none, before `HANDFAST_FORCE`.
    pub fn force(mut self, rung: Rung) -> Self {
        self.force = Some(rung);
        self
    }

    /// How many finished processes are remembered; 1,024 unless set. The oldest go first.
    pub fn tombstones(mut self, number: usize) -> Self {
        self.bounds.number = number;
        self
    }

    /// For how long a finished process is remembered; a day unless set.
    pub fn tombstone_age(mut self, age: Duration) -> Self {
        self.bounds.age = age;
        self
    }

    /// Gives it a store through which processes go to other managers and come from them: see
    /// [`DetachedStore`]. Managers with the same store share its reapers, its runtime and its owners with
    /// their limits; each has its own plugins and rung.
    pub fn detached_store(mut self, store: &DetachedStore) -> Self {
        self.store = Some(store.clone());
        self
    }

    /// Has the next program get its processes back, those that were declared to survive, if this one ends
    /// without a word, and the ends of all others: see [`ProcessManager::adopt`]. Output that is captured is
    /// on disk before anybody reads it. Not together with a detached store.
    pub fn keep(mut self, keep: Keep) -> Self {
        self.keep = Some(keep);
        self
    }

    /// How [`exec_command`](ProcessManager::exec_command) runs commands.
    pub fn exec_profile(mut self, profile: ExecProfile) -> Self {
        self.exec = profile;
        self
    }

    /// Makes the manager. Nothing is started yet, the reaper neither.
    ///
    /// # Errors
    ///
    /// [`ManagerError`] outside a tokio runtime (unless it has a detached store), where
    /// `HANDFAST_FORCE` names no rung, and where its reaper's program is not that of its store.
    pub fn build(self) -> Result<ProcessManager, ManagerError> {
        let (kept, ids) = self
            .kept()?
            .map(|(kept, ids)| (Arc::new(kept), ids))
            .unzip();
        let shared = match &self.store {
            Some(store) => store.shared(self.reaper.as_deref(), self.bounds)?,
            None => Shared::alone(self.reaper.as_deref(), self.bounds, (kept.clone(), ids))?,
        };
        let force = self.forced()?;
        let random = |error: getrandom::Error| ManagerError::Random {
            reason: error.to_string(),
        };
        let seed = getrandom::u64().map_err(random)?;
        let inner = Inner {
            registry: shared.registry,
            owners: shared.owners,
            rungs: Rungs::new(shared.reapers, force),
            plugins: Plugins::new(),
            runtime: shared.runtime,
            sampler: Arc::default(),
            kept,
            handed_over: AtomicBool::new(false),
            store: self.store,
            owned: Arc::new(OwnedSessions::new(self.exec, seed)),
        };
        Ok(ProcessManager {
            inner: Arc::new(inner),
        })
    }

    /// Takes the folder for the next program.
    fn kept(&self) -> Result<Option<(Kept, IdFile)>, ManagerError> {
        let Some(keep) = &self.keep else {
            return Ok(None);
        };
        let folder = keep.folder().to_owned();
        if self.store.is_some() {
            return Err(ManagerError::KeptWithStore { folder });
        }
        Kept::open(keep).map(Some).map_err(|failed| match failed {
            Failed::Taken => ManagerError::KeptTaken { folder },
            Failed::Folder(error) => ManagerError::KeptFolder {
                folder,
                reason: error.to_string(),
            },
            Failed::System(error) => ManagerError::KeptFolder {
                folder,
                reason: error.to_string(),
            },
        })
    }

    fn forced(&self) -> Result<Option<Rung>, ManagerError> {
        match (self.force, std::env::var(FORCE)) {
            (Some(rung), _) => Ok(Some(rung)),
            (None, Ok(word)) if !word.is_empty() => {
                let unknown = |error: handfast_sys::tree::UnknownWord| ManagerError::Force {
                    word: error.word,
                    known: error.known.join(", "),
                };
                word.parse().map(Some).map_err(unknown)
            }
            (None, _) => Ok(None),
        }
    }
}

/// What a manager has for itself, or with others.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) registry: Arc<Registry>,
    pub(crate) owners: Arc<Owners>,
    pub(crate) reapers: Arc<Reapers>,
    pub(crate) runtime: Runtime,
}

impl Shared {
    fn alone(
        program: Option<&Path>,
        bounds: Bounds,
        (kept, ids): (Option<Arc<Kept>>, Option<IdFile>),
    ) -> Result<Shared, ManagerError> {
        let runtime = Runtime::current().ok_or(ManagerError::NoRuntime)?;
        let ids = match ids {
            Some(ids) => Ids::kept(ids),
            None => Ids::new().map_err(|error| ManagerError::Random {
                reason: error.to_string(),
            })?,
        };
        let registry = Registry::new(Arc::new(ids), bounds, None).keeping(kept.clone());
        Ok(Shared {
            registry: Arc::new(registry),
            owners: Arc::new(Owners::new()),
            reapers: Arc::new(Reapers::new(program.map(Into::into), kept, runtime.clone())),
            runtime,
        })
    }
}

//! What can be set about a manager before it is made.

use super::registry::{Bounds, Registry};
use super::rungs::Rungs;
use super::{Inner, ManagerError, ProcessManager};
use crate::owner::claim::Owners;
use crate::plugins::Plugins;
use crate::process::Mark;
use crate::tree::Rung;
use std::path::PathBuf;
use std::sync::Arc;
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
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build`"]
pub struct ManagerBuilder {
    reaper: Option<PathBuf>,
    force: Option<Rung>,
    bounds: Bounds,
}

impl Default for ManagerBuilder {
    fn default() -> Self {
        let bounds = Bounds {
            number: 1024,
            age: Duration::from_secs(24 * 60 * 60),
        };
        ManagerBuilder {
            reaper: None,
            force: None,
            bounds,
        }
    }
}

impl ManagerBuilder {
    /// The reaper's program, before every other place where it is looked for.
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

    /// Makes the manager. Nothing is started yet, the reaper neither.
    ///
    /// # Errors
    ///
    /// [`ManagerError`] outside a tokio runtime, and where `HANDFAST_FORCE` names no rung.
    pub fn build(self) -> Result<ProcessManager, ManagerError> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| ManagerError::NoRuntime)?;
        let force = match (self.force, std::env::var(FORCE)) {
            (Some(rung), _) => Some(rung),
            (None, Ok(word)) if !word.is_empty() => {
                let unknown = |error: handfast_sys::tree::UnknownWord| ManagerError::Force {
                    word: error.word,
                    known: error.known.join(", "),
                };
                Some(word.parse().map_err(unknown)?)
            }
            (None, _) => None,
        };
        let mark = Mark::draw().map_err(|error| ManagerError::Random {
            reason: error.to_string(),
        })?;
        let inner = Inner {
            registry: Arc::new(Registry::new(mark, self.bounds)),
            owners: Arc::new(Owners::new()),
            rungs: Rungs::new(self.reaper.map(Into::into), force),
            plugins: Plugins::new(),
            runtime,
            sampler: Arc::default(),
        };
        Ok(ProcessManager {
            inner: Arc::new(inner),
        })
    }
}

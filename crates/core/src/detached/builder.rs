//! What can be set about a detached store before it is made.

use super::DetachedStore;
use super::store::Store;
use crate::manager::ManagerError;
use crate::manager::registry::Bounds;
use crate::runtime::Runtime;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Makes a [`DetachedStore`].
#[derive(Debug, Clone, Default)]
#[must_use = "a builder does nothing until `build`"]
pub struct DetachedStoreBuilder {
    reaper: Option<PathBuf>,
    bounds: Bounds,
}

impl DetachedStoreBuilder {
    /// The reaper's program, before every other place where it is looked for, for all managers of the
    /// store.
    pub fn reaper(mut self, program: impl Into<PathBuf>) -> Self {
        self.reaper = Some(program.into());
        self
    }

    /// How many detached processes that are over are remembered; 1,024 unless set. The oldest go
    /// first.
    pub fn tombstones(mut self, number: usize) -> Self {
        self.bounds.number = number;
        self
    }

    /// For how long a detached process that is over is remembered; a day unless set.
    pub fn tombstone_age(mut self, age: Duration) -> Self {
        self.bounds.age = age;
        self
    }

    /// Makes the store and its thread. No tokio runtime is needed, and no reaper is started yet.
    ///
    /// # Errors
    ///
    /// [`ManagerError`] where the system gives no thread, runtime or random numbers.
    pub fn build(self) -> Result<DetachedStore, ManagerError> {
        let runtime = Runtime::own().map_err(|error| ManagerError::Runtime {
            reason: error.to_string(),
        })?;
        let store = Store::new(self.reaper.as_deref(), self.bounds, runtime);
        let store = store.map_err(|error| ManagerError::Random {
            reason: error.to_string(),
        })?;
        Ok(DetachedStore {
            inner: Arc::new(store),
        })
    }
}

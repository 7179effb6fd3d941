//! Whose registry a process is in now: the one thing about a running process that can be exchanged.
//!
//! What must stay true: an end is buried, and a change told, in the registry that has the process at
//! that moment. The lock of a home is taken before that of a registry.

use super::registry::Registry;
use crate::process::ProcessHandle;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The registry of one process. Its task has it; everybody else may only look whether there is one.
#[derive(Debug)]
pub(crate) struct Home(Mutex<Arc<Registry>>);

impl Home {
    pub(crate) fn new(registry: Arc<Registry>) -> Home {
        Home(Mutex::new(registry))
    }

    /// While this is kept the process neither moves nor ends.
    pub(super) fn keep(&self) -> MutexGuard<'_, Arc<Registry>> {
        // Nothing under this lock panics half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As [`Registry::bury`].
    pub(crate) fn bury(&self, id: u64, publish: impl FnOnce()) {
        self.keep().bury(id, publish);
    }

    /// As [`Registry::tell`].
    pub(crate) fn tell(&self, handle: ProcessHandle, word: &'static str) {
        self.keep().tell(handle, word);
    }
}

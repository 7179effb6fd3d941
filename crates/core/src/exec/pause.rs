//! Time that does not count: while a person is asked something, no wait runs out.
//!
//! Counted, so that two questions at once are one pause. What must stay true: a guard that is dropped
//! ends its own share of the pause and nothing else.

use std::sync::Arc;
use tokio::sync::watch;

/// How many hold the waits of one store of sessions.
#[derive(Debug, Clone)]
pub(super) struct Pauses(Arc<watch::Sender<usize>>);

impl Default for Pauses {
    fn default() -> Self {
        Pauses(Arc::new(watch::Sender::new(0)))
    }
}

impl Pauses {
    pub(super) fn hold(&self) -> PauseGuard {
        self.0.send_modify(|count| *count += 1);
        PauseGuard(self.clone())
    }

    pub(super) fn watch(&self) -> watch::Receiver<usize> {
        self.0.subscribe()
    }
}

/// While it is held, the waits of `exec_command` and `write_stdin` do not run out, and their ends are
/// put off by as long as it was held. Made by [`ProcessManager::pause_exec`].
///
/// [`ProcessManager::pause_exec`]: crate::ProcessManager::pause_exec
#[derive(Debug)]
#[must_use = "the pause ends when the guard is dropped"]
pub struct PauseGuard(Pauses);

impl Drop for PauseGuard {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}

//! What was moved, and why nothing was.

use crate::process::ProcessHandle;

/// What [`detach`](crate::ProcessManager::detach) moved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DetachSummary {
    /// How many processes of which something is left.
    pub count: usize,
    /// Which those are, sorted.
    pub handles: Vec<ProcessHandle>,
    /// Which tombstones went along, sorted.
    pub ended: Vec<ProcessHandle>,
    /// The numbers of its sessions of [`exec_command`](crate::ProcessManager::exec_command) that went
    /// along, sorted.
    pub process_ids: Vec<i32>,
}

/// What [`reattach`](crate::ProcessManager::reattach) moved, and what it left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReattachSummary {
    /// How many processes of which something is left came back.
    pub reattached: usize,
    /// Which those are, sorted.
    pub handles: Vec<ProcessHandle>,
    /// Which came as tombstones, sorted: they ended while they were detached, or before.
    pub ended: Vec<ProcessHandle>,
    /// The numbers of its sessions that came back, sorted.
    pub process_ids: Vec<i32>,
    /// How many processes were left detached, since the manager could not take them, or their session's
    /// number stands for another one there.
    pub skipped: usize,
    /// Which those are, sorted.
    pub skipped_handles: Vec<ProcessHandle>,
    /// The numbers of their sessions, sorted.
    pub skipped_process_ids: Vec<i32>,
}

/// Why nothing was moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DetachError {
    /// The manager was made without a detached store.
    #[error("move processes: the manager has no detached store")]
    NoStore,
    /// The manager takes no more processes.
    #[error("take processes back: the manager is closed")]
    Closed,
}

impl DetachError {
    /// The name of this error, which never changes.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            DetachError::NoStore => "detach.no-store",
            DetachError::Closed => "detach.closed",
        }
    }

    /// What to do about it, where there is something.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            DetachError::NoStore => Some("make the manager with ManagerBuilder::detached_store"),
            DetachError::Closed => Some("make another manager with the same store"),
        }
    }
}

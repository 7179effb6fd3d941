//! Why a manager could not be made.

use std::path::{Path, PathBuf};

/// Why a manager could not be made. Nothing was started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManagerError {
    /// There is no tokio runtime here.
    #[error("make a manager outside a tokio runtime")]
    NoRuntime,
    /// `HANDFAST_FORCE` names no rung.
    #[error("force the rung `{word}` of HANDFAST_FORCE: it is none of {known}")]
    Force {
        /// What it names.
        word: String,
        /// What it may name.
        known: String,
    },
    /// The system gave no random numbers.
    #[error("draw random numbers: {reason}")]
    Random {
        /// What it said.
        reason: String,
    },
    /// The system lets nobody listen to signals.
    #[error("listen to the requests to end: {reason}")]
    Signals {
        /// What it said.
        reason: String,
    },
    /// It was given a reaper's program, and its detached store has another.
    #[error("give the manager the reaper `{}`: its detached store has {}", asked.display(), of_store(.store.as_deref()))]
    ReaperOfStore {
        /// What the manager was given.
        asked: PathBuf,
        /// What the store was given.
        store: Option<PathBuf>,
    },
    /// The folder that the next program is to find is not private, or cannot be used.
    #[error("keep processes in `{}`: {reason}", folder.display())]
    KeptFolder {
        /// Which.
        folder: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Another program has that folder.
    #[error("keep processes in `{}`: another program does", folder.display())]
    KeptTaken {
        /// Which.
        folder: PathBuf,
    },
    /// It was given such a folder, and a detached store.
    #[error("keep processes in `{}` with a detached store", folder.display())]
    KeptWithStore {
        /// Which.
        folder: PathBuf,
    },
    /// The runtime of the blocking face, or of a detached store, could not be made.
    #[error("make a runtime: {reason}")]
    Runtime {
        /// What the system said.
        reason: String,
    },
}

fn of_store(program: Option<&Path>) -> String {
    match program {
        Some(program) => format!("`{}`", program.display()),
        None => "none of its own".into(),
    }
}

impl ManagerError {
    /// The name of this error, which never changes.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            ManagerError::NoRuntime => "manager.no-runtime",
            ManagerError::Force { .. } => "manager.force",
            ManagerError::Random { .. } => "manager.random",
            ManagerError::Signals { .. } => "manager.signals",
            ManagerError::ReaperOfStore { .. } => "manager.reaper-of-store",
            ManagerError::KeptFolder { .. } => "manager.kept-folder",
            ManagerError::KeptTaken { .. } => "manager.kept-taken",
            ManagerError::KeptWithStore { .. } => "manager.kept-with-store",
            ManagerError::Runtime { .. } => "manager.runtime",
        }
    }

    /// What to do about it, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            ManagerError::NoRuntime => {
                Some("call it inside a tokio runtime, or use handfast::blocking")
            }
            ManagerError::Force { .. } => Some("unset HANDFAST_FORCE or name a rung"),
            ManagerError::ReaperOfStore { .. } => {
                Some("name the program only for the store: all its managers share the reapers")
            }
            ManagerError::KeptTaken { .. } => {
                Some("one program has it at a time: wait for its end, or take another folder")
            }
            ManagerError::KeptWithStore { .. } => {
                Some("what is detached is kept by the store; keep with a manager of its own")
            }
            ManagerError::Random { .. }
            | ManagerError::KeptFolder { .. }
            | ManagerError::Signals { .. }
            | ManagerError::Runtime { .. } => None,
        }
    }
}

//! Why processes could not be taken over.

use crate::reaper::ReaperError;
use crate::tree::Rung;
use std::io;
use std::sync::Arc;

/// Why processes could not be taken over. Those of other rungs were.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum AdoptError {
    /// The manager keeps nothing.
    #[error("adopt processes with a manager that was made without a folder to keep them in")]
    NotKept,
    /// The reaper of a rung is there and does not give its processes away.
    #[error("take over the processes of rung `{rung}`")]
    Reaper {
        /// Which.
        rung: Rung,
        /// Why not.
        source: ReaperError,
    },
    /// The folder cannot be read.
    #[error("read what is kept of processes")]
    System {
        /// What the system said.
        source: Arc<io::Error>,
    },
}

impl AdoptError {
    /// The name of this error, which never changes.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            AdoptError::NotKept => "adopt.not-kept",
            AdoptError::Reaper { .. } => "adopt.reaper",
            AdoptError::System { .. } => "adopt.system",
        }
    }
}

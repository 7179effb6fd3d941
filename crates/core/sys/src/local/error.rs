//! Why a folder is not used.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a folder is not taken for private.
#[derive(Debug)]
#[non_exhaustive]
pub enum FolderError {
    /// The system refused.
    System {
        /// What was attempted, as a verb.
        attempt: &'static str,
        /// Which folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is a link, or no folder.
    NoFolder {
        /// Which.
        path: PathBuf,
    },
    /// It belongs to somebody else.
    NotOurs {
        /// Which, or one above it.
        path: PathBuf,
        /// To whom.
        owner: super::User,
    },
    /// Others may do something with it, by the list of who may what that Windows has.
    Shared {
        /// Which, or one above it.
        path: PathBuf,
        /// Who, or everybody where there is no list.
        with: String,
    },
    /// Others may change what is in it, by the mode that Unix has.
    Open {
        /// Which, or one above it.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
}

impl fmt::Display for FolderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System { attempt, path, .. } => write!(f, "{attempt} {}", path.display()),
            Self::NoFolder { path } => {
                write!(
                    f,
                    "open {}: it is no folder, or a link to one",
                    path.display()
                )
            }
            Self::NotOurs { path, owner } => {
                write!(f, "trust {}: it belongs to user {owner}", path.display())
            }
            Self::Shared { path, with } => {
                write!(f, "trust {}: {with} may change it", path.display())
            }
            Self::Open { path, mode } => {
                let path = path.display();
                write!(
                    f,
                    "trust {path}: others may enter or change it (mode {mode:o})"
                )
            }
        }
    }
}

impl std::error::Error for FolderError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::System { source, .. } => Some(source),
            Self::NoFolder { .. }
            | Self::NotOurs { .. }
            | Self::Shared { .. }
            | Self::Open { .. } => None,
        }
    }
}

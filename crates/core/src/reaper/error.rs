//! Why there is no reaper for a rung.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Why a reaper could not be had. Nothing was started through it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ReaperError {
    /// The program was not found.
    #[error("find the program `handfast-reaper` (looked at {})", list(.looked))]
    NotFound {
        /// Where it was looked for.
        looked: Vec<PathBuf>,
    },
    /// The program could not be started.
    #[error("start `{}`", program.display())]
    Launch {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The program ended, or spoke another version, before it was ready.
    #[error("use `{}`: it ended before it was ready; is it the reaper of this version?", program.display())]
    Mute {
        /// The program.
        program: PathBuf,
    },
    /// The host refused a step of what the rung needs.
    #[error("{step}{}", because(*.errno))]
    Refused {
        /// What was tried, as a verb with its object.
        step: String,
        /// What the system said; 0 for a reason that has no number.
        errno: i32,
    },
    /// It ended again and again right after it was started.
    #[error("keep a reaper: it ended {times} times in a row")]
    Unstable {
        /// How often.
        times: u32,
    },
    /// It belongs to another program, which lives.
    #[error("take over a reaper: it has an owner")]
    Owned,
    /// It was left by a program of another version.
    #[error("take over a reaper: it was left by another version of handfast")]
    OtherVersion,
    /// Another user is at the other end.
    #[error("take over a reaper: another user is at the other end")]
    OtherUser,
    /// It is there and does not answer.
    #[error("take over a reaper: it did not answer within {within:?}")]
    Silent {
        /// How long it had.
        within: std::time::Duration,
    },
    /// The manager is closed.
    #[error("use a manager that is closed")]
    Closed,
    /// A system call on our side failed.
    #[error("speak to the reaper")]
    System {
        /// What the system said.
        #[from]
        source: Arc<io::Error>,
    },
}

fn list(paths: &[PathBuf]) -> String {
    let paths = paths.iter().map(|path| path.display().to_string());
    paths.collect::<Vec<_>>().join(", ")
}

fn because(errno: i32) -> String {
    if errno == 0 {
        String::new()
    } else {
        format!(": {}", io::Error::from_raw_os_error(errno))
    }
}

impl ReaperError {
    /// The name of this error, which never changes.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            ReaperError::NotFound { .. } => "reaper.not-found",
            ReaperError::Launch { .. } => "reaper.launch",
            ReaperError::Mute { .. } => "reaper.mute",
            ReaperError::Refused { .. } => "reaper.refused",
            ReaperError::Unstable { .. } => "reaper.unstable",
            ReaperError::Owned => "reaper.owned",
            ReaperError::OtherVersion => "reaper.other-version",
            ReaperError::OtherUser => "reaper.other-user",
            ReaperError::Silent { .. } => "reaper.silent",
            ReaperError::Closed => "reaper.closed",
            ReaperError::System { .. } => "reaper.system",
        }
    }

    /// What to do about it, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            ReaperError::NotFound { .. } => Some(
                "install it beside this program, set HANDFAST_REAPER, or call \
                 handfast::reaper::run_if_asked() first in main"
                    .into(),
            ),
            ReaperError::Refused { .. } => {
                Some("`handfast doctor` says what this host offers and why the rest fails".into())
            }
            ReaperError::OtherVersion => Some(
                "use the version that started it, or end it: what it holds ends with it on the \
                 rungs `namespace` and `cgroup`"
                    .into(),
            ),
            ReaperError::Launch { .. }
            | ReaperError::Owned
            | ReaperError::OtherUser
            | ReaperError::Silent { .. }
            | ReaperError::Mute { .. }
            | ReaperError::Unstable { .. }
            | ReaperError::Closed
            | ReaperError::System { .. } => None,
        }
    }

    pub(crate) fn system(error: io::Error) -> Self {
        ReaperError::System {
            source: Arc::new(error),
        }
    }
}

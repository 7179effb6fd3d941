//! What can go wrong with one process, verb by verb.
//!
//! Each error has a `code` that never changes, for programs, and a `hint` for people. Messages are
//! fragments that read after "failed to …".

use super::id::ProcessHandle;
use crate::config::ConfigError;
use crate::owner::OwnerError;
use crate::reaper::ReaperError;
use crate::tree::{Grade, Rung};
use std::io;
use std::sync::Arc;

/// Why a process could not be started. Nothing of it is left running.
///
/// ```no_run
/// # async fn example(
/// #     manager: handfast::ProcessManager,
/// #     handle: handfast::ProcessHandle,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// # let config = handfast::ProcessConfig::builder("/bin/true").build();
/// match manager.start_process(config).await {
///     Ok(handle) => println!("{handle}"),
///     Err(error) => {
///         println!("failed to {error} ({})", error.code());
///         if let Some(hint) = error.hint() {
///             println!("  {hint}");
///         }
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The config is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No rung of this host is what was asked for.
    #[error("hold the process with grade `{wanted}`: {}", each_try(.tried))]
    TooWeak {
        /// The least grade that was asked for.
        wanted: Grade,
        /// What was tried, and why each failed or was not enough.
        tried: Vec<(Rung, String)>,
    },
    /// The rung that was asked for does not work here.
    #[error("hold the process on rung `{rung}`")]
    Rung {
        /// Which.
        rung: Rung,
        /// Why not.
        source: ReaperError,
    },
    /// No rung at all works here.
    #[error("hold the process on any rung: {}", each_try(.tried))]
    NoRung {
        /// What was tried, and why each failed.
        tried: Vec<(Rung, String)>,
    },
    /// A system call on the way failed.
    #[error("{attempt}")]
    System {
        /// What was attempted, as a verb with its object.
        attempt: &'static str,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The reaper ended while it was starting the process.
    #[error("start the process: its reaper ended")]
    ReaperLost,
    /// The process was stopped before it had been started.
    #[error("start the process: the manager is closed")]
    Closed,
    /// Its owner may not have it: a limit is used up, or the owner has ended.
    #[error(transparent)]
    Owner(#[from] OwnerError),
}

fn each_try(tried: &[(Rung, String)]) -> String {
    let each = tried.iter().map(|(rung, why)| format!("{rung} ({why})"));
    each.collect::<Vec<_>>().join(", ")
}

impl StartError {
    /// The name of this error, which never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            StartError::Config(error) => error.code(),
            StartError::TooWeak { .. } => "start.too-weak",
            StartError::Rung { .. } => "start.rung-unavailable",
            StartError::NoRung { .. } => "start.no-rung",
            StartError::System { .. } => "start.system",
            StartError::ReaperLost => "start.reaper-lost",
            StartError::Closed => "start.closed",
            StartError::Owner(error) => error.code(),
        }
    }

    /// What to do about it, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            StartError::Config(error) => error.hint(),
            StartError::TooWeak { .. } | StartError::Rung { .. } | StartError::NoRung { .. } => {
                Some("`handfast doctor` says what this host offers and why the rest fails".into())
            }
            StartError::ReaperLost => Some("start it again".into()),
            StartError::Owner(error) => error.hint(),
            StartError::System { .. } | StartError::Closed => None,
        }
    }
}

/// Why a question about a process has no answer.
///
/// ```no_run
/// # async fn example(
/// #     manager: handfast::ProcessManager,
/// #     handle: handfast::ProcessHandle,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// use handfast::LookupError;
///
/// match manager.query_status(handle) {
///     Ok(status) => println!("{}", status.word()),
///     Err(LookupError::Forgotten { .. }) => println!("it is over, long ago"),
///     Err(error) => println!("failed to {error}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// No process of this manager, or of those that share its detached store, ever had this handle.
    #[error("find process {handle}")]
    Unknown {
        /// The handle that was asked for.
        handle: ProcessHandle,
    },
    /// It is over; its record was dropped to keep memory bounded, or with the last manager that had
    /// it.
    #[error("find process {handle}: it is over, and its record was dropped")]
    Forgotten {
        /// The handle that was asked for.
        handle: ProcessHandle,
    },
    /// The owner that asks has ended. It is told so whatever it asks for.
    #[error("find process {handle}: the owner that asks has ended")]
    OwnerEnded {
        /// The handle that was asked for.
        handle: ProcessHandle,
    },
    /// It is in the detached store: it runs, or has ended there.
    #[error("find process {handle}: it is detached")]
    Detached {
        /// The handle that was asked for.
        handle: ProcessHandle,
    },
    /// Another manager of the same detached store has it.
    #[error("find process {handle}: another manager has it")]
    Elsewhere {
        /// The handle that was asked for.
        handle: ProcessHandle,
    },
}

impl LookupError {
    /// The name of this error, which never changes.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            LookupError::Unknown { .. } => "process.unknown",
            LookupError::Forgotten { .. } => "process.forgotten",
            LookupError::OwnerEnded { .. } => "owner.ended",
            LookupError::Detached { .. } => "process.detached",
            LookupError::Elsewhere { .. } => "process.elsewhere",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            LookupError::Unknown { .. } => {
                Some("list_processes names those that are active".into())
            }
            LookupError::Forgotten { .. } => Some("raise the limits of the tombstones".into()),
            LookupError::OwnerEnded { .. } => Some("have the host ask".into()),
            LookupError::Detached { .. } => Some("reattach its owner to a manager".into()),
            LookupError::Elsewhere { .. } => Some("ask the manager that it went to".into()),
        }
    }
}

/// Why a process could not be signalled. No signal was sent to anything else instead.
///
/// ```no_run
/// # async fn example(
/// #     manager: handfast::ProcessManager,
/// #     handle: handfast::ProcessHandle,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// use handfast::{Scope, SignalError};
///
/// match manager.signal(handle, 1, Scope::Leader).await {
///     Ok(_) => println!("it was told to read its settings again"),
///     Err(SignalError::Over { .. }) => println!("it has ended"),
///     Err(error) => return Err(error.into()),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SignalError {
    /// There is no such process.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// It is over, or the part of it that the signal was for is.
    #[error("signal process {handle}: it has ended")]
    Over {
        /// Which.
        handle: ProcessHandle,
    },
    /// The number is no signal.
    #[error("send signal {signal}: it is not between 1 and 64")]
    NoSuchSignal {
        /// The number.
        signal: i32,
    },
    /// The system refused.
    #[error("signal process {handle}")]
    Refused {
        /// Which.
        handle: ProcessHandle,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// Its reaper ended before it said whether the signal was sent. The process may have got it.
    #[error("signal process {handle}: its reaper ended meanwhile")]
    ReaperLost {
        /// Which.
        handle: ProcessHandle,
    },
}

impl SignalError {
    /// The name of this error, which never changes.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            SignalError::Lookup(error) => error.code(),
            SignalError::Over { .. } => "signal.over",
            SignalError::NoSuchSignal { .. } => "signal.no-such-signal",
            SignalError::Refused { .. } => "signal.refused",
            SignalError::ReaperLost { .. } => "signal.reaper-lost",
        }
    }
}

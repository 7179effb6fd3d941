//! What users see of a process: derived from its life, never stored beside it.

use super::id::ProcessHandle;
use crate::config::ProcessConfig;
use crate::owner::OwnerId;
use crate::tree::{Grade, Rung};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Why a leader ended.
///
/// ```
/// use handfast::Cause;
///
/// assert_eq!(Cause::Deadline.word(), "deadline");
/// assert_eq!(Cause::Signal { signal: 10 }.word(), "signal");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// It returned, or died of a signal that nobody sent through its manager (its own fault, the
    /// kernel's out-of-memory killer, another program).
    Itself,
    /// `stop_process`.
    Stop,
    /// `kill`.
    Kill,
    /// It died of a signal that `signal` had sent.
    Signal {
        /// The signal's number.
        signal: i32,
    },
    /// Its deadline was reached.
    Deadline,
    /// Its lease was not renewed in time.
    LeaseOver,
    /// Its owner's turn ended.
    TurnOver,
    /// It was older than a cleanup of its owner allows.
    TooOld,
    /// Its owner was ended.
    OwnerEnded,
    /// The last clone of its manager was dropped.
    OwnerGone,
    /// `shutdown`, or a signal to the owner that it answers so.
    Shutdown,
    /// It was detached, and cleaned away.
    Cleaned,
    /// It was detached, and another took its place in the detached store.
    Replaced,
    /// Its reaper was lost and took the tree with it.
    ReaperLost,
    /// The program that had started it ended without a word, and it was not declared to survive that: its
    /// reaper ended it. The next program says so.
    HostLost,
    /// It ended while its reaper was being replaced, and the system could not say how.
    Unknown,
}

impl Cause {
    /// The word for this cause on the command line and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Cause::Itself => "itself",
            Cause::Stop => "stop",
            Cause::Kill => "kill",
            Cause::Signal { .. } => "signal",
            Cause::Deadline => "deadline",
            Cause::LeaseOver => "lease-over",
            Cause::TurnOver => "turn-over",
            Cause::TooOld => "too-old",
            Cause::OwnerEnded => "owner-ended",
            Cause::OwnerGone => "owner-gone",
            Cause::Shutdown => "shutdown",
            Cause::Cleaned => "cleaned",
            Cause::Replaced => "replaced",
            Cause::ReaperLost => "reaper-lost",
            Cause::HostLost => "host-lost",
            Cause::Unknown => "unknown",
        }
    }
}

/// Where a process stands.
///
/// ```no_run
/// # async fn example(
/// #     manager: handfast::ProcessManager,
/// #     handle: handfast::ProcessHandle,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// use handfast::ProcessStatus;
///
/// match manager.query_status(handle)? {
///     ProcessStatus::Running { pid } => println!("runs as {pid}"),
///     ProcessStatus::RunningDetached { child_pids, .. } => println!("only {child_pids:?} run"),
///     ProcessStatus::Exited { exit_code, .. } => println!("returned {exit_code}"),
///     ProcessStatus::Terminated { cause, .. } => println!("was ended: {}", cause.word()),
///     other => println!("{}", other.word()),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProcessStatus {
    /// Being started.
    Starting,
    /// The leader runs.
    Running {
        /// The leader's pid in the caller's own namespace; for people, not for signals.
        pid: u32,
    },
    /// The leader has ended and members of its tree live.
    RunningDetached {
        /// The leader's exit code, unless a signal ended it.
        exit_code: Option<i32>,
        /// The signal that ended the leader.
        signal: Option<i32>,
        /// The members that live, in the caller's own namespace; for people, not for signals.
        child_pids: Vec<u32>,
    },
    /// The leader returned by itself and no member is left.
    Exited {
        /// 0 to 255.
        exit_code: i32,
        /// When the leader ended.
        exit_time: SystemTime,
    },
    /// The leader was ended, by a signal or at somebody's wish, and no member is left.
    Terminated {
        /// The signal that ended it; `None` where it returned after it was asked to end.
        signal: Option<i32>,
        /// The code with which it returned after it was asked to end.
        exit_code: Option<i32>,
        /// Why.
        cause: Cause,
        /// When the leader ended.
        exit_time: SystemTime,
    },
    /// It was not started; nothing of it is left.
    Failed {
        /// The stable code of the error.
        code: &'static str,
        /// The error, for people.
        error: String,
    },
}

impl ProcessStatus {
    /// Whether nothing of the process is left to run.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        match self {
            Self::Starting | Self::Running { .. } | Self::RunningDetached { .. } => false,
            Self::Exited { .. } | Self::Terminated { .. } | Self::Failed { .. } => true,
        }
    }

    /// The word for this status on the command line and in JSON.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running { .. } => "running",
            Self::RunningDetached { .. } => "running-detached",
            Self::Exited { .. } => "exited",
            Self::Terminated { .. } => "terminated",
            Self::Failed { .. } => "failed",
        }
    }
}

/// How a leader ended, as [`crate::ProcessManager::wait`] answers it.
///
/// ```no_run
/// # async fn example(
/// #     manager: handfast::ProcessManager,
/// #     handle: handfast::ProcessHandle,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let ended = manager.wait(handle).await?;
/// match (ended.exit_code, ended.signal) {
///     (Some(code), _) => println!("returned {code}"),
///     (None, Some(signal)) => println!("died of signal {signal}"),
///     (None, None) => println!("ended; the system could not say how"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Its exit code, unless a signal ended it or the code was lost.
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Why.
    pub cause: Cause,
    /// When.
    pub exit_time: SystemTime,
}

impl Ended {
    /// For a process of which not even the start is known.
    pub(crate) fn unknown() -> Ended {
        let exit_time = SystemTime::UNIX_EPOCH;
        Ended {
            exit_code: None,
            signal: None,
            cause: Cause::Unknown,
            exit_time,
        }
    }

    /// Whether it returned 0 by itself.
    #[must_use]
    pub fn success(&self) -> bool {
        self.exit_code == Some(0) && self.cause == Cause::Itself
    }
}

/// Why a process is called unresponsive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unresponsive {
    /// `T` stopped, `t` stopped by a tracer, `D` in uninterruptible sleep.
    pub state: char,
    /// Since when it was seen so.
    pub since: SystemTime,
}

/// Everything about one process.
///
/// ```no_run
/// # async fn example(
/// #     manager: handfast::ProcessManager,
/// #     handle: handfast::ProcessHandle,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// for info in manager.list_processes() {
///     let program = info.config.program().display();
///     println!("{}: {program}, {}, held by {}", info.handle, info.status.word(), info.rung);
///     if let Some(unresponsive) = info.unresponsive {
///         println!("  in state {} since {:?}", unresponsive.state, unresponsive.since);
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ProcessInfo {
    /// Its id.
    pub handle: ProcessHandle,
    /// To whom it belongs now.
    pub owner: OwnerId,
    /// What it was started from, after plugins.
    pub config: Arc<ProcessConfig>,
    /// When its start was asked for.
    pub start_time: SystemTime,
    /// Where it stands.
    pub status: ProcessStatus,
    /// What holds its tree.
    pub rung: Rung,
    /// How surely.
    pub grade: Grade,
    /// Set while its leader has been stopped or stuck for longer than its config allows.
    pub unresponsive: Option<Unresponsive>,
    /// Plugins that were asked to improve its config and could not.
    pub warnings: Arc<[String]>,
}

/// What a stop did.
///
/// ```no_run
/// # async fn example(
/// #     manager: handfast::ProcessManager,
/// #     handle: handfast::ProcessHandle,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let receipt = manager.stop_process(handle).await?;
/// println!(
///     "of {} members {} had to be killed",
///     receipt.members_before, receipt.killed
/// );
/// assert!(receipt.survivors.is_empty(), "still there: {:?}", receipt.survivors);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// Which process.
    pub handle: ProcessHandle,
    /// What held its tree.
    pub rung: Rung,
    /// How surely.
    pub grade: Grade,
    /// How many members were alive when the stop began; 0 for one that was over.
    pub members_before: usize,
    /// How many members were asked to end (SIGTERM).
    pub asked: usize,
    /// How many members were alive when the tree was killed; 0 where asking was enough.
    pub killed: usize,
    /// Members that were alive when the stop gave up; empty is the promise kept.
    pub survivors: Vec<u32>,
    /// How long it took.
    pub took: Duration,
    /// Where the process stands now.
    pub status: ProcessStatus,
}

/// Something about a process has changed: ask for its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Which process.
    pub handle: ProcessHandle,
    /// What was reached; the word of its [`ProcessStatus`], `unresponsive` or `responsive`, or
    /// `detached` for who had it and `reattached` for who has it now.
    pub word: &'static str,
}

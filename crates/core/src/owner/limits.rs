//! What an owner may use, and what it uses.

use std::fmt;
use std::time::Duration;

/// How much an owner may use together with all owners below it; `None` is without a limit.
///
/// That owners below count too makes sub-owners no way around a limit, and has one more
/// consequence: a process that is handed over to the parent is never refused for the parent's own
/// limits, which it used already.
///
/// ```
/// use handfast::owner::Limits;
/// use std::time::Duration;
///
/// let limits = Limits::agent().processes(2).wall_time(Duration::from_secs(3600));
/// assert_eq!(limits.processes, Some(2));
/// assert_eq!(Limits::default(), Limits::agent());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "limits do nothing until they are given to an owner"]
pub struct Limits {
    /// How many processes, those that are being started included. One uses its place up until
    /// nothing of its tree is left; what has ended uses none.
    pub processes: Option<u64>,
    /// How many bytes of output may be kept in memory for all of them: what
    /// [`Capture::keep`](crate::output::Capture::keep) says of each, checked before it starts, and twice
    /// 1 MiB for a command. What has ended counts with what it does keep, for as long as its record
    /// is; but it stands in nobody's way. Where a start needs the room, those that ended first give
    /// their output up: it is counted as omitted, and their
    /// [status](crate::output::OutputStatus::given_up) says so.
    pub output_bytes: Option<u64>,
    /// How many bytes their outputs may have on disk together, where their configs spill them
    /// ([`Spill`](crate::output::Spill)). Nobody is refused or ended for it: the oldest segments make
    /// room and are counted as dropped. The quota of a config holds as well, for that process alone.
    /// What is on disk stays counted where the process was started.
    pub spill_bytes: Option<u64>,
    /// How long each of them may run by the wall clock, from its start. Its own deadline holds
    /// where that is earlier.
    pub wall_time: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits::agent()
    }
}

impl Limits {
    /// The profile for an agent: 5 processes with 64 MiB of output in memory and 1 GiB on disk.
    pub const fn agent() -> Limits {
        Limits {
            processes: Some(5),
            output_bytes: Some(64 * 1024 * 1024),
            spill_bytes: Some(1024 * 1024 * 1024),
            wall_time: None,
        }
    }

    /// No limit at all.
    pub const fn unlimited() -> Limits {
        Limits {
            processes: None,
            output_bytes: None,
            spill_bytes: None,
            wall_time: None,
        }
    }

    /// Sets how many processes there may be.
    pub fn processes(mut self, most: impl Into<Option<u64>>) -> Self {
        self.processes = most.into();
        self
    }

    /// Sets how many bytes of output may be kept in memory.
    pub fn output_bytes(mut self, most: impl Into<Option<u64>>) -> Self {
        self.output_bytes = most.into();
        self
    }

    /// Sets how many bytes of output may be on disk.
    pub fn spill_bytes(mut self, most: impl Into<Option<u64>>) -> Self {
        self.spill_bytes = most.into();
        self
    }

    /// Sets how long each process may run.
    pub fn wall_time(mut self, most: impl Into<Option<Duration>>) -> Self {
        self.wall_time = most.into();
        self
    }

    pub(super) fn of(&self, kind: LimitKind) -> Option<u64> {
        match kind {
            LimitKind::Processes => self.processes,
            LimitKind::OutputBytes => self.output_bytes,
        }
    }
}

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LimitKind {
    /// [`Limits::processes`].
    Processes,
    /// [`Limits::output_bytes`].
    OutputBytes,
}

impl LimitKind {
    pub(super) const ALL: [LimitKind; 2] = [LimitKind::Processes, LimitKind::OutputBytes];

    /// The word for it in JSON and for programs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            LimitKind::Processes => "processes",
            LimitKind::OutputBytes => "output-bytes",
        }
    }
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            LimitKind::Processes => "processes",
            LimitKind::OutputBytes => "bytes of output in memory",
        })
    }
}

/// How much of the limits is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Usage {
    /// How many processes of which something is left, or which are being started.
    pub processes: u64,
    /// How many bytes of output may be kept in memory for them.
    pub output_bytes: u64,
}

impl Usage {
    pub(super) fn of(&self, kind: LimitKind) -> u64 {
        match kind {
            LimitKind::Processes => self.processes,
            LimitKind::OutputBytes => self.output_bytes,
        }
    }

    pub(super) fn add(&mut self, more: Usage) {
        self.processes += more.processes;
        self.output_bytes += more.output_bytes;
    }

    pub(super) fn take(&mut self, less: Usage) {
        self.processes -= less.processes;
        self.output_bytes -= less.output_bytes;
    }
}

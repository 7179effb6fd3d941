//! How a session ended, in words that say who wanted it.
//!
//! Apart because it joins what the process's own life knows with what only its sessions know. What
//! must stay true: a code is never without a cause.

use super::session::Wanted;
use crate::process::Cause;
use crate::process::life::LeaderEnd;
use handfast_sys::child::Exit;
use serde::Serialize;
use std::fmt;

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EndCause {
    /// Its command returned.
    Itself,
    /// It died of a signal that was not sent through its manager: its own fault, the kernel, or
    /// another program.
    Signal,
    /// It died of an interrupt that was written to it.
    Interrupt,
    /// Somebody stopped it.
    Stop,
    /// Somebody killed it.
    Kill,
    /// It had to make room for another one.
    Prune,
    /// All sessions were ended together.
    EndAll,
    /// Its time was up.
    Deadline,
    /// What it tried was denied.
    Denied,
    /// Its owner's turn ended.
    TurnOver,
    /// Its lease was not renewed.
    LeaseOver,
    /// Its manager was shut down.
    Shutdown,
    /// Its owner is gone.
    OwnerGone,
    /// It was detached, and cleaned away.
    Cleaned,
    /// It was detached, and another took its place.
    Replaced,
    /// It was older than its owner's processes may be.
    TooOld,
    /// Its owner was ended.
    OwnerEnded,
    /// Its reaper was lost and took it along.
    ReaperLost,
    /// It was never started.
    NotStarted,
    /// The system could not say.
    Unknown,
}

impl EndCause {
    /// The word for it in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            EndCause::Itself => "itself",
            EndCause::Signal => "signal",
            EndCause::Interrupt => "interrupt",
            EndCause::Stop => "stop",
            EndCause::Kill => "kill",
            EndCause::Prune => "prune",
            EndCause::EndAll => "end-all",
            EndCause::Deadline => "deadline",
            EndCause::Denied => "denied",
            EndCause::TurnOver => "turn-over",
            EndCause::LeaseOver => "lease-over",
            EndCause::Shutdown => "shutdown",
            EndCause::OwnerGone => "owner-gone",
            EndCause::Cleaned => "cleaned",
            EndCause::Replaced => "replaced",
            EndCause::TooOld => "too-old",
            EndCause::OwnerEnded => "owner-ended",
            EndCause::ReaperLost => "reaper-lost",
            EndCause::NotStarted => "not-started",
            EndCause::Unknown => "unknown",
        }
    }

    /// For people.
    const fn phrase(self) -> &'static str {
        match self {
            EndCause::Itself => "by itself",
            EndCause::Signal => "by a signal from elsewhere",
            EndCause::Interrupt => "interrupted",
            EndCause::Stop => "stopped on request",
            EndCause::Kill => "killed on request",
            EndCause::Prune => "ended to make room for a new session",
            EndCause::EndAll => "ended together with all sessions",
            EndCause::Deadline => "its timeout was reached",
            EndCause::Denied => "ended because access was denied",
            EndCause::TurnOver => "ended with the turn",
            EndCause::LeaseOver => "its lease was not renewed",
            EndCause::Shutdown => "ended with its manager",
            EndCause::OwnerGone => "ended with its owner",
            EndCause::Cleaned => "cleaned away while detached",
            EndCause::Replaced => "replaced by another while detached",
            EndCause::TooOld => "cleaned up for its age",
            EndCause::OwnerEnded => "ended because its owner was ended",
            EndCause::ReaperLost => "its reaper was lost",
            EndCause::NotStarted => "it was never started",
            EndCause::Unknown => "how is not known",
        }
    }

    pub(super) fn of(end: LeaderEnd, wanted: Option<Wanted>, interrupted: bool) -> EndCause {
        const INTERRUPT: i32 = 2;
        let ours = wanted.map(Wanted::cause);
        match (end.cause, end.exit) {
            (Cause::Stop, _) => ours.unwrap_or(EndCause::Stop),
            (Cause::Kill, _) => ours.unwrap_or(EndCause::Kill),
            (Cause::Signal { signal: INTERRUPT }, _) => EndCause::Interrupt,
            (Cause::Itself, Exit::Signal(INTERRUPT)) if interrupted => EndCause::Interrupt,
            (Cause::Itself, Exit::Signal(_)) | (Cause::Signal { .. }, _) => EndCause::Signal,
            (Cause::Itself, _) => EndCause::Itself,
            (Cause::Deadline, _) => EndCause::Deadline,
            (Cause::LeaseOver, _) => EndCause::LeaseOver,
            (Cause::TurnOver, _) => EndCause::TurnOver,
            // A session does not go to the next program, so nobody sees it end so.
            (Cause::OwnerGone | Cause::HostLost, _) => EndCause::OwnerGone,
            (Cause::Shutdown, _) => EndCause::Shutdown,
            (Cause::Cleaned, _) => EndCause::Cleaned,
            (Cause::Replaced, _) => EndCause::Replaced,
            (Cause::TooOld, _) => EndCause::TooOld,
            (Cause::OwnerEnded, _) => EndCause::OwnerEnded,
            (Cause::ReaperLost, _) => EndCause::ReaperLost,
            (Cause::Unknown, _) => EndCause::Unknown,
        }
    }
}

impl fmt::Display for EndCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.phrase())
    }
}

/// The code that shells give an end: a signal counts as 128 more than its number.
pub(super) fn exit_code(exit: Exit) -> Option<i32> {
    match exit {
        Exit::Code(code) => Some(code),
        Exit::Signal(signal) => Some(128 + signal),
        Exit::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    fn cause(cause: Cause, exit: Exit, wanted: Option<Wanted>, interrupted: bool) -> EndCause {
        let at = SystemTime::UNIX_EPOCH;
        EndCause::of(LeaderEnd { exit, at, cause }, wanted, interrupted)
    }

    #[test]
    fn a_signal_is_128_and_its_number() {
        assert_eq!(exit_code(Exit::Signal(2)), Some(130));
        assert_eq!(exit_code(Exit::Signal(9)), Some(137));
        assert_eq!(exit_code(Exit::Code(3)), Some(3));
        assert_eq!(exit_code(Exit::Unknown), None);
    }

    #[test]
    fn who_wanted_it_is_said() {
        let killed = Exit::Signal(9);
        let prune = Some(Wanted::Prune);
        assert_eq!(cause(Cause::Kill, killed, prune, false), EndCause::Prune);
        assert_eq!(cause(Cause::Kill, killed, None, false), EndCause::Kill);
        assert_eq!(cause(Cause::Itself, killed, None, false), EndCause::Signal);
        assert_eq!(
            cause(Cause::Itself, Exit::Code(0), prune, false),
            EndCause::Itself
        );
        assert_eq!(
            cause(Cause::Deadline, Exit::Code(0), prune, false),
            EndCause::Deadline
        );
        let of_signal = |interrupted| cause(Cause::Itself, Exit::Signal(2), None, interrupted);
        assert_eq!(of_signal(true), EndCause::Interrupt);
        assert_eq!(of_signal(false), EndCause::Signal);
        let sent = Cause::Signal { signal: 2 };
        assert_eq!(
            cause(sent, Exit::Signal(2), None, false),
            EndCause::Interrupt
        );
    }
}

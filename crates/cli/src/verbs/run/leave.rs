//! How handfast ends: as the program did, or with the code that says what handfast had to do.

use super::course::Reason;
use super::task::Outcome;
use crate::explain::{FAILED, TIMED_OUT};
use handfast::Cause;
use handfast_sys::host;
use std::process::ExitCode;

/// An end of handfast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// With this exit code of ours.
    Code(u8),
    /// With the program's, as wide as the system has them.
    Program(i32),
    /// By this signal.
    Signal(i32),
}

impl Leave {
    /// What follows from how the program ended and why the tree was stopped.
    pub(super) fn after(outcome: &Outcome, wait_tree: bool) -> Leave {
        let survived = |receipt: &handfast::Receipt| !receipt.survivors.is_empty();
        if outcome.receipt.as_ref().is_none_or(survived) {
            return Leave::Code(FAILED);
        }
        let Some(ended) = &outcome.ended else {
            return Leave::Code(FAILED);
        };
        let in_time = ended.cause == Cause::Itself && !wait_tree;
        if outcome.reason == Some(Reason::TimeOver) && !in_time {
            return Leave::Code(TIMED_OUT);
        }
        match (ended.cause, ended.exit_code, ended.signal) {
            (Cause::ReaperLost, _, _) => Leave::Code(FAILED),
            (_, Some(code), _) => Leave::Program(code),
            (_, None, Some(signal)) => Leave::Signal(signal),
            (_, None, None) => Leave::Code(FAILED),
        }
    }

    /// Ends. A signal that does not end this process (it may be the init of a container) becomes
    /// the code by which shells tell it.
    pub(super) fn carry_out(self) -> ExitCode {
        match self {
            Leave::Code(code) => ExitCode::from(code),
            Leave::Program(code) => match u8::try_from(code) {
                Ok(code) => ExitCode::from(code),
                // Nothing of ours is left to be dropped.
                Err(_) => std::process::exit(code),
            },
            Leave::Signal(signal) => {
                host::die_of(signal);
                let code = signal
                    .checked_add(128)
                    .and_then(|code| u8::try_from(code).ok());
                ExitCode::from(code.unwrap_or(FAILED))
            }
        }
    }
}

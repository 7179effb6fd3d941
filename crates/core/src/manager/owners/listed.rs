//! One line of an owner's list.

use crate::manager::registry::Entry;
use crate::process::task::ended;
use crate::process::{Ended, ProcessInfo};
use std::time::{Duration, SystemTime};

/// A process in the list of its owner.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Listed {
    /// Everything about it; its status says whether it runs and with what code it returned.
    pub info: ProcessInfo,
    /// How long ago its start was asked for, by a clock that nobody sets.
    pub age: Duration,
    /// When its last captured output came, if any did.
    pub last_output: Option<SystemTime>,
    /// How its leader ended, if it has.
    pub ended: Option<Ended>,
}

impl Listed {
    /// What it is for, as its config says.
    #[must_use]
    pub fn purpose(&self) -> Option<&str> {
        self.info.config.purpose()
    }

    pub(super) fn of(entry: &Entry) -> Listed {
        let output = entry.output.as_ref();
        let leader = entry.seen.borrow().leader;
        Listed {
            info: entry.info(),
            age: entry.record.began.elapsed(),
            last_output: output.and_then(|output| output.status().last_output),
            ended: leader.map(ended),
        }
    }
}

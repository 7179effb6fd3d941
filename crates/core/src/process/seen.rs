//! The last published state of a process, from which every status is derived.

use super::error::StartError;
use super::life::{LeaderEnd, Phase};
use super::status::{Cause, ProcessStatus, Unresponsive};
use super::task::ended;
use crate::config::{self, ProcessConfig};
use crate::reaper::Place;
use handfast_reaper::wire::Step;
use handfast_sys::child::Exit;
use std::io;
use std::sync::Arc;

/// What can be seen from outside the task.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) phase: Phase,
    pub(crate) leader: Option<LeaderEnd>,
    pub(crate) pid: u32,
    pub(crate) place: Option<Arc<Place>>,
    pub(crate) failed: Option<StartError>,
    pub(crate) unresponsive: Option<Unresponsive>,
}

impl Default for Seen {
    fn default() -> Self {
        Seen {
            phase: Phase::Starting,
            leader: None,
            pid: 0,
            place: None,
            failed: None,
            unresponsive: None,
        }
    }
}

impl Seen {
    /// The live members, read from the system now.
    pub(crate) fn members(&self) -> Vec<u32> {
        match (&self.place, self.phase) {
            (None, _) | (_, Phase::Gone) => Vec::new(),
            (Some(place), _) => place.members(),
        }
    }

    /// Whether nothing is left.
    pub(crate) fn is_over(&self) -> bool {
        self.phase == Phase::Gone
    }

    pub(crate) fn word(&self) -> &'static str {
        match (self.phase, &self.failed, self.leader) {
            (Phase::Starting, _, _) => "starting",
            (Phase::Gone, Some(_), _) => "failed",
            (Phase::Gone, None, leader) => match over(leader) {
                ProcessStatus::Exited { .. } => "exited",
                _ => "terminated",
            },
            (_, _, None) => "running",
            (_, _, Some(_)) => "running-detached",
        }
    }

    /// Where the process stands.
    pub(crate) fn status(&self) -> ProcessStatus {
        match (self.phase, &self.failed, self.leader) {
            (Phase::Starting, _, _) => ProcessStatus::Starting,
            (Phase::Gone, Some(failed), _) => ProcessStatus::Failed {
                code: failed.code(),
                error: failed.to_string(),
            },
            (Phase::Gone, None, leader) => over(leader),
            (_, _, None) => ProcessStatus::Running { pid: self.pid },
            (_, _, Some(end)) => {
                let end = ended(end);
                let (exit_code, signal) = (end.exit_code, end.signal);
                ProcessStatus::RunningDetached {
                    exit_code,
                    signal,
                    child_pids: self.members(),
                }
            }
        }
    }
}

/// The status of one of which nothing is left.
fn over(leader: Option<LeaderEnd>) -> ProcessStatus {
    match leader {
        Some(LeaderEnd {
            exit: Exit::Code(exit_code),
            cause: Cause::Itself,
            at,
        }) => ProcessStatus::Exited {
            exit_code,
            exit_time: at,
        },
        Some(end) => {
            let end = ended(end);
            ProcessStatus::Terminated {
                signal: end.signal,
                exit_code: end.exit_code,
                cause: end.cause,
                exit_time: end.exit_time,
            }
        }
        None => ProcessStatus::Failed {
            code: StartError::ReaperLost.code(),
            error: StartError::ReaperLost.to_string(),
        },
    }
}

/// What the reaper's report of a failed step means for this config.
pub(crate) fn failure(config: &ProcessConfig, step: u8, errno: i32) -> StartError {
    let source = Arc::new(io::Error::from_raw_os_error(errno));
    let attempt = match Step::from_byte(step) {
        Step::Execute => {
            let program = config.check();
            let program = program
                .as_ref()
                .map_or(config.program(), |checked| checked.program());
            return config::explain_exec_failure(program, errno).into();
        }
        Step::Contain => "make the place that holds the tree",
        Step::Fork => "fork",
        Step::Session => "make a session",
        Step::Terminal => "take the controlling terminal",
        Step::Streams => "put the streams in place",
        Step::Limits => "set the resource limits",
        Step::Nice => "set the priority",
        Step::User => "become the user",
        Step::Directory => "enter the working directory",
    };
    StartError::System { attempt, source }
}

//! What the other verbs print: a start, a line of output, a wait, a receipt.

use super::process::Ended;
use schemars::JsonSchema;
use serde::Serialize;

/// What `start` prints.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Started {
    /// By which it is asked for.
    pub(crate) id: String,
    /// Its name among all processes of all daemons.
    pub(crate) handle: String,
    /// What `--name` said.
    pub(crate) name: Option<String>,
    /// What holds its tree.
    pub(crate) rung: String,
    /// How surely.
    pub(crate) grade: String,
    /// Whether it is ready, where `--ready-when` asked for it.
    pub(crate) ready: Option<bool>,
    /// Why it is not: `impossible` or `timed-out`.
    pub(crate) not_ready: Option<String>,
}

/// A line of output.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct LogLine {
    /// Whose.
    pub(crate) id: String,
    /// `stdout`, `stderr` or `pty`.
    pub(crate) stream: String,
    /// The offset of its first byte among all bytes of the process.
    pub(crate) offset: u64,
    /// How many bytes before it are not kept.
    pub(crate) omitted_bytes: u64,
    /// The line without its end; bytes that are no UTF-8 are replaced by U+FFFD.
    pub(crate) text: String,
}

/// What `wait` prints.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Waited {
    /// Which process.
    pub(crate) id: String,
    /// Which of the conditions was met, as it was given; null if none was.
    pub(crate) condition: Option<String>,
    /// `exited`, `tree-empty`, `matched`, `quiet`, `open`, `ready`, `impossible` or `timed-out`.
    pub(crate) outcome: String,
    /// How long it took.
    pub(crate) took_ms: u64,
    /// How the process stands now.
    #[serde(flatten)]
    pub(crate) now: Ended,
}

/// What `stop` prints for each process.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Receipt {
    /// Which process.
    pub(crate) id: String,
    /// Its name among all processes of all daemons.
    pub(crate) handle: String,
    /// What held its tree.
    pub(crate) rung: String,
    /// How surely.
    pub(crate) grade: String,
    /// Members that lived when the stop began.
    pub(crate) members_before: u64,
    /// Members that were asked to end.
    pub(crate) asked: u64,
    /// Members that lived when the tree was killed.
    pub(crate) killed: u64,
    /// Pids of those that lived when it was given up; empty is the promise kept.
    pub(crate) survivors: Vec<u32>,
    /// How long it took.
    pub(crate) took_ms: u64,
    /// How the process stands now.
    #[serde(flatten)]
    pub(crate) now: Ended,
}

impl From<&handfast_daemon::wire::Receipt> for Receipt {
    fn from(receipt: &handfast_daemon::wire::Receipt) -> Receipt {
        Receipt {
            id: receipt.process_id.clone(),
            handle: receipt.handle.clone(),
            rung: receipt.rung.clone(),
            grade: receipt.grade.clone(),
            members_before: receipt.members_before,
            asked: receipt.asked,
            killed: receipt.killed,
            survivors: receipt.survivors.clone(),
            took_ms: receipt.took_ms,
            now: Ended::from(&receipt.status),
        }
    }
}

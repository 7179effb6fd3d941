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
    /// Why it is not: `ended`, `exit-code`, `no-output` or `timed-out`; others may come.
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
    /// When its first byte came, if that is known.
    pub(crate) at: Option<String>,
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
    /// `exited`, `tree-empty`, `matched`, `quiet`, `open`, `ready`, `not-ready`, `impossible` or `timed-out`.
    pub(crate) outcome: String,
    /// How long it took.
    pub(crate) took_ms: u64,
    /// How the process stands now.
    #[serde(flatten)]
    pub(crate) now: Ended,
}

/// What `attach` prints when it is over.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Attached {
    /// Which process.
    pub(crate) id: String,
    /// `detached`, `taken` (by another client) or `over` (the program, or its terminal).
    pub(crate) left: String,
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

/// What `exec` prints.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Executed {
    /// By which it is asked for.
    pub(crate) id: String,
    /// Its name among all processes of all daemons.
    pub(crate) handle: String,
    /// Whether it has ended; else it was left to the daemon.
    pub(crate) ended: bool,
    /// What it has written so far; bytes that are no UTF-8 are replaced by U+FFFD.
    pub(crate) output: String,
    /// How many bytes of that are not kept.
    pub(crate) omitted_bytes: u64,
    /// How long it took so far.
    pub(crate) took_ms: u64,
    /// How it stands now.
    #[serde(flatten)]
    pub(crate) now: Ended,
}

/// What `send` prints.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Sent {
    /// To which process.
    pub(crate) id: String,
    /// How many bytes it took.
    pub(crate) taken: u64,
    /// Whether that is all of them.
    pub(crate) complete: bool,
}

/// What `signal` prints.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Signalled {
    /// To which process.
    pub(crate) id: String,
    /// The number of the signal.
    pub(crate) signal: i32,
    /// How many it reached; a group counts as one.
    pub(crate) reached: u32,
}

/// What `transfer` prints.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Transferred {
    /// By which its new owner asks for it.
    pub(crate) id: String,
    /// Its name among all processes of all daemons.
    pub(crate) handle: String,
    /// To whom it belongs now.
    pub(crate) owner: String,
}

/// What `token list` prints.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Token {
    /// Its name, which is no secret.
    pub(crate) id: String,
    /// For whom it speaks.
    pub(crate) owner: String,
    /// What it allows: `read`, `write`, `stop`, `start`, `transfer`.
    pub(crate) scopes: Vec<String>,
    /// Until when it is good; null if as long as the daemon.
    pub(crate) expires: Option<String>,
    /// The token that it came from.
    pub(crate) parent: Option<String>,
}

/// What `token create` prints.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct NewToken {
    /// The token, which is shown this once; null if it was written to a file.
    pub(crate) token: Option<String>,
    /// What is known of it.
    #[serde(flatten)]
    pub(crate) about: Token,
}

/// What `token revoke` prints.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Revoked {
    /// Which.
    pub(crate) id: String,
    /// How many there were, with those that came from it.
    pub(crate) revoked: u64,
}

/// What `config show` prints.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Setting {
    /// Its name in the file.
    pub(crate) name: String,
    /// Its value, as it would be written.
    pub(crate) value: String,
    /// Where that comes from: `default`, `file`, `environment` or `flag`.
    pub(crate) from: String,
    /// Which file, variable or option; null for the default.
    pub(crate) which: Option<String>,
}

/// What `events` prints.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Event {
    /// Its number among those of this daemon.
    pub(crate) seq: u64,
    /// When.
    pub(crate) at: Option<String>,
    /// Of which process.
    pub(crate) id: String,
    /// Its name among all processes of all daemons.
    pub(crate) handle: String,
    /// What `--name` said.
    pub(crate) name: Option<String>,
    /// To whom it belonged then.
    pub(crate) owner: String,
    /// What it has come to: a status, `ready`, `not-ready`, `unresponsive`, `responsive`, `transferred`,
    /// `cleaned`; others may come.
    pub(crate) event: String,
    /// How it stood then.
    #[serde(flatten)]
    pub(crate) now: Ended,
}

/// What `clean` prints for each process.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Cleaned {
    /// Which.
    pub(crate) id: String,
    /// Whether it is; not with `--dry-run`.
    pub(crate) forgotten: bool,
}

/// What `top` prints for each process.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Used {
    /// Which.
    pub(crate) id: String,
    /// Its name among all processes of all daemons.
    pub(crate) handle: String,
    /// What `--name` said.
    pub(crate) name: Option<String>,
    /// To whom it belongs.
    pub(crate) owner: String,
    /// How it stands, as `ps` shows it.
    pub(crate) status: String,
    /// How many members live.
    pub(crate) members: u64,
    /// Hundredths of one processor, between two looks.
    pub(crate) cpu_percent: f64,
    /// The time of processors that those who live have taken so far.
    pub(crate) cpu_ms: u64,
    /// Bytes of them that are in memory; what two share counts twice.
    pub(crate) resident_bytes: u64,
    /// How long it has run.
    pub(crate) duration_ms: u64,
}

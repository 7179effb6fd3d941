//! Looking at processes: lists, everything about one, and waiting for something.

use super::ready::Ready;
use super::start::LifetimeName;
use super::text::Word;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `process/list`: the processes of the owner and of those below, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct List {
    /// Also those that are over.
    pub all: bool,
    /// Only those of this owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// How many; without it, and at the most, 1,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the last list ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// What `process/list` is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// The processes.
    pub processes: Vec<Info>,
    /// Where to go on, if these are not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// `process/info`: everything about one process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InfoOf {
    /// Which process.
    pub process_id: String,
    /// Also who is in its tree and who holds its output, which takes some milliseconds.
    #[serde(default)]
    pub members: bool,
}

/// Everything about a process. No value of a variable is in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Info {
    /// The name by which it is asked for.
    pub process_id: String,
    /// Its name among all.
    pub handle: String,
    /// To whom it belongs.
    pub owner: String,
    /// The label for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is there for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Whether it is ready, where it was said by what that is seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<Ready>,
    /// The program and its arguments.
    pub argv: Vec<Word>,
    /// Where it started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<Word>,
    /// The names of its variables.
    pub env_keys: Vec<Word>,
    /// Whether it has a terminal.
    pub tty: bool,
    /// Until when it may live.
    pub lifetime: LifetimeName,
    /// Whether it ends with a session.
    pub bound: bool,
    /// When its start was asked for, in milliseconds since 1970.
    pub started_at_ms: u64,
    /// Where it stands.
    pub status: Status,
    /// What holds its tree.
    pub rung: String,
    /// How surely.
    pub grade: String,
    /// Set while its leader is stopped or stuck: its state, as `ps` writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unresponsive: Option<char>,
    /// What did not work when it was started, and was gone without.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// How its output stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<OutputState>,
    /// Pids of its live members, where they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<u32>>,
}

/// Where a process stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// `starting`, `running`, `running-detached`, `exited`, `terminated` or `failed`; others may come.
    pub state: String,
    /// The leader's pid; for people, not for signals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// The exit code of the leader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// When the leader ended, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exited_at_ms: Option<u64>,
    /// The members that live on after their leader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child_pids: Option<Vec<u32>>,
    /// Why it was not started: the name of the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The same for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How the output of a process stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutputState {
    /// Whether more can come.
    pub open: bool,
    /// How many bytes came.
    pub bytes: u64,
    /// How many of them are not kept.
    pub omitted_bytes: u64,
    /// The sequence number that comes next.
    pub next_seq: u64,
    /// When the last byte came, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_at_ms: Option<u64>,
    /// Who keeps it open, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holders: Option<Vec<HolderOf>>,
}

/// Somebody who has the output of a process open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HolderOf {
    /// Its pid; for people.
    pub pid: u32,
    /// How it was started, as it wants to be seen.
    pub command: String,
    /// Whether it belongs to the tree.
    pub member: bool,
}

/// `process/wait`: waits for the first of some conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wait {
    /// Which process.
    pub process_id: String,
    /// For what; without any, for the end of the leader. At most 16.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// How long; without it, as long as is granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<u64>,
}

/// Something to wait for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "for", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Condition {
    /// The leader ended.
    Exit {},
    /// Nothing of the tree is left.
    TreeEmpty {},
    /// There is output from this byte on.
    Output {
        /// The offset among all bytes.
        #[serde(default)]
        from: u64,
    },
    /// The output matches a regular expression.
    Match {
        /// Which.
        pattern: String,
        /// From which byte on it is looked for.
        #[serde(default)]
        from: u64,
    },
    /// Nothing came for so long.
    Quiet {
        /// How long.
        ms: u64,
    },
    /// Somebody takes connections at this port of this machine.
    Port {
        /// Which.
        port: u16,
    },
    /// It is ready, or can be no more; for one that was started without a word about that, at once.
    Ready {},
}

/// What `process/wait` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Waited {
    /// `exited`, `tree-empty`, `output`, `matched`, `quiet`, `open`, `ready`, `not-ready`, `impossible` or
    /// `timed-out`.
    pub outcome: String,
    /// Which of the conditions was met, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<u32>,
    /// Where the match is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched: Option<Match>,
    /// How many bytes came too fast to be looked at.
    pub unseen_bytes: u64,
    /// How long it was asked to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_requested_ms: Option<u64>,
    /// How long it would have.
    pub wait_applied_ms: u64,
    /// Whether that is less.
    pub capped: bool,
    /// How long it did.
    pub took_ms: u64,
    /// Where the process stands now.
    pub status: Status,
}

/// A place in the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Match {
    /// The offset of its first byte among all.
    pub offset: u64,
    /// How many bytes.
    pub len: u64,
}

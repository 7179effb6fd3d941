//! Commands as agents give them: shell text and a time, and going on with what is not over by then.
//!
//! The words and the meaning of the arguments are those of the library's `exec`. Each session of the
//! wire has commands of its own: a number means nothing to another one.

use super::ending::Receipt;
use super::look::HolderOf;
use super::message::RequestId;
use super::start::LifetimeName;
use super::text::{Variables, Word};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `exec/profile`: how the commands of this session run. Once, before the first of them; without it
/// they run in `/` with `/bin/sh` and nothing but a `PATH`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ExecProfile {
    /// Where commands run that say nothing else; absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cwd: Option<Word>,
    /// All variables that they get, but for those that keep programs from writing for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<Variables>,
    /// The shell of those that name none, by its path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shell: Option<Word>,
    /// Whether shells may be login shells, which they then are by default; without it, they may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<bool>,
    /// The longest wait of a call that writes nothing; without it 300 s, and at least 5 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_poll_ms: Option<u64>,
}

/// `exec/command`: starts a command in a shell and waits for its end, for as long as the call says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ExecCommand {
    /// Shell text.
    pub cmd: String,
    /// Where it runs: absolute, or relative to the directory of the profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workdir: Option<Word>,
    /// Another shell than the profile's, by path or by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shell: Option<Word>,
    /// Whether the shell is a login shell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<bool>,
    /// A terminal of its own.
    pub tty: bool,
    /// How long to wait for its end, from 250 to 30,000 ms; without it 10,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub yield_time_ms: Option<u64>,
    /// How much of its output is wanted, in tokens of some four bytes; without it, in `text` 10,000
    /// and in `output` all that was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u64>,
    /// `use_default`; `require_escalated` is refused, as nobody here could allow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sandbox_permissions: Option<String>,
    /// What somebody would be asked; refused without `sandboxPermissions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
    /// How a rule could begin that allows such commands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix_rule: Option<Vec<String>>,
    /// How long it may run at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// Text for its input, which ends behind it unless it is to stay open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdin: Option<String>,
    /// Its input is a pipe that stays open.
    pub stdin_open: bool,
    /// A repeated start with the same key is answered for the first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_key: Option<String>,
    /// By which name answers and lists call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// A regular expression that ends the wait once the output matches it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Until when it may live; without it, as long as the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<LifetimeName>,
}

/// `exec/write`: writes to a command, or nothing, and waits for what it says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ExecWrite {
    /// Which.
    pub session_id: i32,
    /// What is written; exactly U+0003 interrupts.
    pub chars: String,
    /// How long to wait: from 250 to 30,000 ms where something is written, from 5,000 on where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub yield_time_ms: Option<u64>,
    /// As of [`ExecCommand`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u64>,
    /// Ends the input behind what is written.
    pub close_stdin: bool,
    /// Names the write: a repeated one is not written again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_id: Option<String>,
    /// As of [`ExecCommand`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// What `exec/command` and `exec/write` are answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExecAnswer {
    /// Names this answer: six hexadecimal digits.
    pub chunk_id: String,
    /// The call that started the command.
    pub call_id: String,
    /// The process, for the methods of processes, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process_id: Option<String>,
    /// How long was waited, in milliseconds with fractions.
    pub wall_time_ms: f64,
    /// The code of the command, if it has ended; 128 and the signal, where it died of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// By which number it is gone on with, while it can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<i32>,
    /// About how many tokens came, those left out included.
    pub original_token_count: u64,
    /// What came since the last answer.
    pub output: String,
    /// The same and all of the above, for a language model.
    pub text: String,
    /// How it ended, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<ExecEnded>,
    /// Its first process: `starting`, `running` or `exited`.
    pub leader: String,
    /// Whether more output can come.
    pub output_open: bool,
    /// How many of its processes live; none where that could not be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree: Option<u64>,
    /// Who keeps the output open of a command that has ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub output_holders: Vec<HolderOf>,
    /// How long it was asked to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_requested_ms: Option<u64>,
    /// How long it would have.
    pub wait_applied_ms: u64,
    /// Whether that is less.
    pub capped: bool,
    /// What was waited for has come.
    #[serde(default)]
    pub matched: bool,
    /// How many bytes came and are not in the output.
    #[serde(default)]
    pub omitted_bytes: u64,
    /// What somebody should know besides, each a sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExecEnded {
    /// Why: `itself`, `signal`, `interrupt`, `stop`, `deadline` and others.
    pub cause: String,
    /// When, in milliseconds since 1970, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<u64>,
}

/// `exec/list`: the commands of this session that have not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExecList {}

/// What `exec/list` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExecListed {
    /// The commands, by number.
    pub sessions: Vec<ExecSession>,
}

/// A command that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExecSession {
    /// Its number.
    pub session_id: i32,
    /// The call that started it.
    pub call_id: String,
    /// Its process, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process_id: Option<String>,
    /// Its text.
    pub cmd: String,
    /// Where it runs.
    pub cwd: Word,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Whether it has a terminal.
    pub tty: bool,
    /// When it was started, in milliseconds since 1970.
    pub started_at_ms: u64,
    /// How long ago that is.
    pub age_ms: u64,
    /// When it last wrote something, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_output_at_ms: Option<u64>,
}

/// `exec/stop`: asks a command and its tree to end, waits its grace, kills, and verifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExecStop {
    /// Which.
    pub session_id: i32,
}

/// What `exec/stop` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExecStopped {
    /// Which.
    pub session_id: i32,
    /// Whether its command was running, or being started.
    pub was_running: bool,
    /// What was done to its tree, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
}

/// `request/cancel`: a wait of this connection is given up, which is then answered with an error.
/// Nothing else happens to what was waited for, and no output is lost. Waits are `events/read`,
/// `exec/command`, `exec/write`, `process/read` and `process/wait`; others go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    /// The id of its request.
    pub id: RequestId,
}

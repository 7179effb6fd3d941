//! Reading and writing: chunks with sequence numbers, and writes that may be repeated.
//!
//! Each process has one counter, which begins at 1 and counts the chunks of its output and the two
//! events `exited` and `closed`. So whoever has read up to a number knows what is missing.

use super::base64::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// On which stream output came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StreamName {
    /// Descriptor 1.
    Stdout,
    /// Descriptor 2.
    Stderr,
    /// A terminal.
    Pty,
}

/// `process/read`: what has come after a sequence number.
///
/// It is answered at once when there are chunks, when nothing more can come, or when the end of the
/// process has not been read yet; else when something changes, or the time is up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Read {
    /// Which process.
    pub process_id: String,
    /// The last number that was read.
    #[serde(default)]
    pub after_seq: u64,
    /// How many bytes are wanted at the most, but one chunk at the least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// How long to wait for something to come.
    #[serde(default)]
    pub wait_ms: u64,
}

/// A piece of output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutputChunk {
    /// Its number.
    pub seq: u64,
    /// On which stream it came.
    pub stream: StreamName,
    /// What came, exactly.
    pub chunk: Bytes,
    /// The offset of its first byte among all bytes of the process.
    #[serde(default)]
    pub offset: u64,
    /// When it came, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<u64>,
}

/// What `process/read` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReadAnswer {
    /// What came, in order.
    pub chunks: Vec<OutputChunk>,
    /// The number after the last one returned, if there was a limit and something was; else the one that
    /// comes next.
    pub next_seq: u64,
    /// The leader has ended.
    pub exited: bool,
    /// Its exit code; 128 and the signal, where it died of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// The leader has ended, no more output can come, and all there is after `afterSeq` is in this answer: an
    /// answer that its limit has cut short never says so.
    pub closed: bool,
    /// Why it could not go on, if it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Of exec servers; there is no sandbox here.
    pub sandbox_denied: bool,
    /// How many bytes came after `afterSeq` and before the end of these chunks and are not kept, as far as
    /// their numbers still are. The offsets of the chunks tell it exactly.
    #[serde(default)]
    pub omitted_bytes: u64,
}

/// `process/write`: writes to a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Write {
    /// Which process.
    pub process_id: String,
    /// What is written; at most 1 MiB.
    pub chunk: Bytes,
    /// Names the write: a repeated one is answered and not written again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write_id: Option<String>,
    /// How long it may take; without it 5 s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<u64>,
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum WriteStatus {
    /// All of it was taken.
    Accepted,
    /// A part of it was taken, or nothing: the program does not read.
    Partial,
    /// There is no such process.
    UnknownProcess,
    /// Its input is closed, or it never had one.
    StdinClosed,
    /// It is being started.
    Starting,
}

/// What `process/write` and `process/press` are answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WriteAnswer {
    /// What became of it.
    pub status: WriteStatus,
    /// How many bytes were taken.
    #[serde(default)]
    pub taken: u64,
    /// A write with this id was done before; nothing was written now.
    #[serde(default)]
    pub repeated: bool,
}

/// `process/press`: presses keys, by name, on the terminal of a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Press {
    /// Which process.
    pub process_id: String,
    /// As in `'ls' enter`, `ctrl-c up*2`.
    pub keys: String,
    /// As of [`Write`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write_id: Option<String>,
    /// As of [`Write`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<u64>,
}

/// `process/closeStdin`: ends the input of a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CloseStdin {
    /// Which process.
    pub process_id: String,
}

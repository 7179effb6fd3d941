//! Notifications of the server: output, ends, changes.

use super::base64::Bytes;
use super::look::Status;
use super::streams::StreamName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `process/output`: output of a process that the session follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutputNote {
    /// Which process.
    pub process_id: String,
    /// Its number. A gap between two says that what was between is not kept; `process/read` says how
    /// much it was.
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

/// `process/exited`: the leader of a process has ended. Output may follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExitedNote {
    /// Which process.
    pub process_id: String,
    /// Its number.
    pub seq: u64,
    /// As of [`ReadAnswer`](super::ReadAnswer); -1 where the system could not say.
    pub exit_code: i32,
    /// Of exec servers; there is no sandbox here.
    pub sandbox_denied: bool,
}

/// `process/closed`: the leader has ended and no more output can come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClosedNote {
    /// Which process.
    pub process_id: String,
    /// Its number.
    pub seq: u64,
}

/// `process/changed`: a process stands elsewhere than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangedNote {
    /// Which process.
    pub process_id: String,
    /// Its name among all.
    pub handle: String,
    /// To whom it belongs.
    pub owner: String,
    /// What it has come to: a state, `unresponsive` or `responsive`; others may come.
    pub word: String,
    /// Where it stands now.
    pub status: Status,
}

/// `process/missed`: the session was too slow; ask for the list again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MissedNote {
    /// How many changes it was not told of.
    pub count: u64,
}

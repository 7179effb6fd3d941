//! Sitting at the terminal of a process: one client at a time, and any number who only look.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `process/attach`: this session is at the terminal of a process from here on, until it is released, the
/// session ends, or another one takes its place.
///
/// It is about who sits there: who may write can still write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attach {
    /// Which process.
    pub process_id: String,
    /// Take the place of whoever sits there, who is told; without it, that is refused.
    #[serde(default)]
    pub take_over: bool,
}

/// What `process/attach` is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attached {
    /// Whether somebody else sat there.
    pub taken_over: bool,
}

/// `process/release`: this session is at the terminal no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Release {
    /// Which process.
    pub process_id: String,
}

/// `process/taken`: another session is at the terminal now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TakenNote {
    /// Of which process.
    pub process_id: String,
}

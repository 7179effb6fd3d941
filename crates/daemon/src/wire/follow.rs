//! What a session follows and what is bound to it: subscriptions, detaching, handing over.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `process/subscribe`: be told of the output and the end of a process, or of every change of all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Subscribe {
    /// Which process; without it, the changes of all that the session may see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_id: Option<String>,
    /// After which sequence number; what is kept is sent first.
    pub after_seq: u64,
}

/// `process/unsubscribe`: be told no more.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Unsubscribe {
    /// As of [`Subscribe`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_id: Option<String>,
}

/// `process/detach`: processes of this session survive it from here on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Detach {
    /// Which one; without it, all of the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_id: Option<String>,
}

/// What `process/detach` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Detached {
    /// How many.
    pub process_count: u64,
    /// Which, sorted.
    pub process_ids: Vec<String>,
}

/// `process/reattach`: processes of the owner that are bound to no session end with this one from here on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Reattach {
    /// Which one; without it, all that were detached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_id: Option<String>,
}

/// What `process/reattach` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reattached {
    /// How many.
    pub reattached_count: u64,
    /// How many were bound to another session already.
    pub skipped_count: u64,
    /// Which those are, sorted.
    pub skipped_process_ids: Vec<String>,
}

/// `process/transfer`: gives a process to another owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Transfer {
    /// Which process.
    pub process_id: String,
    /// To whom: the owner's parent, or one below the session's owner.
    pub to: String,
}

/// What `process/transfer` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Transferred {
    /// The name by which the new owner asks for it.
    pub process_id: String,
    /// To whom it belongs now.
    pub owner: String,
    /// The number by which the new owner goes on with its command, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<i32>,
}

/// `process/renew`: puts the end of a lease off by its full length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Renew {
    /// Which process.
    pub process_id: String,
}

//! Forgetting what is over, and who there is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `process/clean`: forgets processes that are over. Their ids answer no more.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Clean {
    /// Only this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_id: Option<String>,
    /// Only those of this owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Only those that ended at least so long ago.
    pub older_than_ms: u64,
    /// Only say which these are.
    pub dry_run: bool,
}

/// What `process/clean` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cleaned {
    /// Which, sorted.
    pub process_ids: Vec<String>,
    /// How many bytes of output went with them.
    pub freed_bytes: u64,
}

/// `owner/list`: the session's owner and those below who have a token, a session or a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnerList {}

/// What `owner/list` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OwnersListed {
    /// By name.
    pub owners: Vec<OwnerInfo>,
}

/// What is known of an owner.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnerInfo {
    /// Who.
    pub owner: String,
    /// Tokens that are good, without those of those below.
    pub tokens: u64,
    /// Sessions, attached or to be resumed.
    pub sessions: u64,
    /// Processes of which something lives.
    pub running: u64,
    /// Processes that are over and not forgotten.
    pub over: u64,
}

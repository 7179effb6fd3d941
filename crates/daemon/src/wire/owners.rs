//! Tokens of owners, and the daemon itself.

use super::handshake::ScopeName;
use super::text::{Secret, Word};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `token/create`: a token with less authority than that of the session.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CreateToken {
    /// For an owner of this name below the session's; without it for the session's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What it may do; without it, all that the session may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<ScopeName>>,
    /// For how long it is good; without it, as long as its parent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in_ms: Option<u64>,
}

/// What `token/create` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedToken {
    /// The token, which is shown this once.
    pub token: Secret,
    /// What is known of it.
    #[serde(flatten)]
    pub about: TokenInfo,
}

/// What is known of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenInfo {
    /// Its name, which is no secret.
    pub token_id: String,
    /// Whose it is.
    pub owner: String,
    /// What it may do.
    pub scopes: Vec<ScopeName>,
    /// Until when, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at_ms: Option<u64>,
    /// The token that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

/// `token/list`: the tokens that came from the session's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListTokens {}

/// What `token/list` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListedTokens {
    /// Those that are good, the oldest first.
    pub tokens: Vec<TokenInfo>,
}

/// `token/revoke`: a token and all that came from it are good no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RevokeToken {
    /// Which.
    pub token_id: String,
}

/// What `token/revoke` is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RevokedTokens {
    /// How many there were, with those that came from it.
    pub revoked: u64,
}

/// `daemon/status`: how the daemon is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DaemonStatus {}

/// What `daemon/status` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DaemonStatusAnswer {
    /// Its pid; for people.
    pub pid: u32,
    /// Its version.
    pub version: String,
    /// The newest version of the wire that it speaks.
    pub protocol: u32,
    /// When it began, in milliseconds since 1970.
    pub started_at_ms: u64,
    /// Connections that are open.
    pub connections: u64,
    /// Sessions that live, attached or not.
    pub sessions: u64,
    /// Processes of which something is left, of all owners.
    pub processes: u64,
    /// After how long without a client and a process it leaves, in milliseconds; without it, never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_exit_ms: Option<u64>,
    /// Where it listens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_folder: Option<Word>,
    /// Where it keeps what outlasts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_folder: Option<Word>,
    /// The executable that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<Word>,
    /// Why it goes on although it was to hand over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upgrade_failed: Option<String>,
}

/// `daemon/stop`: ends every process, of all owners and also what was declared to survive, and then the
/// daemon. It is answered when all are gone. Only for the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DaemonStop {
    /// What was declared to survive goes on, and is taken over by the next daemon.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub leave_survivors: bool,
}

/// `daemon/upgrade`: hands over to another program, without ending a session: every process goes on, whatever its
/// lifetime, and who is connected goes on at the next daemon with `resumeSessionId`. It is answered when the
/// program has said that it can; a connection is told [`HandingOver`] before it is closed. If the next one does not
/// come up, this one goes on, and `daemon/status` says why. Only for the user.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DaemonUpgrade {
    /// Which program; without it, the one that lies where this daemon's did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<Word>,
}

/// What `daemon/upgrade` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DaemonUpgrading {
    /// To which program.
    pub program: Word,
    /// The process that hands over.
    pub pid: u32,
}

/// `daemon/handingOver`: another daemon goes on; resume the session there. What was asked and is not answered was
/// not begun, or only waited: ask it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct HandingOver {}

//! The handshake: who speaks, which version, on whose behalf, and for how long after the line is cut.
//!
//! `initialize` is answered before anything else is taken; the notification `initialized` ends the
//! handshake.

use super::text::Secret;
use super::version::Versions;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `initialize`: begins a session, or resumes one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Initialize {
    /// Who asks, for people and logs; at most 256 bytes are kept.
    pub client_name: String,
    /// Its version, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_version: Option<String>,
    /// The versions that it speaks; without it the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Versions>,
    /// The session to resume, as it was named by the answer that began it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume_session_id: Option<Secret>,
    /// On whose behalf; without it, of an owner of its own who is gone with the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// For how long the session may be resumed once the line is cut, in milliseconds. Until then
    /// its processes live. Without it they end at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume_ms: Option<u64>,
}

/// What `initialize` is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Initialized {
    /// Names the session, and is all that is needed to resume it: keep it secret.
    pub session_id: Secret,
    /// Whether it was resumed.
    #[serde(default)]
    pub resumed: bool,
    /// The version that is spoken from here on.
    pub protocol: u32,
    /// Who answers.
    pub server_name: String,
    /// Its version.
    pub server_version: String,
    /// On whose behalf the session acts.
    pub owner: String,
    /// What it may do.
    pub scopes: Vec<ScopeName>,
    /// What can be asked.
    pub methods: Vec<String>,
    /// What is granted at the most.
    pub limits: WireLimits,
}

/// What a session may do with the processes of its owner and of those below.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum ScopeName {
    /// Look: list, info, output, screen, wait, subscribe.
    Read,
    /// Talk: write, press, resize, signal.
    Write,
    /// End: stop, terminate.
    Stop,
    /// Start, and all that goes with it.
    Start,
    /// Give to somebody else, detach and reattach.
    Transfer,
}

/// What a server grants at the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WireLimits {
    /// Bytes of one line without its end.
    pub frame_bytes: u64,
    /// Requests that are not answered yet, in one connection.
    pub in_flight: u32,
    /// Milliseconds of one wait.
    pub wait_ms: u64,
    /// Milliseconds for which a session can be resumed.
    pub resume_ms: u64,
}

/// Nothing: parameters of what needs none, and the answer where there is nothing to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Nothing {}

/// `initialized`: the handshake is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct HandshakeOver {}

//! What trees use, and at which ports they listen.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `process/usage`: what trees use now. It reads `/proc`, which takes a millisecond for some members.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UsageOf {
    /// Which process; without it, all that live and that the session may see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_id: Option<String>,
    /// Also who the members are.
    pub members: bool,
    /// Also at which ports they listen.
    pub ports: bool,
}

/// What `process/usage` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsageAnswer {
    /// When it was looked, in milliseconds since 1970.
    pub at_ms: u64,
    /// How many processors this machine has.
    pub processors: u32,
    /// One for each process.
    pub trees: Vec<TreeUsage>,
}

/// What one tree uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TreeUsage {
    /// Which process.
    pub process_id: String,
    /// Its name among all.
    pub handle: String,
    /// How many members live.
    pub member_count: u64,
    /// The time of processors that those who live have taken so far.
    pub cpu_ms: u64,
    /// Bytes of them that are in memory; what two share counts twice.
    pub resident_bytes: u64,
    /// Who they are, where that was asked for; those first who were there first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<Member>>,
    /// At which ports they listen, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ports: Option<Vec<PortOf>>,
}

/// A member of a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Its pid; for people.
    pub pid: u32,
    /// The pid of its parent.
    pub parent: u32,
    /// Its state, as `ps` writes it; `?` on Windows, where a process has none.
    pub state: char,
    /// How it was started, as it wants to be seen; at most 200 characters.
    pub command: String,
    /// The time of processors that it has taken so far.
    pub cpu_ms: u64,
    /// Bytes of it that are in memory.
    pub resident_bytes: u64,
    /// How many threads it has.
    pub threads: u32,
}

/// A port at which somebody listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PortOf {
    /// Which.
    pub port: u16,
    /// At which address; `0.0.0.0` and `::` are all.
    pub address: String,
    /// The pid of who listens; for people.
    pub pid: u32,
}

/// `port/who`: who listens at a TCP port of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PortWho {
    /// Which.
    pub port: u16,
}

/// What `port/who` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct PortWhoAnswer {
    /// One for each socket and process; nobody listens where there is none.
    pub listeners: Vec<PortListener>,
}

/// Somebody who listens at a port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PortListener {
    /// At which address.
    pub address: String,
    /// Whose socket it is, by number; not on Windows, where users have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<u32>,
    /// The process of this daemon, where it is one that the session may see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process_id: Option<String>,
    /// The same among all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// The pid; for people. Without it, the process belongs to another user, or is in a namespace that
    /// cannot be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// How it was started, as it wants to be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

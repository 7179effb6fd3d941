//! What has happened to processes, with numbers, for whoever comes later.

use super::look::Status;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `events/read`: what has happened after a number, as far as it is kept: the last 4,096 events.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EventsRead {
    /// The last number that was read.
    pub after_seq: u64,
    /// How many at the most; without it, and at the most, 1,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// How long to wait where there is nothing.
    pub wait_ms: u64,
}

/// What `events/read` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Events {
    /// Those that the session may see, in order.
    pub events: Vec<EventNote>,
    /// The number to go on after.
    pub last_seq: u64,
    /// How many after `afterSeq` are not kept any more, of all owners.
    pub missed: u64,
}

/// `events/subscribe`: be told of what happens, by notes `process/event`; what is kept is sent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EventsSubscribe {
    /// After which number; without it, only what comes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_seq: Option<u64>,
}

/// What `events/subscribe` is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventsSubscribed {
    /// The number of the last event that has happened.
    pub last_seq: u64,
}

/// `events/unsubscribe`: be told no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventsUnsubscribe {}

/// `process/event`: something has happened to a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventNote {
    /// Its number among those of this daemon. A gap is an event that the session may not see, or one that
    /// is not kept any more.
    pub seq: u64,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// Which process.
    pub process_id: String,
    /// Its name among all.
    pub handle: String,
    /// To whom it belonged then.
    pub owner: String,
    /// The label for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it has come to: a state, `ready`, `not-ready`, `unresponsive`, `responsive`, `transferred`,
    /// `cleaned`; others may come.
    pub word: String,
    /// Where it stood then.
    pub status: Status,
}

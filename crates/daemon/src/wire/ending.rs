//! Signals, stops and their receipts.

use super::look::Status;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `process/signal`: sends a signal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Signal {
    /// Which process.
    pub process_id: String,
    /// Which signal.
    pub signal: SignalName,
    /// To whom: `leader`, `group` or `tree`. Without it the leader. Not for `interrupt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<ScopeOf>,
}

/// A signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SignalName {
    /// Its number, 1 to 64.
    Number(i32),
    /// As Ctrl-C would; no error for a process that is not there, being started or over.
    Named(Interrupt),
}

/// The one signal that has a name here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Interrupt {
    /// As Ctrl-C would.
    Interrupt,
}

/// Which part of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ScopeOf {
    /// The leader.
    Leader,
    /// Its group.
    Group,
    /// All members.
    Tree,
}

/// What `process/signal` is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Signalled {
    /// How many processes it reached; a group counts as one.
    #[serde(default)]
    pub reached: u32,
}

/// `process/terminate`: kills a process with all its tree, at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Terminate {
    /// Which process.
    pub process_id: String,
}

/// What `process/terminate` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Terminated {
    /// Whether it was running, or being started.
    pub running: bool,
    /// What was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
}

/// `process/stop`: asks a process and its tree to end, waits its grace, kills, and verifies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Stop {
    /// Which process.
    pub process_id: String,
    /// In place of its own grace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace_ms: Option<u64>,
}

/// `process/receipt`: what the last stop of a process did, if there was one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptOf {
    /// Which process.
    pub process_id: String,
}

/// What `process/receipt` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LastReceipt {
    /// What it did; `null` where nothing stopped it through this daemon.
    pub receipt: Option<Receipt>,
}

/// What a stop did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// Which process.
    pub process_id: String,
    /// Its name among all.
    pub handle: String,
    /// What held its tree.
    pub rung: String,
    /// How surely.
    pub grade: String,
    /// Members that were alive when it began.
    pub members_before: u64,
    /// Members that were asked to end.
    pub asked: u64,
    /// Members that were alive when the tree was killed.
    pub killed: u64,
    /// Pids of those that were alive when the stop gave up; none is the promise kept.
    pub survivors: Vec<u32>,
    /// How long it took.
    pub took_ms: u64,
    /// Where the process stands now.
    pub status: Status,
}

/// `owner/endTurn`: stops what was to live for a turn only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndTurn {}

/// Receipts of several stops.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Receipts {
    /// One for each process.
    pub receipts: Vec<Receipt>,
}

//! What doctor and the hosts that it starts say to each other: one line of JSON each.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a host is told to do next. The end of its input is the end of doctor, and its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Order {
    /// Start a tree.
    Start,
    /// Stop the tree that was started last.
    Stop,
}

/// What a host answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Answer {
    Started(Started),
    Stopped(Stopped),
    Failed(Failure),
}

/// A tree was started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Started {
    pub(super) user_namespace: bool,
    pub(super) no_new_privileges: bool,
    /// The pid of the reaper.
    pub(super) reaper: i32,
    pub(super) took_ms: f64,
}

/// What the receipt of a stop says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Stopped {
    pub(super) members: usize,
    pub(super) asked: usize,
    pub(super) killed: usize,
    pub(super) survivors: usize,
    pub(super) took_ms: f64,
}

/// A typed error, as far as it can be written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Failure {
    /// Its stable name.
    pub(super) code: String,
    /// Its text and that of each of its sources.
    pub(super) causes: Vec<String>,
    /// The step that the host refused, where it did.
    pub(super) step: Option<String>,
    /// What to do, as the error itself says.
    pub(super) hint: Option<String>,
}

/// An error and its sources, outermost first.
pub(super) fn causes(error: &dyn std::error::Error) -> Vec<String> {
    let chain = std::iter::successors(Some(error), |error| error.source());
    let mut causes: Vec<String> = chain.map(ToString::to_string).collect();
    // Transparent errors say what their source says.
    causes.dedup();
    causes
}

/// A length of time as reports show it: milliseconds, to the microsecond.
pub(super) fn milliseconds(time: std::time::Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

//! What is written of a process.

use crate::wire::{LifetimeName, Word};
use serde::{Deserialize, Serialize};

/// What was asked for. There is no value of a variable in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigEntry {
    /// The name by which it is asked for.
    pub process_id: String,
    /// Its name among all.
    pub handle: String,
    /// To whom it belonged at its start; later owners are events.
    pub owner: String,
    /// The label for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The program and its arguments, [redacted](super::redact).
    pub argv: Vec<Word>,
    /// Where it started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<Word>,
    /// The names of its variables.
    pub env_keys: Vec<Word>,
    /// Whether it has a terminal.
    #[serde(default)]
    pub tty: bool,
    /// Until when it may live.
    pub lifetime: LifetimeName,
    /// When its start was asked for, in milliseconds since 1970.
    pub started_at_ms: u64,
    /// What holds its tree.
    pub rung: String,
    /// How surely.
    pub grade: String,
    /// The key under which its start may be repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_key: Option<String>,
}

/// Something that happened to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventEntry {
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// What.
    pub word: String,
    /// More about it.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub about: serde_json::Value,
}

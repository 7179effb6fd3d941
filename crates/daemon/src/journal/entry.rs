//! What is written of a process.

use crate::wire::{LifetimeName, Status, StreamName, Word};
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
}

/// Where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusEntry {
    /// Where it stands.
    pub status: Status,
    /// Whether nothing of it is left.
    pub over: bool,
    /// The sequence number that comes next.
    pub next_seq: u64,
    /// How many bytes came.
    pub bytes: u64,
    /// When this was written, in milliseconds since 1970.
    pub at_ms: u64,
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

/// A piece of its output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputEntry {
    /// Its number.
    pub seq: u64,
    /// On which stream it came.
    pub stream: StreamName,
    /// The offset of its first byte among all.
    pub offset: u64,
    /// What came.
    pub bytes: Vec<u8>,
}

impl OutputEntry {
    /// `SEQ STREAM OFFSET` and a line feed, then the bytes as they are.
    pub(super) fn payload(&self) -> Vec<u8> {
        let stream = match self.stream {
            StreamName::Stdout => "stdout",
            StreamName::Stderr => "stderr",
            StreamName::Pty => "pty",
        };
        let mut payload = format!("{} {stream} {}\n", self.seq, self.offset).into_bytes();
        payload.extend_from_slice(&self.bytes);
        payload
    }

    pub(super) fn read(payload: &[u8]) -> Option<OutputEntry> {
        let end = payload.iter().position(|byte| *byte == b'\n')?;
        let head = std::str::from_utf8(payload.get(..end)?).ok()?;
        let mut words = head.split(' ');
        let seq = words.next()?.parse().ok()?;
        let stream = match words.next()? {
            "stdout" => StreamName::Stdout,
            "stderr" => StreamName::Stderr,
            "pty" => StreamName::Pty,
            _ => return None,
        };
        let offset = words.next()?.parse().ok()?;
        let bytes = payload.get(end + 1..)?.to_vec();
        words.next().is_none().then_some(OutputEntry {
            seq,
            stream,
            offset,
            bytes,
        })
    }
}

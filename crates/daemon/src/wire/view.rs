//! Reading output as text: its beginning, its end, some of its lines.

use super::streams::StreamName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `process/view`: what is kept of the output, as text. Nothing is sent that was not asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct View {
    /// Which process.
    pub process_id: String,
    /// From which byte on, among all.
    pub from: u64,
    /// Only what came at this time or later, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_ms: Option<u64>,
    /// Only one stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<StreamName>,
    /// Only lines that match this regular expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grep: Option<String>,
    /// Only lines that do not match it.
    pub invert: bool,
    /// The first lines of what is left; with `tail` both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<u64>,
    /// The last lines of what is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tail: Option<u64>,
    /// Without the escape sequences of terminals, and without what was overwritten.
    pub plain: bool,
    /// Each line with its number.
    pub numbered: bool,
    /// Without `head` and `tail`: how many bytes of text at the most, half of them of the beginning and
    /// half of the end; without it, and at the most, 1 MiB. With them each half has 1 MiB at the most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
}

/// What `process/view` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Viewed {
    /// The text. What is no UTF-8 is shown as U+FFFD.
    pub text: String,
    /// The byte after the last one that was looked at, among all: from where to go on.
    pub next: u64,
    /// The sequence number after the last chunk that was looked at: from where to follow.
    pub next_seq: u64,
    /// How many bytes of what was asked for are not kept.
    pub missing_bytes: u64,
    /// How many lines the filter did not want.
    pub filtered_lines: u64,
    /// How many lines were left out between the beginning and the end of the text.
    pub omitted_lines: u64,
    /// How many bytes of text these are.
    pub omitted_bytes: u64,
    /// Before which byte of the text they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut_at: Option<u64>,
    /// Whether more can come.
    pub open: bool,
}

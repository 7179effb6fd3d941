//! When a process is ready for what it was started for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// By what it is seen that a process is ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "for", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ReadyWhen {
    /// Its output matches a regular expression.
    Match {
        /// Which.
        pattern: String,
    },
    /// Connections are taken at this port of this machine, and not by somebody who is known to be no
    /// member of its tree.
    Port {
        /// Which.
        port: u16,
    },
    /// A GET is answered with a status below 400. Only `http://`, and only this machine by name
    /// `localhost` or by a loopback address.
    Http {
        /// Where.
        url: String,
    },
    /// The leader ended with code 0.
    Exit {},
}

/// How it stands with that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ready {
    /// `waiting`, `ready` or `failed`; the last two are for ever.
    pub state: String,
    /// Since when, in milliseconds since 1970.
    pub since_ms: u64,
    /// By what it is seen.
    pub when: ReadyWhen,
    /// Why it failed: `ended`, `exit-code`, `timed-out`, `no-output`; others may come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

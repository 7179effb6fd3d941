//! Starting a process: what is said of it, and what is answered.

use super::ready::ReadyWhen;
use super::text::{Variables, Word};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// `process/start`: starts a process. Nothing is inherited: what is not said here, it does not get.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Start {
    /// Names the process within its owner, from before it starts on; without it the daemon does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_id: Option<String>,
    /// The program and its arguments; at least the program.
    pub argv: Vec<Word>,
    /// Where it starts; without it `/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cwd: Option<Word>,
    /// All variables that it gets.
    pub env: Variables,
    /// A terminal of its own.
    pub tty: bool,
    /// How large that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<Size>,
    /// Without a terminal: a pipe to write to. Else it reads end-of-file at once.
    pub pipe_stdin: bool,
    /// Whether the session is told of its output and its end, as exec servers do; without it, yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify: Option<bool>,
    /// Both output streams through one descriptor: their order is kept, and who wrote is not known.
    pub together: bool,
    /// A label for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is there for, in a sentence for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// For an owner of this name below the session's, who is there from then on; without it for the
    /// session's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// By what it is seen that it is ready. Starting does not wait for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready_when: Option<ReadyWhen>,
    /// How long that may take, before it has failed to; it runs on then. Without it, for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready_within_ms: Option<u64>,
    /// A repeated start with the same key is answered with the process of the first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_key: Option<String>,
    /// Until when it may live; without it, as long as the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<LifetimeName>,
    /// How long it may take to end when it is asked to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace_ms: Option<u64>,
    /// How long it may run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline_ms: Option<u64>,
    /// A rung (`namespace`, `cgroup`, `subreaper`, `group`) or `auto`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub containment: Option<String>,
    /// The least grade (`cooperative`, `swept`, `kernel`), else it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least_grade: Option<String>,
    /// Resource limits by the words of `ulimit`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, SoftHard>,
    /// Its umask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub umask: Option<u32>,
    /// Its nice value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nice: Option<i32>,
    /// How many bytes of its output are kept in memory; without it 1 MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_bytes: Option<u64>,
    /// Of exec servers, not served: refused unless it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arg0: Option<Value>,
    /// As `arg0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env_policy: Option<Value>,
    /// As `arg0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<Value>,
    /// As `arg0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enforce_managed_network: Option<Value>,
    /// As `arg0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub managed_network: Option<Value>,
    /// As `arg0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_proxy: Option<Value>,
}

impl Start {
    /// What of exec servers was asked for and is not served: its name.
    #[must_use]
    pub fn not_served(&self) -> Option<&'static str> {
        let asked = [
            ("arg0", &self.arg0),
            ("envPolicy", &self.env_policy),
            ("sandbox", &self.sandbox),
            ("enforceManagedNetwork", &self.enforce_managed_network),
            ("managedNetwork", &self.managed_network),
            ("networkProxy", &self.network_proxy),
        ];
        let says = |value: &Value| !matches!(value, Value::Null | Value::Bool(false));
        let mut asked = asked.into_iter();
        asked.find_map(|(name, value)| value.as_ref().filter(|value| says(value)).map(|_| name))
    }
}

/// A soft and a hard limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SoftHard {
    /// `null` is as much as there is.
    pub soft: Option<u64>,
    /// Likewise.
    pub hard: Option<u64>,
}

/// Until when a process may live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum LifetimeName {
    /// Until the owner's turn ends, or the session.
    Turn,
    /// Until the session ends.
    Session,
    /// Until nobody has renewed it for so long. It survives the session.
    Lease {
        /// How long.
        ms: u64,
    },
    /// Until it is stopped. It survives the session.
    User,
}

/// How large a terminal is, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// From 1 to 1,000.
    pub rows: u16,
    /// Likewise.
    #[serde(alias = "cols")]
    pub columns: u16,
}

/// What `process/start` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    /// The name by which it is asked for.
    pub process_id: String,
    /// Its name among all processes of all daemons, which is never used again.
    pub handle: String,
    /// It had been started by an earlier request with the same key.
    #[serde(default)]
    pub repeated: bool,
    /// What holds its tree.
    pub rung: String,
    /// How surely.
    pub grade: String,
}

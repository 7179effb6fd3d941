//! The arguments of the two tools.
//!
//! Names, defaults and meaning of those of unified-exec 1.1 and 1.2, and ours behind them. What must
//! stay true: an argument that is not known is refused, so nothing that somebody asked for is left
//! out in silence.

use super::number;
use crate::config::Lifetime;
use crate::output::Pattern;
use serde::{Deserialize, Deserializer};
use std::path::PathBuf;

/// Whether a command asks for more than its sandbox allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SandboxPermissions {
    /// It does not.
    #[default]
    UseDefault,
    /// It is to run without one. Somebody must allow that: see [`Approver`](super::Approver).
    RequireEscalated,
}

/// What [`exec_command`](crate::ProcessManager::exec_command) is to start.
///
/// Deserialized from the JSON that a language model writes; an argument that is not known is an
/// error there. Numbers out of range are taken for the nearest in range.
///
/// ```
/// use handfast::exec::ExecCommand;
///
/// let mut command = ExecCommand::new("python3 -i");
/// command.tty = true;
/// let written = r#"{"cmd": "python3 -i", "tty": true, "yield_time_ms": 1000}"#;
/// let read: ExecCommand = serde_json::from_str(written).unwrap();
/// assert_eq!((read.cmd, read.yield_time_ms), (command.cmd, Some(1000)));
/// assert!(serde_json::from_str::<ExecCommand>(r#"{"cmd": "ls", "cwd": "/"}"#).is_err());
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExecCommand {
    /// Shell text.
    pub cmd: String,
    /// Where it runs: absolute, or relative to the directory of the profile. Empty is as absent.
    #[serde(default)]
    pub workdir: Option<PathBuf>,
    /// Another shell than the profile's, by path or by a name in its `PATH`.
    #[serde(default)]
    pub shell: Option<PathBuf>,
    /// Whether the shell is a login shell: by default where the profile allows it.
    #[serde(default)]
    pub login: Option<bool>,
    /// Whether it has a terminal of its own, to which can be written.
    #[serde(default)]
    pub tty: bool,
    /// How long to wait for its end, from 250 to 30,000 ms; 10,000 by default.
    #[serde(default, deserialize_with = "number::milliseconds")]
    pub yield_time_ms: Option<u64>,
    /// How much of its output is wanted, in tokens of some four bytes; 10,000 by default.
    #[serde(default, deserialize_with = "number::count")]
    pub max_output_tokens: Option<usize>,
    /// Whether it is to run outside of its sandbox.
    #[serde(default)]
    pub sandbox_permissions: Option<SandboxPermissions>,
    /// What a person is asked where it is. Refused without `sandbox_permissions`.
    #[serde(default)]
    pub justification: Option<String>,
    /// How a rule could begin that allows such commands from now on.
    #[serde(default)]
    pub prefix_rule: Option<Vec<String>>,
    /// How long it may run, in milliseconds: then it is stopped, whoever waits. By default for ever.
    #[serde(default, deserialize_with = "number::milliseconds")]
    pub timeout_ms: Option<u64>,
    /// Text for its standard input. Without a terminal the input ends behind it, unless it is to
    /// stay open.
    #[serde(default)]
    pub stdin: Option<String>,
    /// Whether its standard input is a pipe that stays open, to be written to without a terminal.
    #[serde(default)]
    pub stdin_open: bool,
    /// Names this start, at most 256 bytes: a second one with the same name starts nothing and
    /// answers for the first.
    #[serde(default)]
    pub request_key: Option<String>,
    /// By which name its events call it; drawn if it is not given.
    #[serde(default)]
    pub call_id: Option<String>,
    /// What it is for, for people who see it in a list; at most 1,024 bytes.
    #[serde(default)]
    pub purpose: Option<String>,
    /// Ends the wait early once its output matches.
    #[serde(default, deserialize_with = "pattern")]
    pub until: Option<Pattern>,
    /// Until when it may live, instead of what the profile says. No argument of a model: the host
    /// decides who may ask for it, and in which words.
    #[serde(skip)]
    pub lifetime: Option<Lifetime>,
}

impl ExecCommand {
    /// Shell text, and nothing else said.
    #[must_use]
    pub fn new(cmd: impl Into<String>) -> ExecCommand {
        ExecCommand {
            cmd: cmd.into(),
            ..ExecCommand::default()
        }
    }
}

/// What [`write_stdin`](crate::ProcessManager::write_stdin) is to write, and how long it waits.
///
/// ```
/// use handfast::exec::WriteStdin;
///
/// let poll = WriteStdin::poll(1234);
/// let read: WriteStdin = serde_json::from_str(r#"{"session_id": 1234}"#).unwrap();
/// assert_eq!((read.session_id, read.chars), (poll.session_id, String::new()));
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WriteStdin {
    /// To which session.
    pub session_id: i32,
    /// What is written; nothing is a poll. Exactly U+0003 interrupts, with or without a terminal.
    #[serde(default)]
    pub chars: String,
    /// How long to wait, in milliseconds: a write from 250 to 30,000, a poll from 5,000 on.
    #[serde(default, deserialize_with = "number::milliseconds")]
    pub yield_time_ms: Option<u64>,
    /// How much output is wanted, in tokens of some four bytes; 10,000 by default.
    #[serde(default, deserialize_with = "number::count")]
    pub max_output_tokens: Option<usize>,
    /// Ends the input behind what is written: closes the pipe, or gives the terminal its
    /// end-of-file.
    #[serde(default)]
    pub close_stdin: bool,
    /// Names the write, so that a repeated one is not written again.
    #[serde(default)]
    pub write_id: Option<String>,
    /// Ends the wait early once what comes matches.
    #[serde(default, deserialize_with = "pattern")]
    pub until: Option<Pattern>,
}

impl WriteStdin {
    /// Writes nothing and waits for output.
    #[must_use]
    pub fn poll(session_id: i32) -> WriteStdin {
        WriteStdin {
            session_id,
            ..WriteStdin::default()
        }
    }

    /// Writes.
    #[must_use]
    pub fn new(session_id: i32, chars: impl Into<String>) -> WriteStdin {
        WriteStdin {
            chars: chars.into(),
            ..WriteStdin::poll(session_id)
        }
    }

    /// Whether nothing is written or closed.
    pub(super) fn is_poll(&self) -> bool {
        self.chars.is_empty() && !self.close_stdin
    }
}

fn pattern<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Pattern>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    let pattern = text.map(|text| text.parse::<Pattern>()).transpose();
    pattern.map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exec(json: &str) -> Result<ExecCommand, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn every_argument_is_read() {
        let command = exec(
            r#"{"cmd": "ls", "workdir": "/tmp", "shell": "bash", "login": false, "tty": true,
                "yield_time_ms": 500.0, "max_output_tokens": 20,
                "sandbox_permissions": "require_escalated", "justification": "why",
                "prefix_rule": ["ls"], "timeout_ms": 9, "stdin": "in", "stdin_open": true,
                "request_key": "k", "call_id": "c", "purpose": "p", "until": "a+"}"#,
        )
        .unwrap();
        assert_eq!(
            command.sandbox_permissions,
            Some(SandboxPermissions::RequireEscalated)
        );
        assert_eq!(
            (command.yield_time_ms, command.max_output_tokens),
            (Some(500), Some(20))
        );
        assert_eq!(command.until.unwrap().to_string(), "a+");
        assert_eq!(command.prefix_rule.unwrap(), ["ls"]);
    }

    #[test]
    fn what_is_not_an_argument_is_refused_by_name() {
        assert!(
            exec(r#"{"cmd": "ls", "timeout": 1}"#)
                .unwrap_err()
                .contains("`timeout`")
        );
        assert!(exec("{}").unwrap_err().contains("`cmd`"));
        assert!(
            exec(r#"{"cmd": "ls", "until": "("}"#)
                .unwrap_err()
                .contains("no usable pattern")
        );
        assert!(
            exec(r#"{"cmd": "ls", "yield_time_ms": "5"}"#)
                .unwrap_err()
                .contains("a number")
        );
        let write = serde_json::from_str::<WriteStdin>(r#"{"chars": "x"}"#).unwrap_err();
        assert!(write.to_string().contains("`session_id`"));
        let write = serde_json::from_str::<WriteStdin>(r#"{"session_id": 1, "input": ""}"#);
        assert!(write.unwrap_err().to_string().contains("`input`"));
    }

    #[test]
    fn numbers_out_of_range_are_taken_for_the_nearest() {
        let ms = |number: &str| {
            let json = format!(r#"{{"cmd": "ls", "yield_time_ms": {number}}}"#);
            exec(&json).unwrap().yield_time_ms
        };
        assert_eq!(ms("-5"), Some(0));
        assert_eq!(ms("-5.5"), Some(0));
        assert_eq!(ms("1e300"), Some(u64::MAX));
        assert_eq!(ms("null"), None);
    }
}

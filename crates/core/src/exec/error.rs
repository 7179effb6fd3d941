//! What can go wrong with the two tools.
//!
//! One enum for both, as in unified-exec 7, with the short texts of that table. What must stay true:
//! every message is plain text, names what is missing, and says what was not done.

use super::shell::{LoginRefused, UnknownShell};
use crate::owner::OwnerId;
use crate::process::StartError;
use std::error::Error;
use std::path::PathBuf;

/// Why a call was not answered.
///
/// The text is for a language model as well as for people: it names what is missing and what was not
/// done. [`of_exec`](ExecError::of_exec) and [`of_write`](ExecError::of_write) put before it what the
/// tools put before it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ExecError {
    /// The command was not started. Nothing of it is left.
    #[error("Failed to create unified exec process: {}", in_full(.0))]
    CreateProcess(StartError),
    /// Somebody who had to be asked did not allow the command. Nothing was started.
    #[error("Failed to create unified exec process: the command was not allowed: {reason}")]
    Declined {
        /// What they said.
        reason: String,
    },
    /// Somebody ended it before it had started.
    #[error("Failed to create unified exec process: it was stopped before it had started")]
    StoppedBefore,
    /// The process was ended because what it tried was denied.
    #[error("Unified exec process failed: {message}")]
    ProcessFailed {
        /// Which session it was.
        session_id: i32,
        /// What was denied.
        message: String,
    },
    /// There is no such session.
    #[error("Unknown process id {session_id}: {}", unknown(*.forgotten))]
    UnknownProcessId {
        /// The number that was asked for.
        session_id: i32,
        /// How many sessions were forgotten since the beginning; it may have been one of them.
        forgotten: u64,
    },
    /// The session was detached from here, with its process. It goes on.
    #[error(
        "session {session_id} is detached: it goes on, and can be used again once its owner is \
         reattached. Nothing was done"
    )]
    Detached {
        /// Which.
        session_id: i32,
    },
    /// The session was detached from here: another list has it now, or it is over.
    #[error(
        "session {session_id} was detached from here and is elsewhere now, or over. Nothing was done"
    )]
    Elsewhere {
        /// Which.
        session_id: i32,
    },
    /// Not all of the input was taken.
    #[error("failed to write to stdin: {reason}; {taken} of {bytes} bytes were taken")]
    WriteToStdin {
        /// Of which session.
        session_id: i32,
        /// Why.
        reason: String,
        /// How many bytes were taken.
        taken: usize,
        /// How many were to be written.
        bytes: usize,
    },
    /// The session has no input to write to.
    #[error(
        "stdin is closed for session {session_id}; rerun exec_command with tty=true, or with \
         stdin_open=true, to keep it open. Nothing was written"
    )]
    StdinClosed {
        /// Which.
        session_id: i32,
    },
    /// There is no command.
    #[error("missing command line")]
    MissingCommandLine,
    /// Somebody who had to be asked did not allow the input. Nothing was written.
    #[error("stdin approval failed: {reason}")]
    StdinApproval {
        /// What they said.
        reason: String,
    },
    /// The directory is not one of this system.
    #[error("the path `{}` is not valid on this operating system", path.display())]
    ForeignPath {
        /// The path.
        path: PathBuf,
    },
    /// The shell is not known.
    #[error(transparent)]
    Shell(#[from] UnknownShell),
    /// A login shell is not allowed.
    #[error(transparent)]
    Login(#[from] LoginRefused),
    /// A justification was given for nothing.
    #[error(
        "`justification` is given without `sandbox_permissions`; set `sandbox_permissions` to \
         `require_escalated`, or leave `justification` out. Nothing was started"
    )]
    Justification,
    /// More permissions were asked for where nobody can give them.
    #[error(
        "`sandbox_permissions` asks for `require_escalated`, and there is nobody here who could \
         allow it; leave it out. Nothing was started"
    )]
    Escalation,
    /// An argument is too large.
    #[error("`{argument}` has {bytes} bytes and may have {limit}. Nothing was started")]
    Argument {
        /// Which.
        argument: &'static str,
        /// Its size.
        bytes: usize,
        /// The largest.
        limit: usize,
    },
    /// There are as many sessions as are allowed, and all of them run.
    #[error(
        "{limit} sessions are running, which is as many as are allowed; stop one of them first. \
         Nothing was started"
    )]
    AtLimit {
        /// How many are allowed.
        limit: usize,
    },
    /// Another call is waiting on the same session.
    #[error("session {session_id} is busy with another call. Nothing was written; call again")]
    Busy {
        /// Which.
        session_id: i32,
    },
    /// The owner that asks has ended. Nothing was started or written.
    #[error("the owner `{owner}` has ended. Nothing was done")]
    OwnerEnded {
        /// Which.
        owner: OwnerId,
    },
    /// No number is left for a session.
    #[error("all session ids are taken. Nothing was started")]
    NoId,
}

impl ExecError {
    /// The name of this error, which never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ExecError::CreateProcess(_) => "exec.create-process",
            ExecError::Declined { .. } => "exec.declined",
            ExecError::StoppedBefore => "exec.stopped-before-start",
            ExecError::ProcessFailed { .. } => "exec.process-failed",
            ExecError::UnknownProcessId { .. } => "exec.unknown-process-id",
            ExecError::Detached { .. } => "exec.detached",
            ExecError::Elsewhere { .. } => "exec.elsewhere",
            ExecError::WriteToStdin { .. } => "exec.write-to-stdin",
            ExecError::StdinClosed { .. } => "exec.stdin-closed",
            ExecError::MissingCommandLine => "exec.missing-command-line",
            ExecError::StdinApproval { .. } => "exec.stdin-approval",
            ExecError::ForeignPath { .. } => "exec.foreign-path",
            ExecError::Shell(_) => "exec.unknown-shell",
            ExecError::Login(_) => "exec.login-refused",
            ExecError::Justification => "exec.justification",
            ExecError::Escalation => "exec.escalation",
            ExecError::Argument { .. } => "exec.argument",
            ExecError::AtLimit { .. } => "exec.at-limit",
            ExecError::Busy { .. } => "exec.busy",
            ExecError::OwnerEnded { .. } => "owner.ended",
            ExecError::NoId => "exec.no-id",
        }
    }

    /// The text of the tool `exec_command` for a command that failed so.
    ///
    /// ```
    /// use handfast::exec::ExecError;
    ///
    /// let argv = ["/bin/bash", "-lc", "ls x"];
    /// assert_eq!(
    ///     ExecError::MissingCommandLine.of_exec(argv),
    ///     "exec_command failed for `/bin/bash -lc 'ls x'`: missing command line"
    /// );
    /// ```
    #[must_use]
    pub fn of_exec<W: AsRef<str>>(&self, argv: impl IntoIterator<Item = W>) -> String {
        format!("exec_command failed for `{}`: {self}", super::quoted(argv))
    }

    /// The text of the tool `write_stdin`.
    #[must_use]
    pub fn of_write(&self) -> String {
        format!("write_stdin failed: {self}")
    }
}

/// The error with all its causes.
fn in_full(error: &StartError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // A transparent error has been said already.
        let said = error.to_string();
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

fn unknown(forgotten: u64) -> String {
    match forgotten {
        0 => "no session with this id was ever started here".to_owned(),
        _ => format!(
            "no session with this id was started here, or it ended so long ago that it was \
             forgotten, as {forgotten} were"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_failed_start_is_said_in_plain_words_with_its_cause() {
        use std::io;
        use std::sync::Arc;

        let source = Arc::new(io::Error::from_raw_os_error(2));
        let attempt = "enter the working directory";
        let error = ExecError::CreateProcess(StartError::System { attempt, source });
        let text = error.to_string();
        let want =
            "Failed to create unified exec process: enter the working directory: No such file";
        assert!(text.starts_with(want), "{text}");
        assert!(!text.contains('{') && !text.contains('"'), "{text}");
    }

    #[test]
    fn a_session_that_never_was_is_told_from_one_that_is_forgotten() {
        let of = |forgotten| {
            let session_id = 1234;
            ExecError::UnknownProcessId {
                session_id,
                forgotten,
            }
            .of_write()
        };
        assert_eq!(
            of(0),
            "write_stdin failed: Unknown process id 1234: no session with this id was ever started here"
        );
        assert!(of(3).contains("forgotten, as 3 were"));
    }
}

//! What can go wrong when a process is talked to.

use super::write::Refusal;
use crate::process::{LookupError, ProcessHandle, SignalError};
use crate::session::{KeyError, LineTooLong, SCREEN_SIDE, ScreenSize, WRITE_BYTES, WriteIdError};
use std::io;
use std::sync::Arc;

/// Why a process could not be talked to. Nothing was written.
///
/// Messages are fragments that read after "failed to ".
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// There is no such process.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// Its config gives the manager nothing to write to.
    #[error("talk to process {handle}: it was started without an input for its manager")]
    NoInput {
        /// Which.
        handle: ProcessHandle,
    },
    /// It has no terminal of its own.
    #[error("use the terminal of process {handle}: it was started without one")]
    NotATerminal {
        /// Which.
        handle: ProcessHandle,
    },
    /// Nothing of it is left.
    #[error("talk to process {handle}: it is over")]
    Over {
        /// Which.
        handle: ProcessHandle,
    },
    /// Its input was closed, by us or because nobody of it has it open any more.
    #[error("talk to process {handle}: its input is closed")]
    Closed {
        /// Which.
        handle: ProcessHandle,
    },
    /// Its terminal would cut a line without a word.
    #[error(transparent)]
    Line(#[from] LineTooLong),
    /// No write can have this id.
    #[error(transparent)]
    WriteId(#[from] WriteIdError),
    /// The keys cannot be pressed.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// More than is taken in one write.
    #[error("write {bytes} bytes at once: at most {WRITE_BYTES} are taken")]
    TooMuch {
        /// How many they are.
        bytes: usize,
    },
    /// No terminal has this size.
    #[error(
        "make the terminal {} by {}: each side is from 1 to {SCREEN_SIDE}",
        size.rows,
        size.columns
    )]
    BadSize {
        /// The size as it was given.
        size: ScreenSize,
    },
    /// The program has switched the end-of-file character of its terminal off.
    #[error("end the input of process {handle}: it has switched the end-of-file character off")]
    NoEndOfFile {
        /// Which.
        handle: ProcessHandle,
    },
    /// It could not be signalled.
    #[error(transparent)]
    Signal(#[from] SignalError),
    /// The system refused.
    #[error("{attempt} of process {handle}")]
    System {
        /// Which.
        handle: ProcessHandle,
        /// What was attempted.
        attempt: &'static str,
        /// What the system said.
        source: Arc<io::Error>,
    },
}

impl SessionError {
    /// The name of this error, which never changes.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            SessionError::Lookup(error) => error.code(),
            SessionError::NoInput { .. } => "session.no-input",
            SessionError::NotATerminal { .. } => "session.not-a-terminal",
            SessionError::Over { .. } => "session.over",
            SessionError::Closed { .. } => "session.closed",
            SessionError::Line(_) => "session.line-too-long",
            SessionError::WriteId(_) => "session.bad-write-id",
            SessionError::Keys(_) => "session.bad-keys",
            SessionError::TooMuch { .. } => "session.too-much",
            SessionError::BadSize { .. } => "session.bad-size",
            SessionError::NoEndOfFile { .. } => "session.no-end-of-file",
            SessionError::Signal(error) => error.code(),
            SessionError::System { .. } => "session.system",
        }
    }

    /// What to do about it, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            SessionError::Lookup(error) => return error.hint(),
            SessionError::NoInput { .. } => {
                "start it with a terminal, or with a standard input that is written by the manager"
            }
            SessionError::NotATerminal { .. } => "start it with a terminal",
            SessionError::Line(_) => "break the line up, or pass the text through a file",
            SessionError::TooMuch { .. } => "write it in pieces",
            SessionError::NoEndOfFile { .. } => "press the key with which the program quits",
            SessionError::Over { .. }
            | SessionError::Closed { .. }
            | SessionError::WriteId(_)
            | SessionError::Keys(_)
            | SessionError::BadSize { .. }
            | SessionError::Signal(_)
            | SessionError::System { .. } => return None,
        };
        Some(hint.to_owned())
    }

    pub(crate) fn of(handle: ProcessHandle, is_over: bool, refusal: Refusal) -> SessionError {
        match refusal {
            Refusal::Closed if is_over => SessionError::Over { handle },
            Refusal::Closed => SessionError::Closed { handle },
            Refusal::NotATerminal => SessionError::NotATerminal { handle },
            Refusal::Line(error) => error.into(),
            Refusal::WriteId(error) => error.into(),
            Refusal::TooMuch(bytes) => SessionError::TooMuch { bytes },
            Refusal::BadSize(size) => SessionError::BadSize { size },
            Refusal::NoEndOfFile => SessionError::NoEndOfFile { handle },
            Refusal::System { attempt, source } => SessionError::System {
                handle,
                attempt,
                source: Arc::new(source),
            },
        }
    }
}

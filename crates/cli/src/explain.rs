//! From an error's code to an exit code and to what a person can do.
//!
//! The exit codes are those of `timeout`, `env` and the shells, so that scripts need not learn new
//! ones. What must stay true: every code of the library has its place in `VERDICTS` (a test reads
//! them all), and every failure is said in three lines: what failed, why, what to do.

use handfast::reaper::ReaperError;
use handfast::{ManagerError, StartError};
use std::borrow::Cow;
use std::error::Error;
use std::io::Write;

mod daemon;
mod setup;
mod verdicts;

use verdicts::verdict_on;

/// What was asked for is not so: a condition cannot be met any more, members live on.
pub const NO: u8 = 1;
/// There is no such process, or none that may be seen.
pub const NO_SUCH: u8 = 3;
/// The token does not allow it.
pub const NOT_ALLOWED: u8 = 4;

/// The program was ended because its time was over.
pub const TIMED_OUT: u8 = 124;
/// Handfast itself failed; the program was not started, or is gone.
pub const FAILED: u8 = 125;
/// The program was found and could not be executed.
pub const NOT_EXECUTABLE: u8 = 126;
/// The program was not found.
pub const NOT_FOUND: u8 = 127;
/// The command line was wrong.
pub const USAGE: u8 = 2;

/// Something that handfast could not do, ready to be told.
#[derive(Debug)]
pub struct Failure {
    code: Cow<'static, str>,
    what: String,
    why: String,
    advice: String,
    /// Lines of a log that say more.
    log: Vec<String>,
}

impl Failure {
    /// Names what was tried, as a verb with its object, and why it did not work.
    pub fn new(code: &'static str, what: impl Into<String>, why: &dyn Error) -> Failure {
        Failure {
            code: code.into(),
            what: what.into(),
            why: chain(why),
            advice: advice(code, None),
            log: Vec::new(),
        }
    }

    /// A start of `program` that failed.
    pub fn start(program: &str, error: &StartError) -> Failure {
        let (why, code, hint) = match error {
            StartError::Config(error) => (chain(error), error.code(), error.hint()),
            // The helper's own troubles say more than "the rung does not work".
            StartError::Rung { source, .. } if is_program_trouble(source) => {
                (cannot(source), source.code(), source.hint())
            }
            other => (cannot(other), other.code(), other.hint()),
        };
        Failure {
            code: code.into(),
            what: format!("start `{program}`"),
            why,
            advice: advice(code, hint),
            log: Vec::new(),
        }
    }

    /// A manager that could not be made.
    pub fn manager(error: &ManagerError) -> Failure {
        Failure {
            code: error.code().into(),
            what: "get ready".into(),
            why: cannot(error),
            advice: advice(error.code(), error.hint().map(Into::into)),
            log: Vec::new(),
        }
    }

    /// Nobody reads what is written any more, who therefore has what they want: nothing is said.
    pub(crate) fn nobody_reads() -> Failure {
        Failure::new(
            "cli.nobody-reads",
            "write",
            &std::io::Error::from(std::io::ErrorKind::BrokenPipe),
        )
    }

    /// The name of this failure, which never changes.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Why, in one line.
    #[must_use]
    pub fn why(&self) -> &str {
        &self.why
    }

    /// The exit code that says it.
    #[must_use]
    pub fn status(&self) -> u8 {
        verdict_on(&self.code).map_or(FAILED, |verdict| verdict.status)
    }

    /// Says it on standard error.
    pub fn say(&self) {
        if self.code == "cli.nobody-reads" {
            return;
        }
        // Where nobody can be told, the exit code is left to say it.
        let _ = std::io::stderr().write_all(self.lines().as_bytes());
    }

    /// The three lines, and those of a log.
    #[must_use]
    pub fn lines(&self) -> String {
        let (what, why, advice) = (line(&self.what), line(&self.why), line(&self.advice));
        let mut lines = format!("handfast: failed to {what}\n  why: {why}\n  do:  {advice}\n");
        for said in &self.log {
            lines = lines + "  log: " + &line(said) + "\n";
        }
        lines
    }
}

const NO_ADVICE: &str = "run `handfast doctor`, which says what this host offers and what fails";

/// Whether it is the helper's program that is at fault, and not the rung.
fn is_program_trouble(error: &ReaperError) -> bool {
    matches!(
        error,
        ReaperError::NotFound { .. } | ReaperError::Launch { .. } | ReaperError::Mute { .. }
    )
}

/// The option's own words where there are some, else the library's.
fn advice(code: &str, hint: Option<String>) -> String {
    let ours = verdict_on(code).and_then(|verdict| verdict.advice);
    let ours = ours.map(str::to_owned);
    ours.or(hint).unwrap_or_else(|| NO_ADVICE.to_owned())
}

/// An error with all its causes, on one line.
fn chain(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said = format!("{said}: {error}");
        cause = error.source();
    }
    said
}

/// The library's messages read after "failed to".
fn cannot(error: &dyn Error) -> String {
    format!("cannot {}", chain(error))
}

/// A name may hold line ends and the escapes of a terminal; a message must not.
fn line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_cannot_move_the_cursor() {
        assert_eq!(line("a\u{1b}[2Jb\nc\u{e9}"), "a\\u{1b}[2Jb\\nc\u{e9}");
    }
}

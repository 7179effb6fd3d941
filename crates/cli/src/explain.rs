//! From an error's code to an exit code and to what a person can do.
//!
//! The exit codes are those of `timeout`, `env` and the shells, so that scripts need not learn new
//! ones. What must stay true: every code of the library has its place in [`verdict`] (a test reads
//! them all), and every failure is said in three lines: what failed, why, what to do.

use handfast::reaper::ReaperError;
use handfast::{ManagerError, StartError};
use std::error::Error;
use std::io::Write;

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
    code: &'static str,
    what: String,
    why: String,
    advice: String,
}

impl Failure {
    /// Names what was tried, as a verb with its object, and why it did not work.
    pub fn new(code: &'static str, what: impl Into<String>, why: &dyn Error) -> Failure {
        Failure {
            code,
            what: what.into(),
            why: chain(why),
            advice: verdict(code).1.unwrap_or(NO_ADVICE).to_owned(),
        }
    }

    /// A start of `program` that failed.
    pub fn start(program: &str, error: &StartError) -> Failure {
        let why = match error {
            StartError::Config(error) => chain(error),
            other => format!("cannot {}", chain(other)),
        };
        let (code, hint) = match error {
            // The helper's own troubles are worth more than "the rung does not work".
            StartError::Rung { source, .. } if is_program_trouble(source) => {
                (source.code(), source.hint())
            }
            other => (other.code(), other.hint()),
        };
        Failure {
            code,
            what: format!("start `{program}`"),
            why,
            advice: advice(code, hint),
        }
    }

    /// A manager that could not be made.
    pub fn manager(error: &ManagerError) -> Failure {
        Failure {
            code: error.code(),
            what: "get ready".into(),
            why: format!("cannot {}", chain(error)),
            advice: advice(error.code(), error.hint().map(Into::into)),
        }
    }

    /// The name of this failure, which never changes.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// Why, in one line.
    #[must_use]
    pub fn why(&self) -> &str {
        &self.why
    }

    /// The exit code that says it.
    #[must_use]
    pub fn status(&self) -> u8 {
        verdict(self.code).0
    }

    /// Says it on standard error.
    pub fn say(&self) {
        // Where nobody can be told, the exit code is left to say it.
        let _ = std::io::stderr().write_all(self.lines().as_bytes());
    }

    /// The three lines.
    #[must_use]
    pub fn lines(&self) -> String {
        let (what, why, advice) = (line(&self.what), line(&self.why), line(&self.advice));
        format!("handfast: failed to {what}\n  why: {why}\n  do:  {advice}\n")
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
    let ours = verdict(code).1.map(str::to_owned);
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

/// The exit code and the advice in terms of the command line for a code; `None` leaves the
/// library's own advice.
fn verdict(code: &str) -> (u8, Option<&'static str>) {
    match code {
        "config.program-not-found" => (NOT_FOUND, Some(LOOK)),
        "config.program-needs-path" => (NOT_FOUND, Some(NO_PATH)),
        "config.program-missing" => (
            NOT_FOUND,
            Some("check the path and the --cwd it starts from"),
        ),
        "config.empty-program" => (NOT_FOUND, Some("name a program after `--`")),
        "config.not-executable"
        | "config.not-a-program"
        | "config.too-many-interpreters"
        | "config.program-busy"
        | "config.exec-refused"
        | "config.bad-interpreter" => (NOT_EXECUTABLE, None),
        "config.program-unreachable" => (
            NOT_EXECUTABLE,
            Some("check every directory on the way to it"),
        ),
        "config.program-is-directory" | "config.program-not-a-file" => (
            NOT_EXECUTABLE,
            Some("name a file in it that can be executed"),
        ),
        "config.argument-too-long"
        | "config.variable-too-long"
        | "config.too-large"
        | "config.too-large-for-system" => (
            NOT_EXECUTABLE,
            Some(
                "pass large data through a file or the standard input, or --keep-env fewer variables",
            ),
        ),
        "config.program-relative" | "config.directory-relative" | "config.log-relative" => {
            (FAILED, None)
        }
        "config.directory-missing"
        | "config.not-a-directory"
        | "config.directory-not-enterable"
        | "config.nul-in-directory" => (
            FAILED,
            Some("name a directory that you may enter with --cwd"),
        ),
        "config.log-parent-missing" | "config.log-conflict" => (FAILED, None),
        "config.nul-in-log"
        | "config.log-parent-not-a-directory"
        | "config.log-is-directory"
        | "config.log-not-a-file"
        | "config.log-unreachable" => (
            FAILED,
            Some("name a file that you may write to with --log-file"),
        ),
        "config.nul-in-program"
        | "config.nul-in-argument"
        | "config.nul-in-key"
        | "config.nul-in-value" => (FAILED, Some("no system passes a NUL byte on: leave it out")),
        "config.empty-key" | "config.equals-in-key" => (FAILED, Some("give --env NAME=VALUE")),
        "config.soft-above-hard" | "config.bad-umask" | "config.bad-nice" | "config.bad-id" => {
            (FAILED, None)
        }
        "config.grade-out-of-reach" | "start.too-weak" => (FAILED, Some(WEAKER)),
        "start.rung-unavailable" | "start.no-rung" | "reaper.refused" => (FAILED, None),
        "start.system" | "start.reaper-lost" | "start.closed" => (FAILED, None),
        "reaper.not-found" => (
            FAILED,
            Some("install `handfast-reaper` beside `handfast`, or name it in HANDFAST_REAPER"),
        ),
        "reaper.launch" | "reaper.mute" => (
            FAILED,
            Some("install `handfast` and `handfast-reaper` of the same version"),
        ),
        "reaper.unstable" | "reaper.closed" | "reaper.system" => (FAILED, None),
        "manager.no-runtime" | "manager.force" | "manager.random" | "manager.runtime" => {
            (FAILED, None)
        }
        "cli.directory" => (
            FAILED,
            Some("change to a directory that exists, or name one with --cwd"),
        ),
        "cli.env-file" => (
            FAILED,
            Some("give a readable file of NAME=VALUE lines; `#` begins a comment line"),
        ),
        "cli.json" => (
            FAILED,
            Some(
                "name a file that you may write to, or a descriptor above 2 that is open for writing: `--json 3 … 3>receipt.json`",
            ),
        ),
        "cli.signals" | "cli.descriptors" | "cli.output" => (FAILED, None),
        "cli.survivors" => (
            FAILED,
            Some(
                "end them by hand: a process that hangs in the kernel dies when the kernel lets it",
            ),
        ),
        "cli.lost" => (
            FAILED,
            Some("find out who killed `handfast-reaper`; the tree ended with it"),
        ),
        _ => (FAILED, None),
    }
}

const LOOK: &str = "install it, give its path, or set PATH with --env PATH=…";
const NO_PATH: &str = "pass --env PATH=/usr/bin:/bin (or --keep-env PATH), or give a full path";
const WEAKER: &str =
    "ask for a lower --require, or run `handfast doctor` to see what this host offers";

#[cfg(test)]
mod tests {
    use super::*;

    /// Every code that stands in the library's sources.
    fn codes() -> Vec<&'static str> {
        let sources = [
            include_str!("../../core/src/config/code.rs"),
            include_str!("../../core/src/process/error.rs"),
            include_str!("../../core/src/reaper/error.rs"),
            include_str!("../../core/src/manager/error.rs"),
        ];
        let words = sources.iter().flat_map(|source| source.split('"'));
        let is_code = |word: &&str| {
            let kinds = ["config.", "start.", "reaper.", "manager."];
            kinds
                .iter()
                .any(|kind| word.len() > kind.len() && word.starts_with(kind))
                && !word.contains(|letter: char| letter.is_whitespace())
        };
        words.filter(is_code).collect()
    }

    #[test]
    fn every_code_of_the_library_has_a_verdict() {
        let ours = include_str!("explain.rs");
        let (table, _) = ours.split_once("#[cfg(test)]").unwrap();
        let all = codes();
        assert!(all.len() > 55, "{}", all.len());
        for code in all {
            assert!(
                table.contains(&format!("\"{code}\"")),
                "{code} has no exit code"
            );
        }
    }

    #[test]
    fn a_message_cannot_move_the_cursor() {
        assert_eq!(line("a\u{1b}[2Jb\nc\u{e9}"), "a\\u{1b}[2Jb\\nc\u{e9}");
    }
}

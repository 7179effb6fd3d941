//! From an error's code to an exit code and to what a person can do.
//!
//! The exit codes are those of `timeout`, `env` and the shells, so that scripts need not learn new
//! ones. What must stay true: every code of the library has its place in `VERDICTS` (a test reads
//! them all), and every failure is said in three lines: what failed, why, what to do.

mod daemon;
mod setup;

use handfast::reaper::ReaperError;
use handfast::{ManagerError, StartError};
use std::borrow::Cow;
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

/// Codes that share an exit code and an advice in terms of the command line; without one the
/// library's own is given.
struct Verdict {
    codes: &'static [&'static str],
    status: u8,
    advice: Option<&'static str>,
}

const fn verdict(codes: &'static [&'static str], status: u8, advice: &'static str) -> Verdict {
    let advice = Some(advice);
    Verdict {
        codes,
        status,
        advice,
    }
}

const fn plain(codes: &'static [&'static str], status: u8) -> Verdict {
    Verdict {
        codes,
        status,
        advice: None,
    }
}

/// Where a code has its verdict; what is not here is handfast's own failure.
fn verdict_on(code: &str) -> Option<&'static Verdict> {
    VERDICTS
        .iter()
        .find(|verdict| verdict.codes.contains(&code))
}

const VERDICTS: &[Verdict] = &[
    verdict(
        &["config.program-not-found"],
        NOT_FOUND,
        "install it, give its path, or set PATH with --env PATH=…",
    ),
    verdict(
        &["config.program-needs-path"],
        NOT_FOUND,
        "pass --env PATH=/usr/bin:/bin (or --keep-env PATH), or give a full path",
    ),
    verdict(
        &["config.program-missing"],
        NOT_FOUND,
        "check the path and the --cwd it starts from",
    ),
    verdict(
        &["config.empty-program"],
        NOT_FOUND,
        "name a program after `--`",
    ),
    plain(
        &[
            "config.not-executable",
            "config.not-a-program",
            "config.too-many-interpreters",
            "config.program-busy",
            "config.exec-refused",
            "config.bad-interpreter",
        ],
        NOT_EXECUTABLE,
    ),
    verdict(
        &["config.program-unreachable"],
        NOT_EXECUTABLE,
        "check every directory on the way to it",
    ),
    verdict(
        &["config.program-is-directory", "config.program-not-a-file"],
        NOT_EXECUTABLE,
        "name a file that can be executed",
    ),
    verdict(
        &[
            "config.argument-too-long",
            "config.variable-too-long",
            "config.too-large",
            "config.too-large-for-system",
        ],
        NOT_EXECUTABLE,
        "pass large data through a file or the standard input, or keep fewer variables with --keep-env",
    ),
    plain(
        &[
            "config.program-relative",
            "config.directory-relative",
            "config.log-relative",
        ],
        FAILED,
    ),
    verdict(
        &[
            "config.directory-missing",
            "config.not-a-directory",
            "config.directory-not-enterable",
            "config.nul-in-directory",
        ],
        FAILED,
        "name a directory that you may enter with --cwd",
    ),
    plain(
        &["config.log-parent-missing", "config.log-conflict"],
        FAILED,
    ),
    verdict(
        &[
            "config.nul-in-log",
            "config.log-parent-not-a-directory",
            "config.log-is-directory",
            "config.log-not-a-file",
            "config.log-unreachable",
        ],
        FAILED,
        "name a file that you may write to with --log-file",
    ),
    verdict(
        &[
            "config.nul-in-program",
            "config.nul-in-argument",
            "config.nul-in-key",
            "config.nul-in-value",
        ],
        FAILED,
        "no system passes a NUL byte on: leave it out",
    ),
    verdict(
        &["config.empty-key", "config.equals-in-key"],
        FAILED,
        "give --env NAME=VALUE",
    ),
    plain(
        &[
            "config.soft-above-hard",
            "config.bad-umask",
            "config.bad-nice",
            "config.bad-id",
            "config.terminal-conflict",
            "config.purpose-too-long",
            "config.bad-terminal-size",
        ],
        FAILED,
    ),
    verdict(
        &["config.grade-out-of-reach", "start.too-weak"],
        FAILED,
        "ask for a lower --require, or run `handfast doctor` to see what this host offers",
    ),
    plain(
        &[
            "start.rung-unavailable",
            "start.no-rung",
            "start.system",
            "start.reaper-lost",
            "start.closed",
        ],
        FAILED,
    ),
    verdict(
        &["reaper.not-found"],
        FAILED,
        "install `handfast-reaper` beside `handfast`, or name it in HANDFAST_REAPER",
    ),
    verdict(
        &["reaper.launch", "reaper.mute"],
        FAILED,
        "install `handfast` and `handfast-reaper` of the same version",
    ),
    plain(
        &[
            "reaper.refused",
            "reaper.unstable",
            "reaper.closed",
            "reaper.system",
        ],
        FAILED,
    ),
    plain(
        &[
            "manager.no-runtime",
            "manager.force",
            "manager.random",
            "manager.reaper-of-store",
            "manager.runtime",
            "manager.signals",
        ],
        FAILED,
    ),
    verdict(
        &["cli.directory"],
        FAILED,
        "change to a directory that exists, or name one with --cwd",
    ),
    verdict(
        &["cli.env-file"],
        FAILED,
        "give a readable file of NAME=VALUE lines; `#` begins a comment line",
    ),
    verdict(
        &["cli.json"],
        FAILED,
        "name a file that you may write to, or a descriptor above 2 that is open for writing: `--json 3 … 3>receipt.json`",
    ),
    verdict(
        &["cli.terminal"],
        FAILED,
        "run it without one: `handfast run -- PROGRAM </dev/null`",
    ),
    plain(&["cli.signals", "cli.descriptors", "cli.output"], FAILED),
    verdict(
        &["cli.daemon-taken"],
        FAILED,
        "`handfast daemon stop` ends it, `handfast daemon restart` puts this version in its place",
    ),
    verdict(
        &["cli.daemon-log"],
        FAILED,
        "see whether the folder of HANDFAST_HOME or XDG_STATE_HOME is yours alone",
    ),
    verdict(
        &["connect.no-daemon"],
        FAILED,
        "start it with `handfast daemon start`",
    ),
    verdict(
        &["cli.survivors"],
        FAILED,
        "end them by hand: what hangs in the kernel dies when the kernel lets it",
    ),
    verdict(
        &["cli.lost"],
        FAILED,
        "find out what killed `handfast-reaper`; the tree ended with it",
    ),
];

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
        let all = codes();
        assert!(all.len() > 55, "{}", all.len());
        for code in all {
            assert!(verdict_on(code).is_some(), "{code} has no exit code");
        }
    }

    #[test]
    fn no_code_has_two_verdicts() {
        let all = VERDICTS.iter().flat_map(|verdict| verdict.codes);
        let once: std::collections::BTreeSet<_> = all.clone().collect();
        assert_eq!(once.len(), all.count());
    }

    #[test]
    fn a_message_cannot_move_the_cursor() {
        assert_eq!(line("a\u{1b}[2Jb\nc\u{e9}"), "a\\u{1b}[2Jb\\nc\u{e9}");
    }
}

//! `--json`: one line with the receipt, written when everything is over.
//!
//! Where it goes is opened before anything starts, so a program never runs whose receipt could not
//! have been written. The fields are documented in `docs/cli.md`; none is ever left out, and what is
//! not known is `null`.

use super::course::Reason;
use super::task::Outcome;
use crate::app::Run;
use crate::explain::Failure;
use crate::gets::place;
use handfast::{Cause, ProcessInfo, Receipt};
use handfast_sys::host;
use schemars::JsonSchema;
use serde::Serialize;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Where the line goes.
#[derive(Debug)]
pub(super) struct Target {
    file: File,
    named: String,
}

impl Target {
    /// Opens it: a number above 2 is a descriptor that the caller opened, everything else a file,
    /// which is emptied.
    pub(super) fn open(given: &OsStr) -> Result<Target, Failure> {
        let named = given.to_string_lossy().into_owned();
        let what = format!("open `{named}` for the receipt");
        let number = given
            .to_str()
            .filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
        let file = match number.filter(|text| !text.is_empty()) {
            Some(number) => descriptor(number),
            None => place::from_here(Path::new(given)).and_then(|path| {
                File::create(path).map_err(|error| Failure::new("cli.json", what.clone(), &error))
            }),
        };
        Ok(Target { file: file?, named })
    }

    /// Writes the line. The program has ended, and its end is what handfast tells by its own: a
    /// line that cannot be written is said and changes nothing else.
    pub(super) fn write(mut self, line: &Line) {
        let mut text = serde_json::to_vec(line).unwrap_or_default();
        text.push(b'\n');
        if let Err(error) = self.file.write_all(&text) {
            let what = format!("write the receipt to `{}`", self.named);
            Failure::new("cli.json", what, &error).say();
        }
    }
}

fn descriptor(number: &str) -> Result<File, Failure> {
    let failed = |why: &std::io::Error| {
        Failure::new(
            "cli.json",
            format!("write the receipt to descriptor {number}"),
            why,
        )
    };
    let standard = || std::io::Error::other("the first three are the program's");
    match number.parse() {
        Ok(0..=2) => Err(failed(&standard())),
        Ok(number) => host::handed_down_for_writing(number)
            .map(File::from)
            .map_err(|error| failed(&error)),
        Err(_) => Err(failed(&std::io::Error::other(
            "there is no such descriptor",
        ))),
    }
}

/// The one line.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Ran")]
pub(crate) struct Line {
    name: Option<String>,
    program: String,
    args: Vec<String>,
    id: Option<String>,
    rung: Option<&'static str>,
    grade: Option<&'static str>,
    status: &'static str,
    exit_code: Option<i32>,
    signal: Option<i32>,
    cause: Option<&'static str>,
    started: Option<String>,
    ended: Option<String>,
    duration_ms: Option<u64>,
    receipt: Option<End>,
    warnings: Vec<String>,
    error: Option<Told>,
}

/// What the stop of the tree did.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EndOfTree")]
struct End {
    members_before: usize,
    asked: usize,
    killed: usize,
    survivors: Vec<u32>,
    took_ms: u64,
}

/// What went wrong with handfast itself.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Failure")]
struct Told {
    code: String,
    message: String,
}

impl Line {
    /// What is known before anything happens.
    fn new(options: &Run) -> Line {
        let text = |text: &OsString| text.to_string_lossy().into_owned();
        let mut words = options.command.iter().map(text);
        Line {
            name: options.name.clone(),
            program: words.next().unwrap_or_default(),
            args: words.collect(),
            id: None,
            rung: None,
            grade: None,
            status: "failed",
            exit_code: None,
            signal: None,
            cause: None,
            started: None,
            ended: None,
            duration_ms: None,
            receipt: None,
            warnings: Vec::new(),
            error: None,
        }
    }

    /// For a program that was not started.
    pub(super) fn not_started(options: &Run, failure: &Failure) -> Line {
        Line {
            error: Some(Told::from(failure)),
            ..Line::new(options)
        }
    }

    /// For a program that ran.
    pub(super) fn of(
        options: &Run,
        info: &ProcessInfo,
        outcome: &Outcome,
        failure: Option<&Failure>,
    ) -> Line {
        let ended = outcome.ended.as_ref();
        let known = |at: &SystemTime| *at != SystemTime::UNIX_EPOCH;
        let ended_at = ended.map(|end| end.exit_time).filter(known);
        let lived = ended_at.map(|at| at.duration_since(info.start_time).unwrap_or_default());
        Line {
            id: Some(info.handle.to_string()),
            rung: Some(info.rung.word()),
            grade: Some(info.grade.word()),
            status: info.status.word(),
            exit_code: ended.and_then(|end| end.exit_code),
            signal: ended.and_then(|end| end.signal),
            cause: ended.map(|end| cause(end.cause, outcome.reason)),
            started: time(info.start_time),
            ended: ended_at.and_then(time),
            duration_ms: lived.map(milliseconds),
            receipt: outcome.receipt.as_ref().map(End::from),
            warnings: info.warnings.to_vec(),
            error: failure.map(Told::from),
            ..Line::new(options)
        }
    }
}

impl From<&Failure> for Told {
    fn from(failure: &Failure) -> Told {
        Told {
            code: failure.code().to_owned(),
            message: failure.why().to_owned(),
        }
    }
}

impl From<&Receipt> for End {
    fn from(receipt: &Receipt) -> End {
        End {
            members_before: receipt.members_before,
            asked: receipt.asked,
            killed: receipt.killed,
            survivors: receipt.survivors.clone(),
            took_ms: milliseconds(receipt.took),
        }
    }
}

/// The library knows of a stop; why handfast asked for it is known here.
fn cause(cause: Cause, reason: Option<Reason>) -> &'static str {
    match (cause, reason) {
        (Cause::Stop, Some(Reason::TimeOver)) => Cause::Deadline.word(),
        (Cause::Stop, Some(Reason::ParentEnded)) => Cause::OwnerGone.word(),
        (cause, _) => cause.word(),
    }
}

fn time(at: SystemTime) -> Option<String> {
    let at = jiff::Timestamp::try_from(at).ok()?;
    Some(format!("{at:.3}"))
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

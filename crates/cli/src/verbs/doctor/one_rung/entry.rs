//! What both verbs of doctor begin with, on systems with one rung.
//!
//! The modules around this are those of the system: this file, `owner.rs`, `report.rs`, `text.rs` and `trial.rs` are
//! built into the doctor of each such system, which has `RUNG`, `facts`, `net` and `tree` of its own.

use super::report::Report;
use super::{facts, owner, text, tree, trial};
use crate::app::Doctor;
use crate::explain;
use std::io::{self, Write};
use std::process::ExitCode;

/// The exit code where something that was promised did not hold.
const NOT_HELD: u8 = 1;

pub(crate) fn run(doctor: &Doctor) -> ExitCode {
    let report = Report::new(facts::look(), trial::run());
    let printed = if doctor.json {
        serde_json::to_string(&report).map_err(io::Error::other)
    } else {
        Ok(text::text(&report))
    };
    match printed.and_then(|text| writeln!(io::stdout(), "{}", text.trim_end())) {
        Ok(()) if report.promises_kept => ExitCode::SUCCESS,
        Ok(()) => ExitCode::from(NOT_HELD),
        // Who closed the pipe has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(explain::FAILED),
    }
}

/// Does what doctor started this executable for; `None` where it did not.
pub(crate) fn hidden() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let verb = arguments.next()?;
    let word = arguments.next().unwrap_or_default();
    match verb.to_str()? {
        owner::VERB => Some(owner::run()),
        tree::VERB => Some(tree::run(&word.to_string_lossy())),
        _ => None,
    }
}

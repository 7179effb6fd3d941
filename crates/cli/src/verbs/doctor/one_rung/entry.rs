//! Windows: one rung, which is a Job Object, tried with a tree that tries to get away.
//!
//! A host (`owner.rs`, this executable again) holds the tree (`tree.rs`), which is stopped once and whose host is
//! killed once (`trial.rs`). What must stay true: nothing is left running however doctor ends, since all of it
//! is in a job of doctor's own; that the library's job works inside of that one shows that jobs nest.

mod facts;
mod owner;
mod report;
mod text;
mod tree;
mod trial;

use crate::app::Doctor;
use crate::explain;
pub(crate) use report::Report;
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

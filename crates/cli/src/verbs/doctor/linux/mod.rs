//! `handfast doctor`: what this host offers, found by doing it.
//!
//! Each rung gets a host (`owner.rs`, this executable again) with a tree that tries to get away
//! (`tree.rs`), which is stopped once and whose host is killed once (`trial.rs`). What must stay
//! true: nothing is concluded from a version or a setting; settings are read only to say what to do
//! about a failure; and nothing is left running, however doctor ends (`net.rs`, and the trees
//! themselves, which end with it).

mod advice;
mod host;
mod net;
mod owner;
mod report;
mod text;
mod tree;
mod trial;
mod words;

use crate::app::Doctor;
use crate::explain;
use handfast::Rung;
pub(crate) use report::Report;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

/// The exit code where something that was promised did not hold.
const NOT_HELD: u8 = 1;

pub(crate) fn run(doctor: &Doctor) -> ExitCode {
    let report = match examine() {
        Ok(report) => report,
        Err(error) => {
            let _ = writeln!(
                io::stderr(),
                "handfast doctor: cannot try the rungs: {error}"
            );
            return ExitCode::from(explain::FAILED);
        }
    };
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

fn examine() -> io::Result<Report> {
    let net = net::Net::spread()?;
    let host = host::Host::look();
    let mut rungs = Vec::with_capacity(Rung::LADDER.len());
    for rung in Rung::LADDER {
        rungs.push(trial::run(rung, &net)?);
    }
    // Where doctor was asked to end, its last trial was cut short, and this waits for that end.
    drop(net.may_start());
    Ok(Report::new(host, rungs))
}

/// Does what doctor started this executable for; `None` where it did not.
pub(crate) fn hidden() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let verb = arguments.next()?;
    let rest: Vec<OsString> = arguments.collect();
    let word = rest
        .first()
        .and_then(|word| word.to_str())
        .unwrap_or_default();
    match verb.to_str()? {
        owner::VERB => Some(owner::run(word)),
        tree::VERB => Some(tree::run(word)),
        _ => None,
    }
}

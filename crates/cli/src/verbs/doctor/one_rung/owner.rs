//! A host with one manager, which starts trees until it is killed.
//!
//! Its standard error is the witness that its trees hold, and it writes nothing there.

use super::tree;
use handfast::blocking::ProcessManager;
use handfast::config::Output;
use handfast::{ProcessConfig, ProcessHandle};
use handfast_sys::descriptor::AsDescriptor;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The hidden verb.
pub(super) const VERB: &str = "__owner";

/// It is told to stop by this word, and to start by the role of a leader.
pub(super) const STOP: &str = "stop";

/// How long the tree may take to end: one of its members never does.
const GRACE: Duration = Duration::from_millis(100);

/// What it answers, as one line of JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Answer {
    Started {
        took_ms: f64,
    },
    Stopped {
        members: usize,
        killed: usize,
        survivors: usize,
        took_ms: f64,
    },
    Failed {
        code: String,
        causes: Vec<String>,
    },
}

pub(super) fn run() -> ExitCode {
    // What cannot be said is the end of doctor.
    obey().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
}

fn obey() -> io::Result<()> {
    let manager = match ProcessManager::new() {
        Ok(manager) => manager,
        Err(error) => return say(&failed(error.code(), &error)),
    };
    let mut last = None;
    for line in io::stdin().lock().lines() {
        let answer = match line?.as_str() {
            STOP => stop(&manager, last),
            role => start(&manager, role, &mut last)?,
        };
        say(&answer)?;
    }
    Ok(())
}

fn say(answer: &Answer) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(answer)?)?;
    out.flush()
}

fn start(
    manager: &ProcessManager,
    role: &str,
    last: &mut Option<ProcessHandle>,
) -> io::Result<Answer> {
    let witness = Arc::new(io::stderr().as_descriptor().try_clone_to_owned()?);
    let begun = Instant::now();
    let config = ProcessConfig::builder(std::env::current_exe()?)
        .args([tree::VERB, role])
        .stdin(tree::stdin(&witness))
        .stdout(Output::Descriptor(Arc::clone(&witness)))
        .stderr(Output::Descriptor(witness))
        .grace(GRACE)
        .build();
    Ok(match manager.start_process(config) {
        Ok(handle) => {
            *last = Some(handle);
            Answer::Started {
                took_ms: milliseconds(begun.elapsed()),
            }
        }
        Err(error) => failed(error.code(), &error),
    })
}

fn stop(manager: &ProcessManager, last: Option<ProcessHandle>) -> Answer {
    let Some(last) = last else {
        return failed(
            "doctor.nothing-started",
            &io::Error::other("nothing was started"),
        );
    };
    match manager.stop_process(last) {
        Ok(receipt) => Answer::Stopped {
            members: receipt.members_before,
            killed: receipt.killed,
            survivors: receipt.survivors.len(),
            took_ms: milliseconds(receipt.took),
        },
        Err(error) => failed(error.code(), &error),
    }
}

pub(super) fn failed(code: &str, error: &dyn std::error::Error) -> Answer {
    let mut causes = vec![error.to_string()];
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    let code = code.to_owned();
    Answer::Failed { code, causes }
}

pub(super) fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

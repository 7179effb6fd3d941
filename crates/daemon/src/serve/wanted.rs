//! What a client says of a process, as a config of the library. Pure.

use crate::wire::{LifetimeName, Size, Start, WireError, Word};
use handfast::config::{Lifetime, Limit, Output, ProcessConfigBuilder, Resource, Stdin, Terminal};
use handfast::output::Capture;
use handfast::session::ScreenSize;
use handfast::{Containment, Grade, ProcessConfig, Rung};
use handfast_sys::text;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// The most that may be kept of the output of one process: 64 MiB.
const MOST_KEPT: u64 = 64 * 1024 * 1024;

fn system(word: &Word) -> OsString {
    text::string(word.bytes()).into_owned()
}

pub(super) fn wrong(what: &str, value: &str) -> WireError {
    let shown: String = value.chars().take(64).collect();
    WireError::params(
        "start.bad-params",
        format!("understand the {what} `{shown}`"),
    )
}

/// The config that was asked for.
pub(super) fn config(start: &Start) -> Result<ProcessConfig, WireError> {
    if let Some(name) = start.not_served() {
        let message = format!("serve `{name}`: there is no such thing here");
        return Err(WireError::params("start.not-served", message));
    }
    let Some((program, arguments)) = start.argv.split_first() else {
        let message = "start nothing: argv is empty";
        return Err(WireError::params("start.empty-argv", message));
    };
    let mut builder = ProcessConfig::builder(system(program)).args(arguments.iter().map(system));
    let variables = start.env.0.iter();
    builder = builder.envs(variables.map(|(name, value)| (name, system(value))));
    if let Some(directory) = &start.cwd {
        builder = builder.working_directory(PathBuf::from(system(directory)));
    }
    if let Some(name) = &start.name {
        builder = builder.name(name);
    }
    if let Some(purpose) = &start.purpose {
        builder = builder.purpose(purpose);
    }
    builder = streams(builder, start)?;
    builder = held(builder, start)?;
    Ok(bounded(builder, start)?.build())
}

fn streams(
    builder: ProcessConfigBuilder,
    start: &Start,
) -> Result<ProcessConfigBuilder, WireError> {
    let keep = start.keep_bytes.unwrap_or(Capture::DEFAULT_KEEP as u64);
    let keep = usize::try_from(keep.min(MOST_KEPT)).unwrap_or(Capture::DEFAULT_KEEP);
    let builder = builder.capture(Capture::default().keep(keep));
    if start.tty {
        if start.pipe_stdin || start.together {
            return Err(wrong(
                "streams: a terminal is all of them, not",
                "pipeStdin or together",
            ));
        }
        let size = start.size.map(size).unwrap_or_default();
        return Ok(builder.terminal(Terminal::from(size)));
    }
    if start.size.is_some() {
        return Err(wrong("size of what has no terminal:", "size"));
    }
    let stdin = if start.pipe_stdin {
        Stdin::Written
    } else {
        Stdin::Null
    };
    let builder = builder.stdin(stdin);
    Ok(if start.together {
        builder.output(Output::Captured)
    } else {
        builder.stdout(Output::Captured).stderr(Output::Captured)
    })
}

pub(super) fn size(size: Size) -> ScreenSize {
    ScreenSize {
        rows: size.rows,
        columns: size.columns,
    }
}

fn held(
    mut builder: ProcessConfigBuilder,
    start: &Start,
) -> Result<ProcessConfigBuilder, WireError> {
    match start.containment.as_deref() {
        None | Some("auto") => {}
        Some(word) => {
            let rung: Rung = word.parse().map_err(|_| wrong("rung", word))?;
            builder = builder.containment(Containment::Rung(rung));
        }
    }
    if let Some(word) = &start.least_grade {
        let grade: Grade = word.parse().map_err(|_| wrong("grade", word))?;
        builder = builder.least_grade(grade);
    }
    let lifetime = start.lifetime.map_or(Lifetime::Session, lifetime);
    Ok(builder.lifetime(lifetime))
}

pub(super) fn lifetime(name: LifetimeName) -> Lifetime {
    match name {
        LifetimeName::Session => Lifetime::Session,
        LifetimeName::Turn => Lifetime::Turn,
        LifetimeName::Lease { ms } => Lifetime::Lease(Duration::from_millis(ms)),
        LifetimeName::User => Lifetime::User,
    }
}

fn bounded(
    mut builder: ProcessConfigBuilder,
    start: &Start,
) -> Result<ProcessConfigBuilder, WireError> {
    let limit = |value: Option<u64>| value.map_or(Limit::Unlimited, Limit::Value);
    for (word, limits) in &start.limits {
        let resource = Resource::from_word(word).ok_or_else(|| wrong("resource", word))?;
        builder = builder.limit(resource, limit(limits.soft), limit(limits.hard));
    }
    if let Some(ms) = start.grace_ms {
        builder = builder.grace(Duration::from_millis(ms));
    }
    if let Some(ms) = start.deadline_ms {
        builder = builder.deadline(Duration::from_millis(ms));
    }
    if let Some(umask) = start.umask {
        builder = builder.umask(umask);
    }
    if let Some(nice) = start.nice {
        builder = builder.nice(nice);
    }
    Ok(builder)
}

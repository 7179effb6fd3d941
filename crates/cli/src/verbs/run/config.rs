//! From the command line and the caller to a config.

use super::streams::Streams;
use crate::app::Run;
use crate::explain::Failure;
use crate::gets::{environment, place};
use handfast::ProcessConfig;
use handfast::config::{Output, Stdin};
use std::sync::Arc;

/// What is to be run. Its umask, nice value and limits are those of handfast, which are the caller's.
///
/// Without `streams` it has none: whoever gives it a terminal adds that.
///
/// The deadline is not in it: `--timeout` also covers what comes after the program and the start
/// itself, so it is kept by the loop of this verb.
pub(super) fn of(options: &Run, streams: Option<&Streams>) -> Result<ProcessConfig, Failure> {
    let environment = environment::of(&options.gets)?;
    let directory = place::directory(&options.gets)?;
    let mut words = options.command.iter();
    let named = words
        .next()
        .map(std::ffi::OsString::as_os_str)
        .unwrap_or_default();
    let program = place::program(named, &directory, &environment);
    let mut builder = ProcessConfig::builder(program)
        .args(words)
        .working_directory(directory)
        .envs(environment.iter())
        .umask(None)
        .grace(options.grace)
        .containment(options.containment);
    if let Some(streams) = streams {
        builder = builder.stdin(Stdin::Descriptor(Arc::clone(&streams.stdin)));
    }
    builder = match (&options.log_file, streams) {
        (Some(log), _) => builder.log_file(place::from_here(log)?),
        (None, Some(streams)) => builder
            .stdout(Output::Descriptor(Arc::clone(&streams.stdout)))
            .stderr(Output::Descriptor(Arc::clone(&streams.stderr))),
        (None, None) => builder,
    };
    if let Some(name) = &options.name {
        builder = builder.name(name);
    }
    if let Some(grade) = options.require {
        builder = builder.least_grade(grade);
    }
    Ok(builder.build())
}

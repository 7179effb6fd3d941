//! From a request to a running program, or to the step that failed.
//!
//! The requests are those of every system; their strings are WTF-8 here. What a request asks for and
//! Windows has not is refused by its step. Two things mean nothing here and are passed over: the umask,
//! since new files take the rights of their folder, and hard limits, since a job has one of each.

use crate::wire::{Limit, NO_STREAM, Start, Step};
use handfast_sys::channel::Descriptor;
use handfast_sys::child::{
    self, Console, NotStarted, Priority, Spawn, Started, environment_block, wtf8,
};
use handfast_sys::console::{PseudoConsole, SharedConsole};
use handfast_sys::tree::windows::{Job, Limits};
use std::ffi::{CString, OsString};
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::sync::Arc;
use std::time::Duration;

/// `ERROR_NOT_SUPPORTED`.
pub(super) const NOT_SUPPORTED: i32 = 50;

/// `ERROR_INVALID_PARAMETER`, for errors that have no number of the system.
const INVALID_PARAMETER: i32 = 87;

/// `ERROR_DIRECTORY`.
const NO_DIRECTORY: i32 = 267;

/// What failed, with the system's number.
pub(super) type Failure = (Step, i32);

/// Numbers of resources, as requests have them.
mod resource {
    pub(super) const CPU: u32 = 0;
    pub(super) const PROCESSES: u32 = 6;
    pub(super) const MEMORY: u32 = 9;
}

/// Makes the job that a request needs, unless it asks for something that is not here.
pub(super) fn job(start: &Start) -> Result<Job, Failure> {
    refuse_what_is_not_here(start)?;
    let limits = limits(&start.limits).ok_or((Step::Limits, NOT_SUPPORTED))?;
    Job::new(&limits).map_err(at(Step::Contain))
}

/// Starts the program of a request in its job.
pub(super) fn begin(
    start: &Start,
    (descriptors, shown): (&[Descriptor], Option<&Shown>),
    job: &Job,
) -> Result<Started, Failure> {
    let image = Image::of(start)?;
    let begun = match shown {
        Some(shown) => shown.with(|console| image.start([None; 3], Console::Pseudo(console), job)),
        None => Ok(image.start(streams(start, descriptors)?, Console::Hidden, job)),
    };
    begun.map_err(at(Step::Terminal))?.map_err(|failed| {
        let number = failed.source.raw_os_error().unwrap_or(INVALID_PARAMETER);
        (step(failed.step, number), number)
    })
}

/// What of a request the program becomes.
struct Image {
    program: OsString,
    arguments: Vec<OsString>,
    environment: Vec<u16>,
    directory: OsString,
    priority: Priority,
}

impl Image {
    fn of(start: &Start) -> Result<Image, Failure> {
        let text = |string: &CString| text(string).ok_or((Step::Execute, INVALID_PARAMETER));
        Ok(Image {
            program: text(&start.program)?,
            arguments: start.arguments.iter().map(text).collect::<Result<_, _>>()?,
            environment: environment(start).ok_or((Step::Execute, INVALID_PARAMETER))?,
            directory: text(&start.directory)?,
            priority: priority(start.nice.unwrap_or(0)),
        })
    }

    fn start(
        &self,
        streams: [Option<BorrowedHandle<'_>>; 3],
        console: Console<'_>,
        job: &Job,
    ) -> Result<Started, NotStarted> {
        let spawn = Spawn {
            program: &self.program,
            arguments: &self.arguments,
            environment: &self.environment,
            directory: &self.directory,
            streams,
            console,
            priority: self.priority,
        };
        spawn.start(job)
    }
}

/// The console of a request, if it has one.
pub(super) fn console(start: &Start, descriptors: &[Descriptor]) -> Result<Option<Shown>, Failure> {
    let Some(place) = start.terminal else {
        return Ok(None);
    };
    let reference = descriptors.get(usize::from(place));
    let reference = reference.ok_or((Step::Terminal, INVALID_PARAMETER))?;
    let console = SharedConsole::of(reference.as_handle());
    console
        .map(|console| Some(Shown(console)))
        .map_err(at(Step::Terminal))
}

/// The console of a tree; it is closed with the tree, whoever else has it.
#[derive(Debug)]
pub(super) struct Shown(Arc<SharedConsole>);

impl Shown {
    fn with<T>(&self, work: impl FnOnce(&PseudoConsole) -> T) -> io::Result<T> {
        self.0.with(work)
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn at(step: Step) -> impl FnOnce(io::Error) -> Failure {
    move |error| (step, error.raw_os_error().unwrap_or(INVALID_PARAMETER))
}

fn refuse_what_is_not_here(start: &Start) -> Result<(), Failure> {
    let wanted = [
        (start.user.is_some(), Step::User),
        (start.survives && start.terminal.is_some(), Step::Terminal),
    ];
    let refused = wanted.into_iter().find(|(wanted, _)| *wanted);
    refused.map_or(Ok(()), |(_, step)| Err((step, NOT_SUPPORTED)))
}

fn step(step: child::Step, number: i32) -> Step {
    match step {
        child::Step::Create if number == NO_DIRECTORY => Step::Directory,
        child::Step::Words | child::Step::Create => Step::Execute,
        child::Step::Streams => Step::Streams,
        child::Step::Contain => Step::Contain,
        child::Step::Attributes | child::Step::Resume => Step::Fork,
    }
}

fn text(string: &CString) -> Option<OsString> {
    wtf8::decode(string.as_bytes()).map(|units| OsString::from_wide(&units))
}

/// The block of `KEY=value` strings.
fn environment(start: &Start) -> Option<Vec<u16>> {
    let strings = start.environment.iter();
    let variables = strings.map(|string| {
        let units = wtf8::decode(string.as_bytes())?;
        let equals = units.iter().position(|unit| *unit == u16::from(b'='))?;
        Some((units[..equals].to_vec(), units[equals + 1..].to_vec()))
    });
    let variables = variables.collect::<Option<Vec<_>>>()?;
    environment_block::build(variables, child::compare_names).ok()
}

/// What was given for each stream. One that was lost on the way is an error, not the null device.
fn streams<'a>(
    start: &Start,
    descriptors: &'a [Descriptor],
) -> Result<[Option<BorrowedHandle<'a>>; 3], Failure> {
    let mut streams = [None; 3];
    for (stream, place) in streams.iter_mut().zip(&start.streams) {
        if *place != NO_STREAM {
            let given = descriptors.get(usize::from(*place));
            let given = given.ok_or((Step::Streams, INVALID_PARAMETER))?;
            *stream = Some(given.as_handle());
        }
    }
    Ok(streams)
}

/// `None` where one is asked for that a job has not.
fn limits(asked: &[Limit]) -> Option<Limits> {
    let mut limits = Limits::default();
    for Limit { resource, soft, .. } in asked {
        match *resource {
            resource::CPU => limits.cpu_time = soft.map(Duration::from_secs),
            resource::MEMORY => {
                limits.process_memory = soft.map(usize::try_from).transpose().ok()?;
            }
            resource::PROCESSES => limits.processes = soft.map(u32::try_from).transpose().ok()?,
            _ => return None,
        }
    }
    Some(limits)
}

/// The class that comes nearest to a niceness.
fn priority(nice: i32) -> Priority {
    match nice {
        ..=-11 => Priority::High,
        -10..=-1 => Priority::AboveNormal,
        0 => Priority::Normal,
        1..=10 => Priority::BelowNormal,
        11.. => Priority::Idle,
    }
}

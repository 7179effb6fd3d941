//! `handfast run`: a program with its whole tree held, as if it had been started without.
//!
//! In order: everything that can be refused is refused (config, receipt, signals), the program is
//! started, the loop of `task.rs` holds it, the receipt is written, and handfast ends as the program
//! did. What must stay true: the program gets exactly what the caller has and says; nothing is
//! printed but failures; and whatever ends handfast ends the tree, which is the library's promise.

mod asked;
mod config;
mod course;
mod leave;
mod parent;
mod report;
mod streams;
mod task;

use crate::app::Run;
use crate::explain::{FAILED, Failure, TIMED_OUT};
use crate::terminal::Relay;
use asked::Listener;
use handfast::config::ConfigError;
use handfast::{ProcessConfig, ProcessHandle, ProcessManager};
use handfast_sys::host;
use leave::Leave;
use parent::Parent;
pub(crate) use report::Line;
use report::Target;
use std::process::ExitCode;
use streams::Streams;
use task::{NoProgram, Outcome, World};

pub(crate) fn run(options: &Run) -> ExitCode {
    match try_run(options) {
        Ok(leave) => leave.carry_out(),
        Err(failure) => {
            failure.say();
            ExitCode::from(failure.status())
        }
    }
}

/// Everything up to handfast's own end, for which no runtime may be left.
fn try_run(options: &Run) -> Result<Leave, Failure> {
    let failed = |error| Failure::new("cli.descriptors", "get ready", &error);
    // Nothing that the caller left open gets into the helper, not even for a moment.
    host::lock_down().map_err(failed)?;
    let target = options.json.as_deref().map(Target::open).transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(failed)?;
    let leave = runtime.block_on(held(options, target));
    runtime.shutdown_background();
    leave
}

async fn held(options: &Run, target: Option<Target>) -> Result<Leave, Failure> {
    let (line, left) = match program(options).await {
        Ok((line, left)) => (line, Ok(left)),
        Err(failure) => (Line::not_started(options, &failure), Err(failure)),
    };
    if let Some(target) = target {
        target.write(&line);
    }
    left
}

/// Runs the program and says what to tell of it, and how to end.
async fn program(options: &Run) -> Result<(Line, Leave), Failure> {
    let mut world = World {
        listener: Listener::new()?,
        parent: parent(options),
        timeout: options.timeout,
    };
    let streams = Streams::take()?;
    let failed = |error| Failure::new("cli.terminal", "get a terminal for the program", &error);
    let relay =
        Relay::open(options.tty, options.size, options.log_file.is_some()).map_err(failed)?;
    let passed = relay.as_ref().is_none_or(|relay| !relay.is_all_streams());
    let config = config::of(options, passed.then_some(&streams))?;
    let program = on_terminal(options, config, relay)?;
    let manager = ProcessManager::new().map_err(|error| Failure::manager(&error))?;
    let started = match start(options, &manager, program, &mut world).await? {
        Ok(started) => started,
        Err(leave) => return Ok((given_up(options), leave)),
    };
    streams.let_go(options.tty);
    let handle = started.handle;
    let outcome = task::hold(&manager, started, &mut world, options.wait_tree).await;
    Ok(over(options, &manager, handle, &outcome))
}

/// Gives the program a terminal of its own, where the caller's input is one or it is asked for.
fn on_terminal(
    options: &Run,
    config: ProcessConfig,
    relay: Option<Relay>,
) -> Result<task::Program, Failure> {
    let failed = |error| Failure::new("cli.terminal", "get a terminal for the program", &error);
    let Some(relay) = relay else {
        return Ok((config, None));
    };
    // The config that is started says nothing of the program.
    let refused = |error: ConfigError| Failure::start(&named(options), &error.into());
    let checked = config.check().map_err(refused)?;
    let config = relay.config(&config).map_err(failed)?;
    Ok((config, Some((relay, checked))))
}

fn parent(options: &Run) -> Parent {
    if options.no_with_parent {
        Parent::Unwatched
    } else {
        Parent::watch()
    }
}

/// Starts it; the inner error is an end of handfast that somebody asked for.
async fn start(
    options: &Run,
    manager: &ProcessManager,
    program: task::Program,
    world: &mut World,
) -> Result<Result<task::Started, Leave>, Failure> {
    match task::start(manager, program, world).await {
        Ok(started) => Ok(Ok(started)),
        Err(NoProgram::Failed(error)) => Err(Failure::start(&named(options), &error)),
        Err(NoProgram::Asked(signal)) => Ok(Err(Leave::Signal(signal))),
        Err(NoProgram::TimeOver) => Ok(Err(Leave::Code(TIMED_OUT))),
        Err(NoProgram::ParentEnded) => Ok(Err(Leave::Code(FAILED))),
    }
}

fn named(options: &Run) -> String {
    let program = options.command.first();
    program
        .map(|program| program.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// What is told of a start that hung until nobody wanted it any more.
fn given_up(options: &Run) -> Line {
    let hung = std::io::Error::other("it hung while it was being started");
    Line::not_started(options, &Failure::new("start.closed", "start", &hung))
}

/// What is told of a program that is over, and how handfast ends.
fn over(
    options: &Run,
    manager: &ProcessManager,
    handle: ProcessHandle,
    outcome: &Outcome,
) -> (Line, Leave) {
    let leave = Leave::after(outcome, options.wait_tree);
    let failure = (leave == Leave::Code(FAILED))
        .then(|| trouble(outcome))
        .flatten();
    if let Some(failure) = &failure {
        failure.say();
    }
    let line = match manager.info(handle) {
        Ok(info) => Line::of(options, &info, outcome, failure.as_ref()),
        Err(error) => Line::not_started(options, &Failure::new("cli.lost", "find it", &error)),
    };
    (line, leave)
}

/// What handfast could not do for a program that it had started, if that is why it ends with its
/// own code and not because the program returned the same.
fn trouble(outcome: &Outcome) -> Option<Failure> {
    let survivors = outcome.receipt.as_ref().map(|receipt| &receipt.survivors);
    if let Some(survivors) = survivors.filter(|survivors| !survivors.is_empty()) {
        let pids: Vec<String> = survivors.iter().map(ToString::to_string).collect();
        let why = format!("alive although killed: {}", pids.join(", "));
        let why = std::io::Error::other(why);
        return Some(Failure::new("cli.survivors", "end the whole tree", &why));
    }
    if outcome
        .ended
        .as_ref()
        .is_some_and(|ended| ended.exit_code.is_some())
    {
        return None;
    }
    let lost = std::io::Error::other("its helper `handfast-reaper` was lost while it ran");
    Some(Failure::new(
        "cli.lost",
        "learn how the program ended",
        &lost,
    ))
}

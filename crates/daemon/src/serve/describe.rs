//! What the library says of a process, as it is told to clients. Pure.

use super::book::Entry;
use crate::wire::{Info, LifetimeName, OutputState, Receipt, Status, Word};
use handfast::config::Lifetime;
use handfast::{ProcessInfo, ProcessStatus};
use handfast_sys::text;
use std::ffi::OsStr;
use std::time::{Duration, SystemTime};

/// Milliseconds since 1970.
pub(super) fn at_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    ms(since.unwrap_or_default())
}

pub(super) fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn word(said: &OsStr) -> Word {
    Word::from(&*text::bytes(said))
}

pub(super) fn status(status: &ProcessStatus, ended_as: Option<&str>) -> Status {
    let mut told = Status {
        state: status.word().to_owned(),
        ..Status::default()
    };
    match status {
        ProcessStatus::Running { pid } => told.pid = Some(*pid),
        ProcessStatus::RunningDetached {
            exit_code,
            signal,
            child_pids,
        } => {
            (told.exit_code, told.signal) = (*exit_code, *signal);
            told.child_pids = Some(child_pids.clone());
        }
        ProcessStatus::Exited {
            exit_code,
            exit_time,
        } => {
            told.exit_code = Some(*exit_code);
            told.exited_at_ms = Some(at_ms(*exit_time));
        }
        ProcessStatus::Terminated {
            signal,
            exit_code,
            cause,
            exit_time,
        } => {
            (told.exit_code, told.signal) = (*exit_code, *signal);
            told.cause = Some(cause_word(cause.word(), ended_as).to_owned());
            told.exited_at_ms = Some(at_ms(*exit_time));
        }
        ProcessStatus::Failed { code, error } => {
            (told.error_code, told.error) = (Some((*code).to_owned()), Some(error.clone()));
        }
        // `starting`, and what comes later: the word says it.
        _ => {}
    }
    told
}

/// The library knows of a stop; why there was one the daemon knows better.
fn cause_word<'a>(word: &'a str, ended_as: Option<&'a str>) -> &'a str {
    match ended_as {
        Some(reason) if word == "stop" => reason,
        Some(_) | None => word,
    }
}

pub(super) fn lifetime(lifetime: Lifetime) -> LifetimeName {
    match lifetime {
        Lifetime::Turn => LifetimeName::Turn,
        Lifetime::Lease(time) => LifetimeName::Lease { ms: ms(time) },
        Lifetime::User => LifetimeName::User,
        _ => LifetimeName::Session,
    }
}

pub(super) fn info(info: &ProcessInfo, entry: &Entry) -> Info {
    let config = &info.config;
    let mut argv = vec![word(config.program().as_os_str())];
    argv.extend(config.args().iter().map(|argument| word(argument)));
    let directory = config.working_directory();
    Info {
        process_id: entry.name.clone(),
        handle: info.handle.to_string(),
        owner: entry.owner.to_string(),
        name: config.name().map(str::to_owned),
        purpose: config.purpose().map(str::to_owned),
        ready: entry.ready.as_ref().map(|ready| ready.borrow().clone()),
        argv,
        cwd: directory.map(|directory| word(directory.as_os_str())),
        env_keys: config
            .environment()
            .iter()
            .map(|(key, _)| word(key))
            .collect(),
        tty: config.terminal().is_some(),
        lifetime: lifetime(config.lifetime()),
        bound: entry.bound.is_some(),
        started_at_ms: at_ms(info.start_time),
        status: status(&info.status, entry.ended_as),
        rung: info.rung.to_string(),
        grade: info.grade.to_string(),
        unresponsive: info.unresponsive.map(|seen| seen.state),
        warnings: info.warnings.to_vec(),
        output: output(entry),
        members: None,
    }
}

fn output(entry: &Entry) -> Option<OutputState> {
    let status = entry.feed.captured()?.status();
    Some(OutputState {
        open: status.is_open(),
        bytes: status.totals.sum(),
        omitted_bytes: status.omitted.sum(),
        next_seq: entry.feed.look(super::feed::Sequence::next),
        last_at_ms: status.last_output.map(at_ms),
        holders: None,
    })
}

pub(super) fn receipt(receipt: &handfast::Receipt, entry: &Entry) -> Receipt {
    Receipt {
        process_id: entry.name.clone(),
        handle: receipt.handle.to_string(),
        rung: receipt.rung.to_string(),
        grade: receipt.grade.to_string(),
        members_before: receipt.members_before as u64,
        asked: receipt.asked as u64,
        killed: receipt.killed as u64,
        survivors: receipt.survivors.clone(),
        took_ms: ms(receipt.took),
        status: status(&receipt.status, entry.ended_as),
    }
}

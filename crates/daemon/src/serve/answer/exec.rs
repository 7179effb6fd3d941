//! Commands as agents give them, by the library's own verbs.

use super::super::describe::{at_ms, ms, word};
use super::super::{refuse, wanted as wish};
use super::Asked;
use super::look::held_by;
use crate::wire;
use crate::wire::{ExecAnswer, ExecListed, ExecStopped, Nothing, WireError, Word};
use handfast::ProcessHandle;
use handfast::config::Environment;
use handfast::exec::{
    ExecCommand, ExecError, ExecProfile, ExecResponse, Leader, SandboxPermissions, SessionInfo,
    Shell, WriteStdin,
};
use handfast::output::Pattern;
use handfast::owner::Owner;
use handfast_sys::text;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// How much of a command an error shows, in characters.
const SHOWN: usize = 256;

fn system(word: &Word) -> OsString {
    text::string(word.bytes()).into_owned()
}

fn path(word: &Word) -> PathBuf {
    PathBuf::from(system(word))
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn pattern(text: Option<&String>) -> Result<Option<Pattern>, WireError> {
    let pattern = text.map(|text| text.parse()).transpose();
    pattern.map_err(|error: handfast::output::PatternError| {
        WireError::params("wait.bad-pattern", error.to_string())
    })
}

/// The owner of the session's commands, with the usual profile where none was given.
fn owner(asked: Asked<'_>) -> Result<Owner, WireError> {
    let made = asked
        .daemon
        .commands_of(asked.session, || Ok(ExecProfile::new()));
    made.map(|(owner, _)| owner)
}

pub(super) fn profile(asked: Asked<'_>, wanted: &wire::ExecProfile) -> Result<Nothing, WireError> {
    let made = asked
        .daemon
        .commands_of(asked.session, || profile_of(wanted));
    match made? {
        (_, true) => Ok(Nothing {}),
        (_, false) => {
            let message =
                "set how commands run: the session has one already, or has given commands";
            Err(WireError::invalid("exec.profile-set", message))
        }
    }
}

fn profile_of(wanted: &wire::ExecProfile) -> Result<ExecProfile, WireError> {
    let mut profile = ExecProfile::new();
    if let Some(cwd) = &wanted.cwd {
        let cwd = path(cwd);
        if !cwd.is_absolute() {
            return Err(wish::wrong(
                "directory of a profile",
                &cwd.to_string_lossy(),
            ));
        }
        profile = profile.cwd(cwd);
    }
    if let Some(env) = &wanted.env {
        let variables = env.0.iter().map(|(name, value)| (name, system(value)));
        profile = profile.environment(variables.collect::<Environment>());
    }
    if let Some(shell) = &wanted.shell {
        let known = Shell::new(path(shell));
        let known =
            known.map_err(|error| WireError::params("exec.unknown-shell", error.to_string()));
        profile = profile.shell(known?);
    }
    if let Some(login) = wanted.login {
        profile = profile.allow_login_shell(login);
    }
    if let Some(most) = wanted.max_poll_ms {
        profile = profile.max_poll(Duration::from_millis(most));
    }
    Ok(profile)
}

pub(super) async fn command(
    asked: Asked<'_>,
    wanted: wire::ExecCommand,
) -> Result<ExecAnswer, WireError> {
    let owner = owner(asked)?;
    // Enough to know which it was.
    let cmd: String = wanted.cmd.chars().take(SHOWN).collect();
    let command = command_of(wanted)?;
    let answered = owner.exec_command(command).await;
    let answered = answered.map_err(|error| {
        let text = error.of_exec([cmd]);
        refuse::exec(&error, text)
    });
    Ok(told(asked, &answered?))
}

fn command_of(wanted: wire::ExecCommand) -> Result<ExecCommand, WireError> {
    let mut command = ExecCommand::new(wanted.cmd);
    command.workdir = wanted.workdir.as_ref().map(path);
    command.shell = wanted.shell.as_ref().map(path);
    command.login = wanted.login;
    command.tty = wanted.tty;
    command.yield_time_ms = wanted.yield_time_ms;
    command.max_output_tokens = wanted.max_output_tokens.map(count);
    command.sandbox_permissions = match wanted.sandbox_permissions.as_deref() {
        None => None,
        Some("use_default") => Some(SandboxPermissions::UseDefault),
        Some("require_escalated") => Some(SandboxPermissions::RequireEscalated),
        Some(other) => return Err(wish::wrong("permissions", other)),
    };
    command.justification = wanted.justification;
    command.prefix_rule = wanted.prefix_rule;
    command.timeout_ms = wanted.timeout_ms;
    command.stdin = wanted.stdin;
    command.stdin_open = wanted.stdin_open;
    command.request_key = wanted.request_key;
    command.call_id = wanted.call_id;
    command.purpose = wanted.purpose;
    command.until = pattern(wanted.until.as_ref())?;
    command.lifetime = wanted.lifetime.map(wish::lifetime);
    Ok(command)
}

pub(super) async fn write(
    asked: Asked<'_>,
    wanted: wire::ExecWrite,
) -> Result<ExecAnswer, WireError> {
    let mut write = WriteStdin::new(wanted.session_id, wanted.chars);
    write.yield_time_ms = wanted.yield_time_ms;
    write.max_output_tokens = wanted.max_output_tokens.map(count);
    write.close_stdin = wanted.close_stdin;
    write.write_id = wanted.write_id;
    write.until = pattern(wanted.until.as_ref())?;
    let answered = owner(asked)?.write_stdin(write).await;
    let answered = answered.map_err(|error| refuse::exec(&error, error.of_write()));
    Ok(told(asked, &answered?))
}

/// The name of a process in the book, which takes it in if it has not yet.
fn name(asked: Asked<'_>, handle: ProcessHandle) -> Option<String> {
    let (daemon, session) = (asked.daemon, asked.session);
    daemon.adopt(session, handle);
    daemon.book(|book| book.entry(handle).map(|entry| entry.name.clone()))
}

fn leader(leader: Leader) -> &'static str {
    match leader {
        Leader::Starting => "starting",
        Leader::Running => "running",
        Leader::Exited => "exited",
    }
}

fn told(asked: Asked<'_>, response: &ExecResponse) -> ExecAnswer {
    ExecAnswer {
        chunk_id: response.chunk_id.to_string(),
        call_id: response.call_id.clone(),
        process_id: response.handle.and_then(|handle| name(asked, handle)),
        wall_time_ms: response.wall_time.as_secs_f64() * 1000.0,
        exit_code: response.exit_code,
        session_id: response.session_id,
        original_token_count: response.original_token_count(),
        output: response.output_as_wanted().into_owned(),
        text: response.text_with_facts(),
        ended: response.ended.map(|end| wire::ExecEnded {
            cause: end.cause.word().to_owned(),
            at_ms: end.at.map(at_ms),
        }),
        leader: leader(response.state.leader).to_owned(),
        output_open: response.state.output_open,
        tree: response.state.tree.map(|members| members as u64),
        output_holders: held_by(response.output_holders.clone()),
        wait_requested_ms: response.wait.requested_ms,
        wait_applied_ms: ms(response.wait.applied),
        capped: response.wait.is_capped(),
        matched: response.matched,
        omitted_bytes: response.omitted_bytes,
        notices: response.notices.clone(),
    }
}

pub(super) fn list(asked: Asked<'_>) -> Result<ExecListed, WireError> {
    let Some(owner) = asked.session.commands() else {
        return Ok(ExecListed {
            sessions: Vec::new(),
        });
    };
    let listed = owner.list_sessions();
    let listed = listed.map_err(|error| refuse::exec(&error, error.to_string()))?;
    let sessions = listed
        .into_iter()
        .map(|info| session(asked, info))
        .collect();
    Ok(ExecListed { sessions })
}

fn session(asked: Asked<'_>, info: SessionInfo) -> wire::ExecSession {
    wire::ExecSession {
        session_id: info.session_id,
        process_id: info.handle.and_then(|handle| name(asked, handle)),
        call_id: info.call_id,
        cmd: info.command,
        cwd: word(info.cwd.as_os_str()),
        purpose: info.purpose,
        tty: info.tty,
        started_at_ms: at_ms(info.started),
        age_ms: ms(info.age),
        last_output_at_ms: info.last_output.map(at_ms),
    }
}

pub(super) async fn stop(
    asked: Asked<'_>,
    wanted: &wire::ExecStop,
) -> Result<ExecStopped, WireError> {
    let stopped = owner(asked)?.stop_session(wanted.session_id).await;
    let refused = |error: ExecError| refuse::exec(&error, error.to_string());
    let stopped = stopped.map_err(refused)?;
    let receipt = stopped.receipt.and_then(|receipt| {
        asked.daemon.adopt(asked.session, receipt.handle);
        asked.daemon.note_receipt(receipt.handle, &receipt)
    });
    Ok(ExecStopped {
        session_id: stopped.session_id,
        was_running: stopped.was_running,
        receipt,
    })
}

//! `exec_command`: from its arguments to its answer.
//!
//! What must stay true: everything that can be refused is refused before anything is reserved; from
//! then on a call that is given up leaves either nothing or a session with a number; the wait holds
//! whatever the start does.

use super::answer::{Asking, ExecResponse};
use super::approve::{ApprovalRequest, Decision};
use super::collect::{Gathered, Window, collect};
use super::command::{ExecCommand, SandboxPermissions};
use super::error::ExecError;
use super::live::{Feed, Launch, live};
use super::session::{About, ExecSession, OUTPUT_BYTES, Phase};
use super::sessions::Sessions;
use super::store::Opened;
use super::waits::Wait;
use crate::config::{Output, ProcessConfig, Stdin};
use crate::output::{Capture, Pattern};
use crate::owner::OwnerId;
use crate::session::WRITE_BYTES;
use std::pin::Pin;
use std::sync::Arc;

/// The longest key of a request, in bytes.
const KEY_BYTES: usize = 256;

/// The longest purpose, in bytes.
const PURPOSE_BYTES: usize = 1024;

/// Starts processes for sessions.
pub(crate) trait Launcher: Send + Sync {
    /// A start that goes on by itself once it is polled, and is undone where it is dropped.
    fn launch(&self, config: ProcessConfig, owner: OwnerId) -> Launch;

    /// Runs the task of a session.
    fn spawn(&self, task: Pin<Box<dyn Future<Output = ()> + Send>>);
}

/// A command that can be started.
struct Plan {
    about: About,
    config: ProcessConfig,
    feed: Option<Feed>,
    asking: Asking,
    until: Option<Pattern>,
}

fn check_size(argument: &'static str, text: Option<&str>, limit: usize) -> Result<(), ExecError> {
    let bytes = text.map_or(0, str::len);
    if bytes > limit {
        return Err(ExecError::Argument {
            argument,
            bytes,
            limit,
        });
    }
    Ok(())
}

impl Plan {
    /// Finds out everything that can be wrong before anything is done.
    fn of(sessions: &Sessions, command: &ExecCommand) -> Result<Plan, ExecError> {
        let profile = &sessions.profile;
        if command.justification.is_some() && command.sandbox_permissions.is_none() {
            return Err(ExecError::Justification);
        }
        check_size("request_key", command.request_key.as_deref(), KEY_BYTES)?;
        check_size("call_id", command.call_id.as_deref(), KEY_BYTES)?;
        check_size("purpose", command.purpose.as_deref(), PURPOSE_BYTES)?;
        check_size("stdin", command.stdin.as_deref(), WRITE_BYTES)?;
        let argv = profile.argv(command)?;
        let escalated = command.sandbox_permissions == Some(SandboxPermissions::RequireEscalated);
        if escalated && profile.approver.is_none() {
            return Err(ExecError::Escalation);
        }
        let cwd = profile.directory(command);
        let (config, feed) = streams(sessions, command, &argv);
        Ok(Plan {
            about: About {
                call_id: command.call_id.clone().unwrap_or_default(),
                command: argv,
                text: command.cmd.clone(),
                cwd,
                tty: command.tty,
                writable: command.tty || command.stdin_open,
                purpose: command.purpose.clone(),
                request_key: command.request_key.clone(),
            },
            config,
            feed,
            asking: Asking {
                wait: Wait::of_exec(command.yield_time_ms),
                max_output_tokens: command.max_output_tokens,
                model: profile.model,
            },
            until: command.until.clone(),
        })
    }
}

/// A terminal, a pipe that stays open, a pipe that ends behind its text, or nothing to read from.
fn streams(
    sessions: &Sessions,
    command: &ExecCommand,
    argv: &[String],
) -> (ProcessConfig, Option<Feed>) {
    let mut config = sessions.profile.config(command, argv);
    config = config.capture(Capture::default().keep(OUTPUT_BYTES).tapped(OUTPUT_BYTES));
    if let Some(purpose) = &command.purpose {
        config = config.purpose(purpose.as_str());
    }
    if !command.tty {
        config = config.stdout(Output::Captured).stderr(Output::Captured);
    }
    let piped = command.stdin.is_some() || command.stdin_open;
    if piped && !command.tty {
        config = config.stdin(Stdin::Written);
    }
    let ends = !command.tty && !command.stdin_open;
    let feed = command.stdin.clone().map(|text| Feed { text, ends });
    (config.build(), feed)
}

/// Starts a command and waits for it.
pub(crate) async fn exec_command(
    sessions: &Arc<Sessions>,
    launcher: &dyn Launcher,
    command: ExecCommand,
) -> Result<ExecResponse, ExecError> {
    let plan = Plan::of(sessions, &command)?;
    let session = match sessions.open(plan.about.clone())? {
        Opened::New(session) => session,
        Opened::Before(id) => {
            return super::poll::join(sessions, id, plan.asking, plan.until).await;
        }
        // Both are errors of `open`.
        Opened::Full | Opened::NoId => return Err(ExecError::NoId),
    };
    let started = Started {
        sessions,
        session: &session,
    };
    // Nobody else knows the session yet, and who finds it waits until this call is done.
    let turn = session.turn.lock().await;
    approve(&started, &command).await?;
    let mut window = Window::new(plan.asking.wait.applied, &sessions.pauses);
    session.tell(|| session.begin_event());
    session.set_phase(Phase::Launching);
    let launch = launcher.launch(plan.config, sessions.owner.clone());
    let task = live(Arc::clone(&session), launch, plan.feed);
    launcher.spawn(Box::pin(task));
    let gathered = gather(&session, &mut window, plan.until).await;
    let answer = super::poll::conclude(sessions, &session, (gathered, &window), plan.asking).await;
    drop(turn);
    super::poll::told(&session, answer).await
}

/// Waits for the start, then for output and the end, all within the window.
pub(super) async fn gather(
    session: &ExecSession,
    window: &mut Window,
    until: Option<Pattern>,
) -> Option<Gathered> {
    let begun = |phase: &Phase| matches!(phase, Phase::Up(_) | Phase::Failed(_));
    let phase = window.bound(session.reach(begun)).await?;
    let Phase::Up(entry) = phase else { return None };
    let captured = entry.output.as_ref()?;
    let source = (captured, entry.seen.clone());
    Some(collect(source, window, until, OUTPUT_BYTES).await)
}

/// A start under way: where its call is given up before anything runs, nothing of it stays.
struct Started<'s> {
    sessions: &'s Arc<Sessions>,
    session: &'s Arc<ExecSession>,
}

impl Drop for Started<'_> {
    fn drop(&mut self) {
        if matches!(self.session.phase(), Phase::Approving) {
            let reason = "the call that asked for it was given up".to_owned();
            self.refuse(ExecError::Declined { reason });
        }
        self.session.initial_over();
    }
}

impl Started<'_> {
    /// Nothing runs: tells begin and end, and gives the number back.
    fn refuse(&self, error: ExecError) {
        let session = self.session;
        session.tell(|| session.begin_event());
        session.set_phase(Phase::Failed(error));
        session.tell(|| session.end_event());
        session.set_ended();
        self.sessions.release(session);
    }
}

/// Asks whoever has to be asked.
async fn approve(started: &Started<'_>, command: &ExecCommand) -> Result<(), ExecError> {
    let (sessions, session) = (started.sessions, started.session);
    if let Some(approver) = &sessions.profile.approver {
        let request = ApprovalRequest {
            call_id: session.about.call_id.clone(),
            session_id: session.id,
            command: session.about.command.clone(),
            cwd: session.about.cwd.clone(),
            tty: session.about.tty,
            sandbox_permissions: command.sandbox_permissions.unwrap_or_default(),
            justification: command.justification.clone(),
            prefix_rule: command.prefix_rule.clone(),
            pauses: sessions.pauses.clone(),
        };
        if let Decision::Deny { reason } = approver.command(request).await {
            let error = ExecError::Declined { reason };
            started.refuse(error.clone());
            return Err(error);
        }
    }
    // While somebody was asked, all may have been ended or moved.
    if session.asked().wanted.is_some() || !sessions.is(session) {
        started.refuse(ExecError::StoppedBefore);
        return Err(ExecError::StoppedBefore);
    }
    Ok(())
}

#[cfg(test)]
mod tests;

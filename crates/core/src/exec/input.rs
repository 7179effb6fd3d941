//! Writing to a session.
//!
//! Rules of unified-exec 3.7: a terminal and an open pipe take what is written; exactly U+0003 is an
//! interrupt everywhere. What must stay true: no write holds a call up beyond its window; what was not
//! taken is said to the byte; one that has ended meanwhile is no error, it is polled.

use super::clock::timeout;
use super::collect::Window;
use super::command::WriteStdin;
use super::error::ExecError;
use super::poll::interacted;
use super::session::{ExecSession, Phase, is_over};
use crate::manager::registry::Entry;
use crate::process::SignalError;
use crate::process::task::Wish;
use crate::session::{SessionError, Stopped, WriteOptions, Written};
use handfast_reaper::wire::Scope;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// What interrupts.
pub(super) const INTERRUPT: &str = "\u{3}";

/// How long a program is given to react before its output is looked at.
pub(super) const REACTION: Duration = Duration::from_millis(100);

/// How long a process whose input is closed may take to be known to have ended.
const ENDING: Duration = Duration::from_millis(100);

const SIGINT: i32 = 2;

/// Writes what is to be written; answers whether anything was.
pub(super) async fn put(
    session: &ExecSession,
    write: &WriteStdin,
    window: &mut Window,
) -> Result<bool, ExecError> {
    if write.is_poll() {
        return Ok(false);
    }
    let begun = |phase: &Phase| matches!(phase, Phase::Up(_) | Phase::Failed(_));
    let entry = match window.bound(session.reach(begun)).await {
        Some(Phase::Up(entry)) => entry,
        None => return Err(short(session, write, 0, "it is still being started")),
        Some(_) => return Ok(false),
    };
    if session.is_exited() {
        return Ok(false);
    }
    if write.chars == INTERRUPT {
        interrupt(session, (&entry, write), window).await?;
    } else if !write.chars.is_empty() {
        if !session.about.writable {
            let session_id = session.id;
            return Err(ExecError::StdinClosed { session_id });
        }
        text(session, (&entry, write), window).await?;
    }
    if write.close_stdin {
        close(session, (&entry, write), window).await?;
    }
    Ok(true)
}

/// Lets the program react; one that ends is not waited for.
pub(super) async fn react(session: &ExecSession) {
    over_within(session, REACTION).await;
}

/// Whether it has ended, or does so within this time.
async fn over_within(session: &ExecSession, time: Duration) -> bool {
    let Some(entry) = session.entry() else {
        return session.is_exited();
    };
    let mut seen = entry.seen.clone();
    // An error is the end of its task, and so of the process.
    timeout(time, seen.wait_for(is_over)).await.is_some()
}

fn short(session: &ExecSession, write: &WriteStdin, taken: usize, reason: &str) -> ExecError {
    ExecError::WriteToStdin {
        session_id: session.id,
        reason: reason.to_owned(),
        taken,
        bytes: write.chars.len(),
    }
}

/// Interrupts the foreground of a terminal, or the group of a process without one.
async fn interrupt(
    session: &ExecSession,
    (entry, write): (&Arc<Entry>, &WriteStdin),
    window: &mut Window,
) -> Result<(), ExecError> {
    session.interrupted();
    if session.about.tty {
        let done = entry.session.as_ref().map(|input| input.interrupt());
        return match done {
            Some(Ok(true)) => Ok(()),
            // It takes all keys itself, or the terminal is closed: then that is found out by writing.
            _ => text(session, (entry, write), window).await,
        };
    }
    let (done, answer) = oneshot::channel();
    let wish = Wish::Signal {
        signal: SIGINT,
        scope: Scope::Group,
        done,
    };
    // A task that is gone drops its end: the process is over then.
    let _ = entry.wishes.send(wish);
    match window.bound(answer).await {
        Some(Ok(Ok(_)) | Ok(Err(SignalError::Over { .. })) | Err(_)) => Ok(()),
        Some(Ok(Err(error))) => Err(short(session, write, 0, &error.to_string())),
        None => Err(short(
            session,
            write,
            0,
            "the interrupt was not answered in time",
        )),
    }
}

async fn text(
    session: &ExecSession,
    (entry, write): (&Arc<Entry>, &WriteStdin),
    window: &mut Window,
) -> Result<(), ExecError> {
    let Some(input) = &entry.session else {
        let session_id = session.id;
        return Err(ExecError::StdinClosed { session_id });
    };
    let options = WriteOptions {
        deadline: window.left(),
        write_id: write.write_id.clone(),
    };
    let written = input.write(write.chars.clone().into_bytes(), options).await;
    let (taken, reason) = match written {
        Ok(Written { stopped: None, .. }) => return Ok(()),
        Ok(Written { taken, stopped, .. }) => (taken, why(stopped)),
        Err(refusal) => {
            let error = SessionError::of(entry.record.handle, session.is_exited(), refusal);
            (0, error.to_string())
        }
    };
    if over_within(session, ENDING).await {
        return Ok(());
    }
    if let Some(part) = write
        .chars
        .as_bytes()
        .get(..taken)
        .filter(|part| !part.is_empty())
    {
        interacted(session, &String::from_utf8_lossy(part));
    }
    Err(short(session, write, taken, &reason))
}

fn why(stopped: Option<Stopped>) -> String {
    match stopped {
        Some(Stopped::LineTooLong(line)) => line.to_string(),
        Some(Stopped::Closed) => "nobody has the input open any more".to_owned(),
        Some(Stopped::Deadline) | None => "the command does not read its input".to_owned(),
    }
}

async fn close(
    session: &ExecSession,
    (entry, write): (&Arc<Entry>, &WriteStdin),
    window: &Window,
) -> Result<(), ExecError> {
    let Some(input) = &entry.session else {
        // There is none: it is as closed as can be.
        return Ok(());
    };
    let Err(refusal) = input.close(window.left()).await else {
        return Ok(());
    };
    let error = SessionError::of(entry.record.handle, session.is_exited(), refusal);
    if over_within(session, ENDING).await {
        return Ok(());
    }
    let taken = write.chars.len();
    Err(short(session, write, taken, &error.to_string()))
}

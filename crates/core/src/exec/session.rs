//! One session: a command, its process once it runs, and who may wait on it.
//!
//! Shared by the calls that wait on it, its task, and its store. What must stay true: of all reasons to
//! end it and of all failures the first one counts; whoever takes its turn is alone with its input and
//! its poll buffer; facts about its process are asked of the process and not kept here a second time.

use super::cause::{EndCause, exit_code};
use super::clock::{now, point};
use super::error::ExecError;
use super::sessions::Home;
use crate::manager::registry::Entry;
use crate::output::Captured;
use crate::process::ProcessHandle;
use crate::process::seen::Seen;
use crate::process::task::Wish;
use crate::process::{Cause, Receipt};
use handfast_sys::child::Exit;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

/// How much output one call answers with, and how much waits for the next one: 1 MiB.
pub const OUTPUT_BYTES: usize = 1024 * 1024;

/// What does not change about a session.
#[derive(Debug, Clone)]
pub(super) struct About {
    pub(super) call_id: String,
    /// The argv, the shell first.
    pub(super) command: Vec<String>,
    /// The text that was given.
    pub(super) text: String,
    pub(super) cwd: PathBuf,
    pub(super) tty: bool,
    /// It has an input to write to.
    pub(super) writable: bool,
    pub(super) purpose: Option<String>,
    pub(super) request_key: Option<String>,
}

/// How far a session has come.
#[derive(Debug, Clone)]
pub(super) enum Phase {
    /// Somebody is asked whether it may run.
    Approving,
    /// It is being started.
    Launching,
    /// It was.
    Up(Arc<Entry>),
    /// It was not.
    Failed(ExecError),
}

/// Why somebody wants it to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Stop,
    Kill,
    Prune,
    EndAll,
    Denied,
}

impl Wanted {
    pub(super) const fn cause(self) -> EndCause {
        match self {
            Wanted::Stop => EndCause::Stop,
            Wanted::Kill => EndCause::Kill,
            Wanted::Prune => EndCause::Prune,
            Wanted::EndAll => EndCause::EndAll,
            Wanted::Denied => EndCause::Denied,
        }
    }

    const fn grace(self) -> Option<Duration> {
        match self {
            Wanted::Stop => None,
            Wanted::Kill | Wanted::Prune | Wanted::EndAll | Wanted::Denied => Some(Duration::ZERO),
        }
    }
}

/// What was asked of it by others.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub(super) wanted: Option<Wanted>,
    /// What was denied: the first message counts.
    pub(super) failure: Option<String>,
    pub(super) interrupted: bool,
}

/// Whether the process has ended, whoever of its tree is left.
pub(super) fn is_over(seen: &Seen) -> bool {
    seen.leader.is_some() || seen.is_over()
}

/// One session.
#[derive(Debug)]
pub(crate) struct ExecSession {
    pub(super) id: i32,
    pub(super) about: About,
    pub(super) begun: Instant,
    pub(super) begun_at: SystemTime,
    pub(super) launched: OnceLock<Instant>,
    phase: watch::Sender<Phase>,
    asked: watch::Sender<Asked>,
    /// Where its events go and its tombstone will lie; nowhere while it is moved.
    pub(super) home: watch::Sender<Option<Home>>,
    /// Its end was told.
    ended: watch::Sender<bool>,
    /// Its tombstone is being made or was.
    settled: AtomicBool,
    /// Held by the one call that writes to it or takes its output.
    pub(super) turn: Arc<tokio::sync::Mutex<()>>,
    /// The call that started it still waits.
    initial: AtomicBool,
    /// What its first answer is to say besides.
    notices: Mutex<Vec<String>>,
}

impl ExecSession {
    pub(super) fn new(id: i32, about: About, home: Home) -> ExecSession {
        ExecSession {
            id,
            about,
            begun: now(),
            begun_at: SystemTime::now(),
            launched: OnceLock::new(),
            phase: watch::Sender::new(Phase::Approving),
            asked: watch::Sender::new(Asked::default()),
            home: watch::Sender::new(Some(home)),
            ended: watch::Sender::new(false),
            settled: AtomicBool::new(false),
            turn: Arc::default(),
            initial: AtomicBool::new(true),
            notices: Mutex::default(),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase.borrow().clone()
    }

    /// It has come further. What has failed stays so.
    pub(super) fn set_phase(&self, phase: Phase) {
        if matches!(phase, Phase::Launching) {
            self.launched.get_or_init(now);
        }
        point();
        self.phase.send_if_modified(|before| {
            let open = !matches!(before, Phase::Failed(_));
            if open {
                if let Phase::Up(entry) = &phase {
                    // Before anybody can see that it runs: who does may move it.
                    entry.launched();
                }
                *before = phase;
            }
            open
        });
    }

    /// Waits until it is as far as is wanted.
    pub(super) async fn reach(&self, wanted: impl Fn(&Phase) -> bool) -> Phase {
        let mut phase = self.phase.subscribe();
        let reached = phase.wait_for(|phase| wanted(phase)).await;
        // The sender is our own.
        reached.map_or_else(|_| self.phase(), |phase| phase.clone())
    }

    pub(super) fn entry(&self) -> Option<Arc<Entry>> {
        match &*self.phase.borrow() {
            Phase::Up(entry) => Some(Arc::clone(entry)),
            Phase::Approving | Phase::Launching | Phase::Failed(_) => None,
        }
    }

    pub(super) fn handle(&self) -> Option<ProcessHandle> {
        self.entry().map(|entry| entry.record.handle)
    }

    pub(super) fn captured(&self) -> Option<Captured> {
        self.entry().and_then(|entry| entry.output.clone())
    }

    /// Whether its command has ended or was never started.
    pub(super) fn is_exited(&self) -> bool {
        match &*self.phase.borrow() {
            Phase::Up(entry) => is_over(&entry.seen.borrow()),
            Phase::Failed(_) => true,
            Phase::Approving | Phase::Launching => false,
        }
    }

    /// Whether somebody waits on it.
    pub(super) fn is_locked(&self) -> bool {
        self.turn.try_lock().is_err()
    }

    pub(super) fn is_initial(&self) -> bool {
        self.initial.load(Ordering::Acquire)
    }

    /// The call that started it waits no more.
    pub(super) fn initial_over(&self) {
        self.initial.store(false, Ordering::Release);
    }

    pub(super) fn asked(&self) -> Asked {
        self.asked.borrow().clone()
    }

    pub(super) fn watch_asked(&self) -> watch::Receiver<Asked> {
        self.asked.subscribe()
    }

    pub(super) fn interrupted(&self) {
        self.asked.send_modify(|asked| asked.interrupted = true);
    }

    /// Denies it something: the first message counts. Answers whether it was the first, and in time.
    pub(super) fn fail(&self, message: &str) -> bool {
        if *self.ended.borrow() {
            return false;
        }
        self.asked.send_if_modified(|asked| {
            let first = asked.failure.is_none();
            if first {
                asked.failure = Some(message.to_owned());
            }
            first
        })
    }

    /// Wants it to end, and answers who tells when it has; nobody where it does not run.
    pub(super) fn want_end(&self, wanted: Wanted) -> Option<oneshot::Receiver<Receipt>> {
        // First noted, then sent: while it is being started, its task looks at what was noted.
        self.asked.send_modify(|asked| {
            asked.wanted.get_or_insert(wanted);
        });
        point();
        self.entry().map(|entry| send_end(&entry, wanted))
    }

    pub(super) fn notice(&self, text: String) {
        lock(&self.notices).push(text);
    }

    pub(super) fn take_notices(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.notices))
    }

    /// How it ended, once it has.
    pub(super) fn end(&self) -> Option<SessionEnd> {
        let entry = match self.phase() {
            Phase::Approving | Phase::Launching => return None,
            Phase::Failed(_) => {
                return Some(SessionEnd {
                    exit_code: None,
                    cause: EndCause::NotStarted,
                    at: None,
                });
            }
            Phase::Up(entry) => entry,
        };
        let seen = entry.seen.borrow();
        let asked = self.asked();
        let lost = || SessionEnd {
            exit_code: None,
            cause: EndCause::Unknown,
            at: None,
        };
        let Some(leader) = seen.leader else {
            return seen.is_over().then(lost);
        };
        Some(SessionEnd {
            exit_code: exit_code(leader.exit).filter(|_| leader.exit != Exit::Unknown),
            cause: EndCause::of(leader, asked.wanted, asked.interrupted),
            at: (leader.at != SystemTime::UNIX_EPOCH).then_some(leader.at),
        })
    }

    /// What a call on it is answered where that is an error: it never ran, or it was denied something.
    pub(super) fn error(&self) -> Option<ExecError> {
        if let Phase::Failed(error) = self.phase() {
            return Some(error);
        }
        let message = self.asked().failure?;
        Some(ExecError::ProcessFailed {
            session_id: self.id,
            message,
        })
    }

    /// Its end was told.
    pub(super) fn set_ended(&self) {
        self.ended.send_replace(true);
    }

    /// Whether its end was told.
    pub(super) fn is_ended(&self) -> bool {
        *self.ended.borrow()
    }

    /// Whether its end was told and nobody has made its tombstone yet; the next one who asks is told
    /// that somebody has.
    pub(super) fn settles(&self) -> bool {
        self.is_ended() && !self.settled.swap(true, Ordering::AcqRel)
    }

    /// Waits until its end was told.
    pub(super) async fn ended(&self) {
        // The sender is our own.
        let _ = self
            .ended
            .subscribe()
            .wait_for(|ended| *ended)
            .await
            .is_ok();
    }
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionEnd {
    /// Its code, with 128 added to the number of a signal; none where the system could not say.
    pub exit_code: Option<i32>,
    /// Why it ended.
    pub cause: EndCause,
    /// When; none where that is not known.
    pub at: Option<SystemTime>,
}

/// Ends the tree of a process.
pub(super) fn send_end(entry: &Entry, wanted: Wanted) -> oneshot::Receiver<Receipt> {
    let (done, answer) = oneshot::channel();
    let cause = match wanted {
        Wanted::Stop => Cause::Stop,
        Wanted::Kill | Wanted::Prune | Wanted::EndAll | Wanted::Denied => Cause::Kill,
    };
    // A task that is gone drops its end: the process is over then.
    let _ = entry.wishes.send(Wish::Stop {
        grace: wanted.grace(),
        cause,
        done: Some(done),
    });
    answer
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing under these locks panics half-way through a change.
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Sessions: on whose behalf a connection acts, what it follows, and what ends with it.
//!
//! A session is attached to one connection, or to none while it may be resumed. What must stay true: a
//! session has one connection at the most; when it ends everything that is bound to it ends.

use super::book::SessionNumber;
use super::connection::Outbox;
use crate::tokens::{Authority, TokenHash};
use handfast::ProcessHandle;
use handfast::owner::Owner;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;

/// How many answers of one session that may be large are made before one of them is written.
const LARGE: usize = 4;

/// What a session follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Followed {
    /// The output and the end of a process.
    Process(ProcessHandle),
    /// The changes of all, as they come.
    Changes,
    /// What happens to all, with numbers.
    Events,
}

impl From<Option<ProcessHandle>> for Followed {
    fn from(handle: Option<ProcessHandle>) -> Followed {
        handle.map_or(Followed::Changes, Followed::Process)
    }
}

/// A task that tells the session's client of something.
#[derive(Debug)]
struct Follow {
    /// Up to which number the client was told.
    told: Arc<AtomicU64>,
    task: Option<AbortHandle>,
}

impl Follow {
    fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

#[derive(Debug, Default)]
struct State {
    outbox: Option<Outbox>,
    commands: Option<Owner>,
    /// Counts the connections that it has had.
    connection: u64,
    follows: HashMap<Followed, Follow>,
}

/// One session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) number: SessionNumber,
    /// Of the secret that is needed to resume it.
    pub(crate) secret: TokenHash,
    pub(crate) authority: Authority,
    /// Its owner is gone with it.
    pub(crate) is_own: bool,
    /// For how long it may be resumed.
    pub(crate) resume: Duration,
    /// Turns for answers that may be large.
    pub(crate) large: Arc<Semaphore>,
    state: Mutex<State>,
}

impl Session {
    pub(crate) fn new(
        number: SessionNumber,
        secret: TokenHash,
        (authority, is_own): (Authority, bool),
        resume: Duration,
    ) -> Session {
        Session {
            number,
            secret,
            authority,
            is_own,
            resume,
            large: Arc::new(Semaphore::new(LARGE)),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock panics half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To whom its commands belong in the library, once it has given any.
    pub(crate) fn commands(&self) -> Option<Owner> {
        self.state().commands.clone()
    }

    /// The same; made now where there is none. Answers whether it was.
    pub(crate) fn commands_or<E>(
        &self,
        make: impl FnOnce() -> Result<Owner, E>,
    ) -> Result<(Owner, bool), E> {
        let mut state = self.state();
        if let Some(owner) = &state.commands {
            return Ok((owner.clone(), false));
        }
        let owner = make()?;
        state.commands = Some(owner.clone());
        Ok((owner, true))
    }

    /// Gives the session to a connection; `None` where it has one.
    pub(crate) fn attach(&self, outbox: &Outbox) -> Option<u64> {
        let mut state = self.state();
        if state.outbox.is_some() {
            return None;
        }
        state.outbox = Some(outbox.clone());
        state.connection += 1;
        Some(state.connection)
    }

    /// Takes it from its connection.
    pub(crate) fn detach(&self) {
        let mut state = self.state();
        state.outbox = None;
        state.follows.values_mut().for_each(Follow::stop);
    }

    /// Whether it still has no connection since this one ended.
    pub(crate) fn is_left_since(&self, connection: u64) -> bool {
        let state = self.state();
        state.outbox.is_none() && state.connection == connection
    }

    /// Which of its connections was the last.
    pub(crate) fn connection(&self) -> u64 {
        self.state().connection
    }

    /// The way to its client, if it has one.
    pub(crate) fn outbox(&self) -> Option<Outbox> {
        self.state().outbox.clone()
    }

    /// Follows something, instead of what followed it before. `begin` begins to tell, from what was told on.
    pub(crate) fn follow(
        &self,
        what: Followed,
        after: u64,
        begin: impl FnOnce(Outbox, Arc<AtomicU64>) -> AbortHandle,
    ) {
        let mut state = self.state();
        let told = Arc::new(AtomicU64::new(after));
        let outbox = state.outbox.clone();
        let task = outbox.map(|outbox| begin(outbox, Arc::clone(&told)));
        if let Some(mut old) = state.follows.insert(what, Follow { told, task }) {
            old.stop();
        }
    }

    /// Follows it no more.
    pub(crate) fn unfollow(&self, what: Followed) {
        if let Some(mut follow) = self.state().follows.remove(&what) {
            follow.stop();
        }
    }

    /// Forgets what was followed to its end, unless it is followed anew.
    pub(crate) fn followed_to_the_end(&self, what: Followed, told: &Arc<AtomicU64>) {
        let mut state = self.state();
        let is_same = |follow: &Follow| Arc::ptr_eq(&follow.told, told);
        if state.follows.get(&what).is_some_and(is_same) {
            state.follows.remove(&what);
        }
    }

    /// What it follows, and up to where it was told.
    pub(crate) fn followed(&self) -> Vec<(Followed, u64)> {
        let state = self.state();
        let told = |follow: &Follow| follow.told.load(Ordering::Acquire);
        let follows = state.follows.iter();
        follows
            .map(|(what, follow)| (*what, told(follow)))
            .collect()
    }
}

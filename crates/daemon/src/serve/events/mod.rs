//! What has happened, with numbers, for whoever comes later: the last events of all processes.
//!
//! What must stay true: numbers have no gap that is not counted; a session is told only of processes that
//! it may see, and a gap tells it nothing about others.

mod log;

pub(crate) use log::{Event, EventLog};

use super::book::Entry;
use super::connection::{Gone, Outbox};
use super::session::Session;
use super::{Daemon, describe};
use crate::wire::{EventNote, Note, notification_line};
use handfast::ProcessHandle;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::watch;
use tokio::time::timeout;

/// How many are sent before others have their turn.
const PIECE: usize = 64;

/// The events of a daemon.
#[derive(Debug)]
pub(super) struct Happened {
    log: Mutex<EventLog>,
    last: watch::Sender<u64>,
}

impl Default for Happened {
    fn default() -> Happened {
        Happened {
            log: Mutex::default(),
            last: watch::Sender::new(0),
        }
    }
}

impl Happened {
    fn change<T>(&self, work: impl FnOnce(&mut EventLog) -> T) -> T {
        // Nothing under this lock panics half-way through a change.
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let done = work(&mut log);
        let last = log.last();
        drop(log);
        self.last.send_if_modified(|now| {
            let is_news = *now < last;
            *now = last.max(*now);
            is_news
        });
        done
    }

    /// So many have happened that nobody could follow.
    pub(super) fn missed(&self, count: u64) {
        self.change(|log| log.missed(count));
    }

    pub(super) fn last(&self) -> u64 {
        *self.last.borrow()
    }

    /// Those after a number that may be seen; the number to go on after; how many are not kept.
    pub(super) fn read(
        &self,
        after: u64,
        limit: usize,
        is_seen: impl Fn(&Event) -> bool,
    ) -> (Vec<Event>, u64, u64) {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.read(after, limit, is_seen)
    }

    /// Waits until there is one after a number, for so long at the most.
    pub(super) async fn news(&self, after: u64, within: Duration) {
        let mut last = self.last.subscribe();
        // Either way the caller looks for itself.
        let _ = timeout(within, last.wait_for(|last| *last > after)).await;
    }
}

impl Daemon {
    /// Notes what has happened to a process, unless it is the same as what happened last.
    pub(super) fn happened(&self, handle: ProcessHandle, word: &str) {
        let Ok(info) = self.manager().info(handle) else {
            return;
        };
        let label = info.config.name().map(str::to_owned);
        let status = |entry: &Entry| describe::status(&info.status, entry.ended_as);
        let event = self.book(|book| {
            let entry = book.entry_mut(handle)?;
            if entry.last_word == word {
                return None;
            }
            word.clone_into(&mut entry.last_word);
            Some(Event {
                seq: 0,
                at_ms: describe::at_ms(SystemTime::now()),
                handle,
                name: entry.name.clone(),
                owner: entry.owner.clone(),
                label,
                word: word.to_owned(),
                status: status(entry),
            })
        });
        if let Some(event) = event {
            self.keep_event_numbers(self.0.happened.last() + 1);
            self.0.happened.change(|log| log.push(event));
        }
    }
}

pub(super) fn note(event: Event) -> EventNote {
    EventNote {
        seq: event.seq,
        at_ms: event.at_ms,
        process_id: event.name,
        handle: event.handle.to_string(),
        owner: event.owner.to_string(),
        name: event.label,
        word: event.word,
        status: event.status,
    }
}

/// Tells a session of everything after a number that it may see, at its own pace.
pub(super) async fn tell(
    daemon: Daemon,
    session: Arc<Session>,
    outbox: Outbox,
    told: Arc<AtomicU64>,
) -> Result<(), Gone> {
    let happened = &daemon.0.happened;
    loop {
        let after = told.load(Ordering::Acquire);
        happened.news(after, Duration::MAX).await;
        if !daemon.is_good(&session) {
            return Ok(());
        }
        let is_seen = |event: &Event| session.authority.covers(&event.owner);
        let (events, last, _) = happened.read(after, PIECE, is_seen);
        for event in events {
            let seq = event.seq;
            let line = notification_line(EventNote::NAME, &note(event));
            outbox.send(line).await?;
            told.store(seq, Ordering::Release);
        }
        told.fetch_max(last, Ordering::AcqRel);
    }
}

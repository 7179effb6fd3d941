//! A store between those who write into it and those who read it.
//!
//! One lock, held while bytes are copied and never across an `.await`. What must stay true: a
//! reader is woken by every byte and by the end of every stream that comes after it looked; a
//! writer waits for readers only while somebody holds the output back by name.

use super::counts::Counts;
use super::hold::Held;
use super::status::{OutputStatus, ReadFault};
use super::store::Store;
use crate::config::Stream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::Notify;
use tokio::time::Instant;

/// What the lock is for.
#[derive(Debug)]
pub(super) struct State {
    pub(super) store: Store,
    pub(super) held: Vec<Held>,
    pub(super) next_hold: u64,
    pub(super) faults: Vec<ReadFault>,
}

impl State {
    /// How much may be pushed for the sake of those who hold the output back.
    pub(super) fn room(&self) -> usize {
        let held = self.held.iter().map(|held| held.consumed).min();
        self.store.room(held.unwrap_or(u64::MAX))
    }
}

/// A store and how to wait for it.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// Bytes came, or a stream ended.
    changed: Notify,
    /// Somebody who holds the output back has read on, or holds it no more.
    freed: Notify,
    /// How many hold it back: looked at before each read without taking the lock.
    holding: AtomicUsize,
    began: Instant,
    pub(super) began_at: SystemTime,
}

impl Shared {
    pub(super) fn new(keep: usize) -> Shared {
        let state = State {
            store: Store::new(keep),
            held: Vec::new(),
            next_hold: 0,
            faults: Vec::new(),
        };
        Shared {
            state: Mutex::new(state),
            changed: Notify::new(),
            freed: Notify::new(),
            holding: AtomicUsize::new(0),
            began: Instant::now(),
            began_at: SystemTime::now(),
        }
    }

    /// Works under the lock; it must be short.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        // Nothing under this lock panics half-way through a change.
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The time of the store.
    pub(super) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// When that is by the runtime's clock.
    pub(super) fn instant(&self, time: Duration) -> Instant {
        self.began + time
    }

    pub(super) fn append(&self, stream: Stream, bytes: &[u8]) {
        let now = self.now();
        self.with(|state| state.store.push(stream, bytes, now));
        self.changed.notify_waiters();
    }

    /// Tells readers of bytes that were pushed under the lock.
    pub(super) fn tell(&self) {
        self.changed.notify_waiters();
    }

    pub(super) fn close(&self, stream: Stream, fault: Option<ReadFault>) {
        self.with(|state| {
            if state.store.close(stream) {
                state.faults.extend(fault);
            }
        });
        self.changed.notify_waiters();
    }

    pub(super) fn is_held(&self) -> bool {
        self.holding.load(Ordering::Acquire) > 0
    }

    /// Changes who holds the output back, and lets writers look again.
    pub(super) fn change_holds<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let done = self.with(|state| {
            let done = work(state);
            self.holding.store(state.held.len(), Ordering::Release);
            done
        });
        self.freed.notify_waiters();
        done
    }

    /// Waits until at least one byte may be pushed.
    pub(super) async fn room(&self) {
        self.until(&self.freed, |state| (state.room() > 0).then_some(()))
            .await;
    }

    /// Waits until a look at the state finds something; every change of the store is a reason to
    /// look again. Cancel safe: looking changes nothing.
    pub(super) async fn find<T>(&self, look: impl FnMut(&mut State) -> Option<T>) -> T {
        self.until(&self.changed, look).await
    }

    async fn until<T>(&self, changes: &Notify, mut look: impl FnMut(&mut State) -> Option<T>) -> T {
        loop {
            let mut change = std::pin::pin!(changes.notified());
            // Before the look, so that a change after it is not missed.
            change.as_mut().enable();
            if let Some(found) = self.with(&mut look) {
                return found;
            }
            change.await;
        }
    }

    pub(super) fn status(&self) -> OutputStatus {
        self.with(|state| OutputStatus {
            totals: state.store.totals(),
            omitted: state.store.omitted(),
            open: state.store.open_streams().collect(),
            last_output: state.store.last().map(|time| self.began_at + time),
            faults: state.faults.clone(),
            holds: state.held.iter().map(Held::seen).collect(),
        })
    }

    pub(super) fn totals(&self) -> Counts {
        self.with(|state| state.store.totals())
    }
}

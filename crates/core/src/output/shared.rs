//! A store between those who write into it and those who read it.
//!
//! One lock, held while bytes are copied and never across an `.await`. What must stay true: a
//! reader is woken by every byte and by the end of every stream that comes after it looked; a
//! writer waits for readers only while somebody holds the output back by name.

use super::chunk::Chunk;
use super::counts::Counts;
use super::head_tail::HeadTail;
use super::hold::Held;
use super::lookout::Lookout;
use super::spill::Disk;
use super::status::{OutputStatus, ReadFault};
use super::store::Store;
use crate::config::Stream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::Notify;
use tokio::time::Instant;

#[cfg(test)]
use super::model::point;

/// Others may go first here; only a model of schedules makes use of it.
#[cfg(not(test))]
pub(super) fn point() {}

/// What the lock is for.
#[derive(Debug)]
pub(super) struct State {
    pub(super) store: Store,
    pub(super) held: Vec<Held>,
    pub(super) next_hold: u64,
    pub(super) faults: Vec<ReadFault>,
    /// What one reader has not taken yet, where there is one who takes.
    pub(super) tap: Option<HeadTail>,
    /// Set while somebody waits for an escape character.
    pub(super) lookout: Option<Lookout>,
    /// Its owner needed the room: nothing is kept from then on, and nobody holds anything back.
    pub(super) given_up: bool,
    /// Readers wait for a byte at this offset or before; they are left alone until it comes.
    wanted: u64,
}

/// What a look at the state found.
#[derive(Debug)]
pub(super) enum Look<T> {
    /// What was looked for.
    Found(T),
    /// Nothing; it is worth looking again once there is a byte at this offset, or a stream ends.
    NotBefore(u64),
}

impl State {
    /// Whether readers must be woken for what was pushed.
    fn is_wanted(&mut self) -> bool {
        let come = self.store.totals().sum() > self.wanted;
        if come {
            // Each of them looks, and says anew what it wants.
            self.wanted = u64::MAX;
        }
        come
    }

    /// How much may be pushed for the sake of those who hold the output back.
    pub(super) fn room(&self) -> usize {
        match self.given_up {
            true => usize::MAX,
            false => self.store.room(self.held_from()),
        }
    }

    /// Reads once, straight into the store where it has a place for that, else through `scratch`.
    /// `read` fills a buffer from its beginning and writes nowhere else.
    pub(super) fn read<E>(
        &mut self,
        stream: Stream,
        scratch: &mut [u8],
        now: Duration,
        read: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<Taken, E> {
        let limit = match self.held.is_empty() {
            true => scratch.len(),
            false => self.room().min(scratch.len()),
        };
        if limit == 0 {
            return Ok(Taken::NoRoom);
        }
        let before = self.store.totals().sum();
        let place = self.store.place_for(limit);
        let is_placed = !place.is_empty();
        let place = if is_placed {
            place
        } else {
            &mut scratch[..limit]
        };
        let count = read(place)?;
        let bytes = &place[..count];
        if let Some(tap) = &mut self.tap {
            tap.push(bytes);
        }
        let looked_for = self.lookout.as_mut();
        let is_found = looked_for.is_some_and(|lookout| lookout.look_at(bytes, before));
        if is_placed {
            self.store.placed(stream, count, now);
        } else {
            self.store.push(stream, &scratch[..count], now);
        }
        Ok(match count {
            0 => Taken::End,
            _ => Taken::Bytes {
                wanted: self.is_wanted() | is_found,
            },
        })
    }
}

/// What one read brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Bytes {
        /// Readers must be woken for them.
        wanted: bool,
    },
    End,
    /// Nothing: somebody holds the output back and there is no room.
    NoRoom,
}

/// A store and how to wait for it.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// How many wait for the lock: it is not given out in the order in which it is asked for.
    asking: AtomicUsize,
    /// Bytes came, or a stream ended.
    changed: Notify,
    /// Somebody who holds the output back has read on, or holds it no more.
    freed: Notify,
    began: Instant,
    pub(super) began_at: SystemTime,
}

impl Shared {
    pub(super) fn new(keep: usize, streams: &[Stream]) -> Shared {
        let mut store = Store::new(keep);
        streams.iter().for_each(|stream| store.open(*stream));
        Shared::with_store(store, SystemTime::now())
    }

    /// One that began with a program which is gone, with what its record has of it, and these streams still
    /// open.
    pub(super) fn restored(
        keep: usize,
        (streams, began_at): (&[Stream], SystemTime),
        record: &Disk,
    ) -> Shared {
        let mut store = Store::new(keep);
        let restore = |store: &mut Store, chunk: &Chunk| {
            let come = store.totals();
            store.miss(chunk.before - come);
            for segment in &chunk.segments {
                store.push(segment.stream, chunk.bytes_of(segment), segment.at);
            }
        };
        record.all().for_each(|chunk| restore(&mut store, &chunk));
        store.miss(record.totals() - store.totals());
        streams.iter().for_each(|stream| store.open(*stream));
        Shared::with_store(store, began_at)
    }

    fn with_store(store: Store, began_at: SystemTime) -> Shared {
        let state = State {
            store,
            held: Vec::new(),
            next_hold: 0,
            faults: Vec::new(),
            tap: None,
            lookout: None,
            given_up: false,
            wanted: u64::MAX,
        };
        let (now, since) = (Instant::now(), began_at.elapsed().unwrap_or_default());
        Shared {
            state: Mutex::new(state),
            asking: AtomicUsize::new(0),
            changed: Notify::new(),
            freed: Notify::new(),
            began: now.checked_sub(since).unwrap_or(now),
            began_at,
        }
    }

    /// Works under the lock; it must be short.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        point();
        self.asking.fetch_add(1, Ordering::Relaxed);
        let mut state = self.lock();
        self.asking.fetch_sub(1, Ordering::Relaxed);
        work(&mut state)
    }

    /// As [`Shared::with`], for who has the lock nearly all the time in a flood: lets others go
    /// first.
    pub(super) fn with_patience<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        if self.asking.load(Ordering::Relaxed) > 0 {
            std::thread::yield_now();
        }
        work(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock panics half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time of the store.
    pub(super) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// When that is by the runtime's clock.
    pub(super) fn instant(&self, time: Duration) -> Instant {
        self.began + time
    }

    /// Wakes readers for what was read under the lock.
    pub(super) fn wake_for(&self, taken: Taken) {
        if let Taken::Bytes { wanted: true, .. } = taken {
            point();
            self.changed.notify_waiters();
        }
    }

    pub(super) fn close(&self, stream: Stream, fault: Option<ReadFault>) {
        self.with(|state| {
            if state.store.close(stream) {
                state.faults.extend(fault);
            }
        });
        point();
        self.changed.notify_waiters();
    }

    /// Changes who holds the output back, and lets writers look again.
    pub(super) fn change_holds<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let done = self.with(work);
        point();
        self.freed.notify_waiters();
        done
    }

    /// Waits until at least one byte may be pushed, for those who hold the output back: for each as
    /// long as it has patience.
    pub(super) async fn room(&self) {
        let look = || self.with(|state| (state.room() > 0).then_some(()));
        let Some(patience) = self.with(|state| state.patience()) else {
            return until(&self.freed, look).await;
        };
        if tokio::time::timeout(patience, until(&self.freed, look))
            .await
            .is_err()
        {
            self.change_holds(|state| state.waited(patience));
        }
    }

    /// Looks at the state; where nothing is found, readers are woken once it is worth another look.
    pub(super) fn look<T>(&self, look: impl FnOnce(&mut State) -> Look<T>) -> Option<T> {
        self.with(|state| match look(state) {
            Look::Found(found) => Some(found),
            Look::NotBefore(offset) => {
                state.wanted = state.wanted.min(offset);
                None
            }
        })
    }

    /// Waits until a look at the state finds something. Cancel safe: looking changes nothing that
    /// others can see.
    pub(super) async fn find<T>(&self, mut look: impl FnMut(&mut State) -> Look<T>) -> T {
        until(&self.changed, || self.look(&mut look)).await
    }

    /// What tells that it is worth another look.
    pub(super) fn changes(&self) -> &Notify {
        &self.changed
    }

    pub(super) fn status(&self) -> OutputStatus {
        self.with(|state| OutputStatus {
            totals: state.store.totals(),
            omitted: state.store.omitted(),
            open: state.store.open_streams().collect(),
            last_output: state.store.last().map(|time| self.began_at + time),
            faults: state.faults.clone(),
            holds: state.held.iter().map(Held::seen).collect(),
            given_up: state.given_up,
            spill: None,
        })
    }

    pub(super) fn totals(&self) -> Counts {
        self.with(|state| state.store.totals())
    }
}

/// Looks until something is found, again after each change.
async fn until<T>(changes: &Notify, mut look: impl FnMut() -> Option<T>) -> T {
    loop {
        let mut change = std::pin::pin!(changes.notified());
        // Before the look, so that a change after it is not missed.
        change.as_mut().enable();
        if let Some(found) = look() {
            return found;
        }
        point();
        change.await;
    }
}

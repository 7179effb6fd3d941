//! What all stores of one owner may have on disk together.
//!
//! What must stay true: the sum of all segments is never above the limit; what makes room is the
//! oldest segment of all stores, whole, and its store counts it.

use super::segment::Segment;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A bound on bytes on disk, shared by all who hold a clone.
#[derive(Debug, Clone)]
pub struct Quota(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    used: u64,
    next: u64,
    /// In the order in which they were begun.
    segments: BTreeMap<u64, Arc<Segment>>,
}

/// What became of a wish to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charge {
    /// It may be written.
    Granted,
    /// That segment had to make room itself.
    Gone,
    /// It is more than all there is.
    Refused,
}

impl Quota {
    /// At most so many bytes, with what is noted about them.
    #[must_use]
    pub fn new(limit: u64) -> Quota {
        Quota(Arc::new(Inner {
            limit,
            state: Mutex::default(),
        }))
    }

    /// How many bytes there may be.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.0.limit
    }

    /// How many there are.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.with(|state| state.used)
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let state = self.0.state.lock();
        // Nothing under this lock panics half-way through a change.
        work(&mut state.unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes a new segment in; answers its number.
    pub(super) fn add(&self, segment: &Arc<Segment>) -> u64 {
        self.with(|state| {
            let number = state.next;
            state.next += 1;
            state.segments.insert(number, Arc::clone(segment));
            number
        })
    }

    /// Asks for room for more of a segment. Removes files of others while it holds its lock: only
    /// for threads that may block.
    pub(super) fn charge(&self, number: u64, bytes: u64) -> Charge {
        if bytes > self.0.limit {
            return Charge::Refused;
        }
        self.with(|state| {
            while state.used + bytes > self.0.limit {
                let Some((_, oldest)) = state.segments.pop_first() else {
                    return Charge::Refused;
                };
                state.used -= oldest.drop_files();
            }
            match state.segments.get(&number) {
                Some(segment) => {
                    segment.charged(bytes);
                    state.used += bytes;
                    Charge::Granted
                }
                None => Charge::Gone,
            }
        })
    }

    /// A segment goes with its store. Its files are the store's own business.
    pub(super) fn remove(&self, number: u64) {
        self.with(|state| {
            if let Some(segment) = state.segments.remove(&number) {
                state.used -= segment.cost();
            }
        });
    }
}

//! What all stores of one owner may have on disk together, and all owners below it.
//!
//! Quotas form trees; what is charged to one is charged to all above it. One lock for each tree.
//! What must stay true: the sum of all segments of a quota is never above its limit; what makes
//! room in one is the oldest segment of it or of those below it that is no head, whole, and its store
//! counts it.

use super::segment::Segment;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A bound on bytes on disk, shared by all who hold a clone.
#[derive(Debug, Clone)]
pub struct Quota(Arc<Inner>);

impl PartialEq for Quota {
    /// Whether it is the same one, and not only as large.
    fn eq(&self, other: &Quota) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Quota {}

#[derive(Debug)]
struct Inner {
    limit: u64,
    /// Changed under the lock of the tree only.
    used: AtomicU64,
    above: Option<Quota>,
    tree: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    /// In the order in which they were begun, each with what it is charged to.
    segments: BTreeMap<u64, (Arc<Segment>, Quota)>,
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
        Quota::with_tree(limit, None, Arc::default())
    }

    /// A part of this one: what is in it is in both, and has room where both have.
    ///
    /// ```
    /// use handfast::output::Quota;
    ///
    /// let agent = Quota::new(1 << 30);
    /// let helper = agent.below(1 << 20);
    /// assert_eq!((helper.limit(), agent.used()), (1 << 20, 0));
    /// ```
    #[must_use]
    pub fn below(&self, limit: u64) -> Quota {
        Quota::with_tree(limit, Some(self.clone()), Arc::clone(&self.0.tree))
    }

    fn with_tree(limit: u64, above: Option<Quota>, tree: Arc<Mutex<State>>) -> Quota {
        Quota(Arc::new(Inner {
            limit,
            used: AtomicU64::new(0),
            above,
            tree,
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
        self.0.used.load(Ordering::Relaxed)
    }

    /// The least that this one and those above it allow.
    #[must_use]
    pub fn least(&self) -> u64 {
        self.chain().map(Quota::limit).min().unwrap_or(0)
    }

    /// This one and those above it.
    fn chain(&self) -> impl Iterator<Item = &Quota> {
        std::iter::successors(Some(self), |quota| quota.0.above.as_ref())
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let state = self.0.tree.lock();
        // Nothing under this lock panics half-way through a change.
        work(&mut state.unwrap_or_else(PoisonError::into_inner))
    }

    fn add_to_all(&self, bytes: u64) {
        for quota in self.chain() {
            quota.0.used.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    fn take_from_all(&self, bytes: u64) {
        for quota in self.chain() {
            quota.0.used.fetch_sub(bytes, Ordering::Relaxed);
        }
    }

    /// Takes a new segment in; answers its number.
    pub(super) fn add(&self, segment: &Arc<Segment>) -> u64 {
        self.with(|state| {
            let number = state.next;
            state.next += 1;
            let segment = (Arc::clone(segment), self.clone());
            state.segments.insert(number, segment);
            number
        })
    }

    /// As [`Quota::add`], for one that is on disk already and is charged with what it has cost. It is never
    /// refused; the next to come makes room for it.
    pub(super) fn add_found(&self, segment: &Arc<Segment>) -> u64 {
        let number = self.add(segment);
        self.with(|_| self.add_to_all(segment.cost()));
        number
    }

    /// Asks for room for more of a segment. Removes files of others while it holds its lock: only
    /// for threads that may block.
    pub(super) fn charge(&self, number: u64, bytes: u64) -> Charge {
        if bytes > self.least() {
            return Charge::Refused;
        }
        self.with(|state| {
            if !self.chain().all(|quota| state.make_room(quota, bytes)) {
                return Charge::Refused;
            }
            match state.segments.get(&number) {
                Some((segment, _)) => {
                    segment.charged(bytes);
                    self.add_to_all(bytes);
                    Charge::Granted
                }
                None => Charge::Gone,
            }
        })
    }

    /// A segment goes with its store. Its files are the store's own business.
    pub(super) fn remove(&self, number: u64) {
        self.with(|state| {
            if let Some((segment, quota)) = state.segments.remove(&number) {
                quota.take_from_all(segment.cost());
            }
        });
    }
}

impl State {
    /// Drops the oldest segments of a quota and of those below it until there is room for so many
    /// bytes; answers whether there is.
    fn make_room(&mut self, quota: &Quota, bytes: u64) -> bool {
        while quota.used() + bytes > quota.limit() {
            if !self.drop_oldest(quota) {
                return false;
            }
        }
        true
    }

    fn drop_oldest(&mut self, quota: &Quota) -> bool {
        let is_in = |(_, of): &(Arc<Segment>, Quota)| of.chain().any(|one| one == quota);
        let mut all = self.segments.iter().filter(|(_, segment)| is_in(segment));
        // The heads last: they are what memory has of a beginning.
        let oldest = all.clone().find(|(_, (segment, _))| !segment.is_head());
        let oldest = oldest.or_else(|| all.next());
        let oldest = oldest.map(|(number, _)| *number);
        let Some((segment, of)) = oldest.and_then(|number| self.segments.remove(&number)) else {
            return false;
        };
        of.take_from_all(segment.drop_files());
        true
    }
}

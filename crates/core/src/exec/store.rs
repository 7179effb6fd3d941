//! The sessions of one owner by number, and the tombstones of those that are over.
//!
//! Pure: no lock, no clock, no I/O; the sessions are whatever [`Member`] is. What must stay true: a
//! number stands for one session or one tombstone and for nothing else, and is free only when neither
//! is left; a repeated start finds the first one for as long as one of them is.

use super::ids::{Dice, Draw, draw};
use super::prune::{Candidate, victim};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What the store has to know about a session.
pub(super) trait Member: Clone {
    fn is_exited(&self) -> bool;
    fn is_locked(&self) -> bool;
    fn is(&self, other: &Self) -> bool;
}

/// How many may be kept of what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) sessions: usize,
    pub(super) protected: usize,
    pub(super) tombstones: usize,
    pub(super) tombstone_age: Duration,
    /// None is ended to make room for another one.
    pub(super) refuse: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Slot<S> {
    pub(super) session: S,
    pub(super) last_used: Instant,
    /// It counts, and may have to go.
    pub(super) stored: bool,
    key: Option<String>,
}

/// A session that is in no list any more.
#[derive(Debug, Clone)]
pub(super) enum Grave<S, T> {
    /// Its end was not told yet.
    Fresh(S),
    /// It is over.
    Settled(Arc<T>),
}

/// Where one lies.
#[derive(Debug)]
struct Plot<S, T> {
    grave: Grave<S, T>,
    key: Option<String>,
    /// Its number among all burials.
    burial: u64,
}

/// What a number stands for.
#[derive(Debug, Clone)]
pub(super) enum Found<S, T> {
    Session(S),
    Grave(Grave<S, T>),
    Nothing,
}

/// What a start found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Opened<S> {
    New(S),
    /// The same start was asked for before; it has this number.
    Before(i32),
    /// As many run as may.
    Full,
    NoId,
}

/// What storing one led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored<S> {
    /// The one that had to go for it.
    pub(super) pruned: Option<S>,
    /// How many there are now.
    pub(super) count: usize,
    /// It was not stored before.
    pub(super) new: bool,
}

#[derive(Debug)]
pub(super) struct Store<S, T> {
    bounds: Bounds,
    how: Draw,
    slots: BTreeMap<i32, Slot<S>>,
    graves: BTreeMap<i32, Plot<S, T>>,
    /// In the order of their burial.
    order: VecDeque<(i32, Instant, u64)>,
    burials: u64,
    /// Numbers of sessions that are elsewhere.
    reserved: BTreeSet<i32>,
    keys: HashMap<String, i32>,
    forgotten: u64,
}

impl<S: Member, T> Store<S, T> {
    pub(super) fn new(bounds: Bounds, how: Draw) -> Store<S, T> {
        Store {
            bounds,
            how,
            slots: BTreeMap::new(),
            graves: BTreeMap::new(),
            order: VecDeque::new(),
            burials: 0,
            reserved: BTreeSet::new(),
            keys: HashMap::new(),
            forgotten: 0,
        }
    }

    /// Draws none of these numbers from here on.
    pub(super) fn reserve(&mut self, numbers: BTreeSet<i32>) {
        self.reserved = numbers;
    }

    /// Reserves a number and makes the session that has it.
    pub(super) fn open(
        &mut self,
        dice: &mut Dice,
        key: Option<&str>,
        now: Instant,
        make: impl FnOnce(i32) -> S,
    ) -> Opened<S> {
        self.forget_old(now);
        if let Some(id) = key.and_then(|key| self.keys.get(key)) {
            return Opened::Before(*id);
        }
        if self.bounds.refuse && !self.make_room(now) {
            return Opened::Full;
        }
        let numbers = self.slots.keys().chain(self.graves.keys());
        let largest = numbers.chain(&self.reserved).max().copied();
        let known = |id| self.slots.contains_key(&id) || self.graves.contains_key(&id);
        let taken = |id| known(id) || self.reserved.contains(&id);
        let Some(id) = draw(self.how, dice, largest, taken) else {
            return Opened::NoId;
        };
        let session = make(id);
        if let Some(key) = key {
            self.keys.insert(key.to_owned(), id);
        }
        let slot = Slot {
            session: session.clone(),
            last_used: now,
            stored: false,
            key: key.map(str::to_owned),
        };
        self.slots.insert(id, slot);
        Opened::New(session)
    }

    /// Whether there is room for one more, after one that is over has gone.
    fn make_room(&mut self, now: Instant) -> bool {
        if self.slots.len() < self.bounds.sessions {
            return true;
        }
        let over = self.slots.iter().filter(|(_, slot)| {
            slot.stored && slot.session.is_exited() && !slot.session.is_locked()
        });
        let oldest = over
            .min_by_key(|(_, slot)| slot.last_used)
            .map(|(id, _)| *id);
        oldest.is_some_and(|id| self.bury(id, now).is_some())
    }

    pub(super) fn find(&mut self, id: i32, now: Instant) -> Found<S, T>
    where
        Grave<S, T>: Clone,
    {
        self.forget_old(now);
        if let Some(slot) = self.slots.get(&id) {
            return Found::Session(slot.session.clone());
        }
        let grave = self.graves.get(&id);
        grave.map_or(Found::Nothing, |plot| Found::Grave(plot.grave.clone()))
    }

    /// Whether the number still stands for this session.
    pub(super) fn is(&self, id: i32, session: &S) -> bool {
        self.slots
            .get(&id)
            .is_some_and(|slot| slot.session.is(session))
    }

    /// It was used now.
    pub(super) fn touch(&mut self, id: i32, now: Instant) {
        if let Some(slot) = self.slots.get_mut(&id) {
            slot.last_used = now;
        }
    }

    /// Gives the number of a session back: nothing of it has run.
    pub(super) fn release(&mut self, id: i32, session: &S) {
        if self.is(id, session)
            && let Some(slot) = self.slots.remove(&id)
        {
            self.forget_key(slot.key.as_deref());
        }
    }

    /// Lets a session count from now on, and another one go where there are too many.
    pub(super) fn store(&mut self, id: i32, session: &S, now: Instant) -> Option<Stored<S>> {
        if !self.is(id, session) {
            return None;
        }
        let count = || self.slots.values().filter(|slot| slot.stored).count();
        if self.slots.get(&id).is_some_and(|slot| slot.stored) {
            return Some(Stored {
                pruned: None,
                count: count(),
                new: false,
            });
        }
        let full = !self.bounds.refuse && count() >= self.bounds.sessions;
        let chosen = full.then(|| self.candidates());
        let chosen = chosen.and_then(|all| victim(all, self.bounds.protected));
        let pruned = chosen.and_then(|id| self.bury(id, now));
        if let Some(slot) = self.slots.get_mut(&id) {
            slot.stored = true;
            slot.last_used = now;
        }
        let count = self.slots.values().filter(|slot| slot.stored).count();
        Some(Stored {
            pruned,
            count,
            new: true,
        })
    }

    fn candidates(&self) -> Vec<Candidate<Instant>> {
        let stored = self.slots.iter().filter(|(_, slot)| slot.stored);
        let candidate = |(id, slot): (&i32, &Slot<S>)| Candidate {
            id: *id,
            last_used: slot.last_used,
            exited: slot.session.is_exited(),
            locked: slot.session.is_locked(),
        };
        stored.map(candidate).collect()
    }

    /// From the sessions to the tombstones.
    pub(super) fn bury(&mut self, id: i32, now: Instant) -> Option<S> {
        let slot = self.slots.remove(&id)?;
        self.burials += 1;
        let burial = self.burials;
        let plot = Plot {
            grave: Grave::Fresh(slot.session.clone()),
            key: slot.key,
            burial,
        };
        self.graves.insert(id, plot);
        self.order.push_back((id, now, burial));
        self.forget_old(now);
        Some(slot.session)
    }

    /// Whether a session is buried here, and has no tombstone yet.
    pub(super) fn lies(&self, id: i32, session: &S) -> bool {
        let plot = self.graves.get(&id);
        plot.is_some_and(|plot| matches!(&plot.grave, Grave::Fresh(one) if one.is(session)))
    }

    /// The end of a buried session was told: its tombstone is made.
    pub(super) fn settle(&mut self, id: i32, session: &S, stone: impl FnOnce() -> T) {
        if self.lies(id, session)
            && let Some(plot) = self.graves.get_mut(&id)
        {
            plot.grave = Grave::Settled(Arc::new(stone()));
        }
    }

    /// Exchanges the tombstone of such a grave; answers whether there was one.
    pub(super) fn amend(
        &mut self,
        id: i32,
        is: impl Fn(&Grave<S, T>) -> bool,
        stone: &Arc<T>,
    ) -> bool {
        let plot = self.graves.get_mut(&id).filter(|plot| is(&plot.grave));
        plot.map(|plot| plot.grave = Grave::Settled(Arc::clone(stone)))
            .is_some()
    }

    fn forget_old(&mut self, now: Instant) {
        while let Some((id, since, burial)) = self.order.front().copied() {
            let old = now.saturating_duration_since(since) > self.bounds.tombstone_age;
            if self.order.len() <= self.bounds.tombstones && !old {
                return;
            }
            self.order.pop_front();
            let lies = self
                .graves
                .get(&id)
                .is_some_and(|plot| plot.burial == burial);
            if let Some(plot) = lies.then(|| self.graves.remove(&id)).flatten() {
                self.forgotten += 1;
                self.forget_key(plot.key.as_deref());
            }
        }
    }

    fn forget_key(&mut self, key: Option<&str>) {
        if let Some(key) = key {
            self.keys.remove(key);
        }
    }

    /// How many tombstones are gone.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// All sessions by number.
    pub(super) fn slots(&self) -> impl Iterator<Item = (i32, &Slot<S>)> {
        self.slots.iter().map(|(id, slot)| (*id, slot))
    }

    /// Takes out those that may move, by number, with their keys.
    pub(super) fn take(&mut self, moves: impl Fn(&S) -> bool) -> Vec<(i32, Slot<S>)> {
        let moving = self.slots.extract_if(.., |_, slot| moves(&slot.session));
        let moving: Vec<_> = moving.collect();
        for (_, slot) in &moving {
            self.forget_key(slot.key.as_deref());
        }
        moving
    }

    /// Takes one in, unless its number stands for another session. A tombstone gives way.
    pub(super) fn put(&mut self, id: i32, mut slot: Slot<S>) -> Result<(), Slot<S>> {
        if self.slots.contains_key(&id) {
            return Err(slot);
        }
        if let Some(plot) = self.graves.remove(&id) {
            self.forget_key(plot.key.as_deref());
        }
        // A start of the same name here goes on finding its own session.
        slot.key = slot.key.filter(|key| !self.keys.contains_key(key));
        if let Some(key) = &slot.key {
            self.keys.insert(key.clone(), id);
        }
        self.slots.insert(id, slot);
        Ok(())
    }
}

#[cfg(test)]
mod tests;

//! Killing a tree whose members must be looked for: freeze, look again, kill, look again. Pure.
//!
//! A member that forks while it is being killed leaves a child that nobody has seen. So all are stopped
//! first, and looked for until nobody is new: what is stopped does not fork. Only then they are killed.
//! What must stay true: it is done only when a whole look has found nobody.

use super::lineage::Entry;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// What to do next. After each the table is to be looked at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Stop these.
    Stop(Vec<Entry>),
    /// Kill these.
    Kill(Vec<Entry>),
    /// Nothing: the last look may have missed somebody.
    Look,
    /// Nothing until then, or until one of them ends: all were killed, and some are still there.
    Rest(Instant),
    /// Nothing: nobody is left.
    Done,
}

/// How often new ones are stopped before all are killed in spite of more that appear: a bomb may fork
/// faster than it can be stopped, and is met by killing it in rounds.
const FREEZES: u32 = 16;

/// How long the first rest is; each that follows is twice as long.
const SHORTEST: Duration = Duration::from_millis(5);

/// How long a rest is at the most. One that cannot be killed (another user's) is looked at as often.
const LONGEST: Duration = Duration::from_millis(500);

/// The killing of one tree.
#[derive(Debug, Clone)]
pub struct Hunt {
    stopped: BTreeSet<u64>,
    killed: BTreeSet<u64>,
    freezes: u32,
    rest: Duration,
    rests_until: Option<Instant>,
}

impl Default for Hunt {
    fn default() -> Self {
        Hunt {
            stopped: BTreeSet::new(),
            killed: BTreeSet::new(),
            freezes: 0,
            rest: SHORTEST,
            rests_until: None,
        }
    }
}

impl Hunt {
    /// Takes in the live members of one look, and whether that was whole.
    pub fn step(&mut self, members: &[Entry], whole: bool, now: Instant) -> Order {
        if members.is_empty() {
            return if whole { Order::Done } else { Order::Look };
        }
        let fresh = |entry: &&Entry| !self.stopped.contains(&entry.unique);
        let fresh: Vec<Entry> = members.iter().filter(fresh).copied().collect();
        if !fresh.is_empty() && self.freezes < FREEZES {
            self.freezes += 1;
            self.stopped.extend(fresh.iter().map(|entry| entry.unique));
            return Order::Stop(fresh);
        }
        let unkilled = |entry: &Entry| !self.killed.contains(&entry.unique);
        if members.iter().any(unkilled) {
            self.rest = SHORTEST;
        } else {
            let until = self.rests_until.unwrap_or_else(|| {
                let rest = self.rest;
                self.rest = (rest * 2).min(LONGEST);
                now + rest
            });
            if now < until {
                self.rests_until = Some(until);
                return Order::Rest(until);
            }
        }
        self.rests_until = None;
        self.freezes = 0;
        let all = members.iter().map(|entry| entry.unique);
        self.killed = all.clone().collect();
        // Those that are gone need not be remembered.
        self.stopped = all.collect();
        Order::Kill(members.to_vec())
    }
}

#[cfg(test)]
mod tests;

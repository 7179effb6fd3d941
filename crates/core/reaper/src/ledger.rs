//! Who must not outlive whom: the reaper's memory of its trees and of its owner. Pure.
//!
//! Facts with `now` go in, orders come out; no call of the system and no clock. What must stay
//! true: once the owner is gone, or has let a tree go, every tree that was not declared to survive is
//! killed, at the latest when its grace is over; and once the owner is leaving or gone the reaper leaves exactly
//! when nothing is left to hold.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A tree is being started or was adopted.
    Began {
        /// Which.
        id: u64,
        /// Whether it was declared to outlive its owner.
        survives: bool,
        /// How long it may take to end once asked.
        grace: Duration,
    },
    /// The manager had a tree killed.
    Killed(u64),
    /// A tree has no member, or never had one.
    Ended(u64),
    /// The owner said that it is ending.
    Goodbye,
    /// The owner said that it lets a tree go: one of several who share it is ending.
    LetGo(u64),
    /// The owner's life line is closed.
    OwnerGone,
    /// Time has passed.
    Tick,
}

/// What the reaper must now do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Ask every member of the tree to end.
    Ask(u64),
    /// Kill the tree.
    Kill(u64),
    /// End: nothing is left to hold.
    Leave,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Up,
    Asked { kill_at: Instant },
    Killing,
}

#[derive(Debug, Clone)]
struct Entry {
    survives: bool,
    grace: Duration,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Owner {
    Here,
    Leaving,
    Gone,
}

/// The trees and the owner.
#[derive(Debug, Clone)]
pub struct Ledger {
    trees: BTreeMap<u64, Entry>,
    owner: Owner,
}

impl Default for Ledger {
    fn default() -> Self {
        Ledger {
            trees: BTreeMap::new(),
            owner: Owner::Here,
        }
    }
}

impl Ledger {
    /// Takes in one fact and says what follows from it.
    pub fn step(&mut self, event: Event, now: Instant) -> Vec<Order> {
        let mut orders = Vec::new();
        match event {
            Event::Began {
                id,
                survives,
                grace,
            } => self.began(id, survives, grace, &mut orders),
            Event::Killed(id) => {
                if let Some(entry) = self.trees.get_mut(&id) {
                    entry.phase = Phase::Killing;
                }
            }
            Event::Ended(id) => {
                self.trees.remove(&id);
            }
            Event::Goodbye => {
                if self.owner == Owner::Here {
                    self.owner = Owner::Leaving;
                    self.ask_all(now, &mut orders);
                }
            }
            Event::LetGo(id) => self.let_go(id, now, &mut orders),
            Event::OwnerGone => self.owner_gone(&mut orders),
            Event::Tick => {}
        }
        self.kill_late(now, &mut orders);
        // One that said goodbye may go on to live with its end of the life line open.
        if self.owner != Owner::Here && self.trees.is_empty() {
            orders.push(Order::Leave);
        }
        orders
    }

    /// When [`Event::Tick`] is next due; while the owner is here, only for what it has let go.
    #[must_use]
    pub fn next_tick(&self) -> Option<Instant> {
        let late = |entry: &Entry| match entry.phase {
            Phase::Asked { kill_at } => Some(kill_at),
            Phase::Up | Phase::Killing => None,
        };
        self.trees.values().filter_map(late).min()
    }

    /// Whether the owner's life line is closed.
    #[must_use]
    pub fn owner_is_gone(&self) -> bool {
        self.owner == Owner::Gone
    }

    /// Whether a tree that is left was declared to survive.
    #[must_use]
    pub fn has_survivors(&self) -> bool {
        self.trees
            .values()
            .any(|entry| entry.survives && entry.phase != Phase::Killing)
    }

    /// A start that was on its way when the owner ended must not be missed.
    fn began(&mut self, id: u64, survives: bool, grace: Duration, orders: &mut Vec<Order>) {
        let late = self.owner != Owner::Here && !survives;
        let phase = if late { Phase::Killing } else { Phase::Up };
        self.trees.insert(
            id,
            Entry {
                survives,
                grace,
                phase,
            },
        );
        if late {
            orders.push(Order::Kill(id));
        }
    }

    fn ask_all(&mut self, now: Instant, orders: &mut Vec<Order>) {
        for (id, entry) in &mut self.trees {
            ask(*id, entry, now, orders);
        }
    }

    fn let_go(&mut self, id: u64, now: Instant, orders: &mut Vec<Order>) {
        if let Some(entry) = self.trees.get_mut(&id) {
            ask(id, entry, now, orders);
        }
    }

    /// Without a goodbye there is no grace: nobody knows how long the owner has been gone. Of what was
    /// let go before it is known, and what is left of its grace stays.
    fn owner_gone(&mut self, orders: &mut Vec<Order>) {
        self.owner = Owner::Gone;
        for (id, entry) in self.trees.iter_mut().filter(|(_, entry)| !entry.survives) {
            if entry.phase == Phase::Up {
                entry.phase = Phase::Killing;
                orders.push(Order::Kill(*id));
            }
        }
    }

    fn kill_late(&mut self, now: Instant, orders: &mut Vec<Order>) {
        for (id, entry) in &mut self.trees {
            if matches!(entry.phase, Phase::Asked { kill_at } if kill_at <= now) {
                entry.phase = Phase::Killing;
                orders.push(Order::Kill(*id));
            }
        }
    }
}

fn ask(id: u64, entry: &mut Entry, now: Instant, orders: &mut Vec<Order>) {
    if entry.phase == Phase::Up && !entry.survives {
        entry.phase = Phase::Asked {
            kill_at: now + entry.grace,
        };
        orders.push(Order::Ask(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(5);

    fn events() -> Vec<Event> {
        vec![
            Event::Began {
                id: 1,
                survives: false,
                grace: GRACE,
            },
            Event::Began {
                id: 2,
                survives: true,
                grace: GRACE,
            },
            Event::Killed(1),
            Event::Ended(1),
            Event::Ended(2),
            Event::Goodbye,
            Event::LetGo(1),
            Event::LetGo(2),
            Event::OwnerGone,
            Event::Tick,
        ]
    }

    /// Every order of six of the ten facts, a million lives.
    #[test]
    fn in_every_order_nothing_is_left_unkilled_and_survivors_survive() {
        let events = events();
        let start = Instant::now();
        for number in 0..10_usize.pow(6) {
            let mut ledger = Ledger::default();
            let mut asked_to_kill = false;
            let mut left = false;
            for place in 0..6_u32 {
                let event = events[number / 10_usize.pow(place) % 10];
                asked_to_kill &= !matches!(event, Event::Began { id: 1, .. });
                let now = start + GRACE * place;
                for order in ledger.step(event, now) {
                    assert!(!left || matches!(event, Event::Began { .. }) || order == Order::Leave);
                    assert_ne!(order, Order::Kill(2), "a survivor was killed");
                    assert_ne!(order, Order::Ask(2), "a survivor was asked");
                    asked_to_kill |= order == Order::Kill(1);
                    left = order == Order::Leave;
                }
                asked_to_kill |= event == Event::Killed(1) && ledger.trees.contains_key(&1);
            }
            // Once the owner is gone and all graces are over, whatever is held was killed.
            ledger
                .step(Event::OwnerGone, start + GRACE * 6)
                .iter()
                .for_each(|order| {
                    asked_to_kill |= *order == Order::Kill(1);
                });
            ledger
                .step(Event::Tick, start + GRACE * 20)
                .iter()
                .for_each(|order| {
                    asked_to_kill |= *order == Order::Kill(1);
                });
            assert!(
                !ledger.trees.contains_key(&1) || asked_to_kill,
                "{number}: left alive"
            );
            assert_eq!(ledger.next_tick(), None, "{number}: would wake up for ever");
        }
    }

    #[test]
    fn an_orderly_end_gives_the_grace_and_a_hard_one_none() {
        let now = Instant::now();
        let mut ledger = Ledger::default();
        ledger.step(
            Event::Began {
                id: 1,
                survives: false,
                grace: GRACE,
            },
            now,
        );
        let mut hard = ledger.clone();
        assert_eq!(ledger.step(Event::Goodbye, now), [Order::Ask(1)]);
        assert_eq!(ledger.step(Event::OwnerGone, now), []);
        assert_eq!(ledger.next_tick(), Some(now + GRACE));
        assert_eq!(ledger.step(Event::Tick, now + GRACE), [Order::Kill(1)]);
        assert_eq!(ledger.step(Event::Ended(1), now + GRACE), [Order::Leave]);
        assert_eq!(hard.step(Event::OwnerGone, now), [Order::Kill(1)]);
    }

    /// A host that drops its manager and goes on keeps the channel open: the goodbye must do.
    #[test]
    fn a_goodbye_is_enough_to_leave_when_nothing_is_left() {
        let now = Instant::now();
        let began = |id, survives| Event::Began {
            id,
            survives,
            grace: GRACE,
        };
        let mut ledger = Ledger::default();
        assert_eq!(ledger.step(began(1, false), now), []);
        assert_eq!(ledger.step(began(2, true), now), []);
        assert_eq!(ledger.step(Event::Goodbye, now), [Order::Ask(1)]);
        assert_eq!(ledger.step(Event::Ended(1), now), []);
        assert_eq!(ledger.step(Event::Ended(2), now), [Order::Leave]);
        let mut idle = Ledger::default();
        assert_eq!(idle.step(Event::Goodbye, now), [Order::Leave]);
    }

    #[test]
    fn a_start_after_the_owner_is_gone_is_killed() {
        let now = Instant::now();
        let mut ledger = Ledger::default();
        assert_eq!(ledger.step(Event::OwnerGone, now), [Order::Leave]);
        let late = Event::Began {
            id: 1,
            survives: false,
            grace: GRACE,
        };
        assert_eq!(ledger.step(late, now), [Order::Kill(1)]);
    }

    /// One of several who share an owner ends: the others' trees are not touched, and no timer is left.
    #[test]
    fn what_is_let_go_ends_alone_and_keeps_its_grace_when_the_owner_is_killed() {
        let now = Instant::now();
        let began = |id, survives| Event::Began {
            id,
            survives,
            grace: GRACE,
        };
        let mut ledger = Ledger::default();
        for (id, survives) in [(1, false), (2, false), (3, true)] {
            assert_eq!(ledger.step(began(id, survives), now), []);
        }
        assert_eq!(ledger.step(Event::LetGo(9), now), []);
        assert_eq!(ledger.step(Event::LetGo(3), now), []);
        assert_eq!(ledger.step(Event::LetGo(1), now), [Order::Ask(1)]);
        assert_eq!(ledger.step(Event::LetGo(1), now + GRACE / 2), []);
        assert_eq!(ledger.next_tick(), Some(now + GRACE));
        let mut killed = ledger.clone();
        assert_eq!(ledger.step(Event::Tick, now + GRACE), [Order::Kill(1)]);
        assert_eq!(ledger.next_tick(), None);
        assert_eq!(ledger.step(Event::Ended(1), now + GRACE), []);
        assert_eq!(killed.step(Event::OwnerGone, now), [Order::Kill(2)]);
        assert_eq!(killed.step(Event::Tick, now + GRACE), [Order::Kill(1)]);
    }
}

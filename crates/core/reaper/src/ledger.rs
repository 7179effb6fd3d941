//! Who must not outlive whom: the reaper's memory of its trees and of its owner. Pure.
//!
//! Facts with `now` go in, orders come out; no call of the system and no clock. What must stay
//! true: once the owner is gone, or has let a tree go, every tree that was not declared to survive is
//! killed, at the latest when its grace is over; and once the owner is leaving or gone the reaper leaves exactly
//! when nothing is left to hold, or to tell.
//!
//! A reaper that is *kept* for the next owner remembers besides how trees ended, until an owner has said that it
//! knows, and an owner may come back. Only a hand-over lets what was not declared to survive outlive its owner,
//! for as long as that said.

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
    /// The owner said that its end is not the end, for so long; zero takes that back.
    HandOver(Duration),
    /// There is an owner again.
    OwnerBack,
    /// The owner knows how a tree ended.
    Told(u64),
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
    /// What is kept of an ended tree is needed no more.
    Forget(u64),
    /// Let go of an owner that has said goodbye: whatever is left is for the next one.
    Release,
    /// End: nothing is left to hold.
    Leave,
}

/// How ends are kept for an owner that did not see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    /// For how long, while there is no owner.
    pub stay: Duration,
    /// How many; the oldest go first.
    pub most: usize,
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

/// An end of which no owner has said that it knows.
#[derive(Debug, Clone, Copy)]
struct Untold {
    since: Instant,
    survives: bool,
}

/// The trees and the owner.
#[derive(Debug, Clone)]
pub struct Ledger {
    trees: BTreeMap<u64, Entry>,
    owner: Owner,
    keeping: Option<Keeping>,
    /// Trees of whose end no owner has said that it knows.
    untold: BTreeMap<u64, Untold>,
    /// The last owner ended in an orderly way: it knew what it was ending.
    goodbye: bool,
    /// For how long everything is held once the owner is gone.
    hand_over: Option<Duration>,
    /// Until when it is.
    held_until: Option<Instant>,
}

impl Default for Ledger {
    fn default() -> Self {
        Ledger {
            trees: BTreeMap::new(),
            owner: Owner::Here,
            keeping: None,
            untold: BTreeMap::new(),
            goodbye: false,
            hand_over: None,
            held_until: None,
        }
    }
}

impl Ledger {
    /// One whose reaper is kept for the next owner.
    #[must_use]
    pub fn kept(keeping: Keeping) -> Ledger {
        Ledger {
            keeping: Some(keeping),
            ..Ledger::default()
        }
    }

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
            Event::Ended(id) => self.ended(id, now, &mut orders),
            Event::Goodbye => {
                if self.owner == Owner::Here {
                    self.owner = Owner::Leaving;
                    self.goodbye = true;
                    self.ask_all(now, &mut orders);
                    self.forget_what_was_left(&mut orders);
                }
            }
            Event::LetGo(id) => self.let_go(id, now, &mut orders),
            Event::OwnerGone => self.owner_gone(now, &mut orders),
            Event::HandOver(grace) => self.hand_over = (!grace.is_zero()).then_some(grace),
            Event::OwnerBack => self.owner_back(),
            Event::Told(id) => self.told(id, &mut orders),
            Event::Tick => {}
        }
        self.kill_late(now, &mut orders);
        self.forget_old(now, &mut orders);
        self.leave(&mut orders);
        orders
    }

    /// When [`Event::Tick`] is next due; while the owner is here, only for what it has let go.
    #[must_use]
    pub fn next_tick(&self) -> Option<Instant> {
        let late = |entry: &Entry| match entry.phase {
            Phase::Asked { kill_at } => Some(kill_at),
            Phase::Up | Phase::Killing => None,
        };
        let late = self.trees.values().filter_map(late);
        late.chain(self.held_until).chain(self.oldest_stays()).min()
    }

    /// Whether the owner's life line is closed.
    #[must_use]
    pub fn owner_is_gone(&self) -> bool {
        self.owner == Owner::Gone
    }

    /// Whether the owner has said goodbye and is still there.
    #[must_use]
    pub fn owner_is_leaving(&self) -> bool {
        self.owner == Owner::Leaving
    }

    /// Whether a tree is left that may live without an owner, or something is to be told to the next one.
    #[must_use]
    pub fn has_survivors(&self) -> bool {
        let held = self.held_until.is_some();
        let survives = |entry: &Entry| (entry.survives || held) && entry.phase != Phase::Killing;
        !self.untold.is_empty() || self.trees.values().any(survives)
    }

    /// A start that was on its way when the owner ended must not be missed.
    fn began(&mut self, id: u64, survives: bool, grace: Duration, orders: &mut Vec<Order>) {
        let late = self.owner != Owner::Here && self.held_until.is_none() && !survives;
        self.untold.remove(&id);
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
    fn owner_gone(&mut self, now: Instant, orders: &mut Vec<Order>) {
        let was = std::mem::replace(&mut self.owner, Owner::Gone);
        let handed = self.hand_over.take().filter(|_| was == Owner::Here);
        if let Some(grace) = handed {
            self.held_until = now.checked_add(grace);
        } else if self.held_until.is_none() {
            self.kill_the_rest(orders);
        }
    }

    fn kill_the_rest(&mut self, orders: &mut Vec<Order>) {
        for (id, entry) in self.trees.iter_mut().filter(|(_, entry)| !entry.survives) {
            if entry.phase == Phase::Up {
                entry.phase = Phase::Killing;
                orders.push(Order::Kill(*id));
            }
        }
    }

    fn owner_back(&mut self) {
        self.owner = Owner::Here;
        self.goodbye = false;
        self.hand_over = None;
        self.held_until = None;
    }

    /// What an owner ended that had said goodbye is nobody's business any more.
    fn ended(&mut self, id: u64, now: Instant, orders: &mut Vec<Order>) {
        let Some((entry, keeping)) = self.trees.remove(&id).zip(self.keeping) else {
            return;
        };
        if self.goodbye && !entry.survives {
            return orders.push(Order::Forget(id));
        }
        let survives = entry.survives;
        self.untold.insert(
            id,
            Untold {
                since: now,
                survives,
            },
        );
        if self.untold.len() > keeping.most {
            self.forget_oldest(orders);
        }
    }

    /// What an owner leaves that says goodbye, it leaves knowingly.
    fn forget_what_was_left(&mut self, orders: &mut Vec<Order>) {
        let left = self.untold.extract_if(.., |_, end| !end.survives);
        orders.extend(left.map(|(id, _)| Order::Forget(id)));
    }

    fn forget_oldest(&mut self, orders: &mut Vec<Order>) {
        let oldest = self.untold.iter().min_by_key(|(_, end)| end.since);
        if let Some(oldest) = oldest.map(|(id, _)| *id) {
            self.told(oldest, orders);
        }
    }

    fn told(&mut self, id: u64, orders: &mut Vec<Order>) {
        if self.untold.remove(&id).is_some() {
            orders.push(Order::Forget(id));
        }
    }

    /// When the first end is kept for long enough.
    fn oldest_stays(&self) -> Option<Instant> {
        let keeping = self.keeping.filter(|_| self.owner == Owner::Gone)?;
        let oldest = self.untold.values().map(|end| end.since).min();
        oldest?.checked_add(keeping.stay)
    }

    fn forget_old(&mut self, now: Instant, orders: &mut Vec<Order>) {
        while self.oldest_stays().is_some_and(|until| until <= now) {
            self.forget_oldest(orders);
        }
    }

    /// One that said goodbye may go on to live with its end of the life line open.
    fn leave(&mut self, orders: &mut Vec<Order>) {
        if self.owner == Owner::Here {
            return;
        }
        if self.trees.is_empty() && self.untold.is_empty() {
            return orders.push(Order::Leave);
        }
        let others = self.trees.values().any(|entry| !entry.survives);
        if self.owner == Owner::Leaving && self.keeping.is_some() && !others {
            self.owner = Owner::Gone;
            orders.push(Order::Release);
        }
    }

    fn kill_late(&mut self, now: Instant, orders: &mut Vec<Order>) {
        if self.held_until.is_some_and(|until| until <= now) {
            self.held_until = None;
            self.kill_the_rest(orders);
        }
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

    const STAY: Duration = Duration::from_secs(60);

    fn kept() -> Ledger {
        Ledger::kept(Keeping {
            stay: STAY,
            most: 1,
        })
    }

    fn began(id: u64, survives: bool) -> Event {
        Event::Began {
            id,
            survives,
            grace: GRACE,
        }
    }

    /// Every order of five of the facts of a reaper that is kept, 760,000 lives.
    #[test]
    fn in_every_order_a_kept_reaper_holds_what_survives_and_tells_what_ended() {
        let mut events = events();
        events.extend([
            Event::HandOver(GRACE * 2),
            Event::OwnerBack,
            Event::Told(1),
            Event::Told(2),
        ]);
        let (start, count) = (Instant::now(), events.len());
        for number in 0..count.pow(5) {
            let mut ledger = kept();
            let mut now = start;
            for place in 0..5_u32 {
                let event = events[number / count.pow(place) % count];
                now = start + GRACE * place;
                let before = ledger.clone();
                let orders = ledger.step(event, now);
                check_kept((&before, event, now), &ledger, &orders);
            }
            // Once all graces and stays are over nothing is left to wait for but what survives.
            ledger.step(Event::OwnerGone, now);
            let orders = ledger.step(Event::Tick, now + STAY * 9);
            let left = orders.contains(&Order::Leave);
            assert_eq!(ledger.next_tick(), None, "{number}: would wake up for ever");
            assert_eq!(left, ledger.trees.is_empty(), "{number}: stays for nothing");
            let alive = |(_, entry): (&u64, &Entry)| !entry.survives && entry.phase == Phase::Up;
            assert!(!ledger.trees.iter().any(alive), "{number}: left alive");
        }
    }

    fn check_kept(
        (before, event, now): (&Ledger, Event, Instant),
        after: &Ledger,
        orders: &[Order],
    ) {
        for order in orders {
            match order {
                Order::Kill(id) | Order::Ask(id) => {
                    assert_ne!(*id, 2, "a survivor was ended");
                    let held = before.held_until.is_some_and(|until| until > now);
                    let asked = |entry: &Entry| entry.phase != Phase::Up;
                    let asked = before.trees.get(id).is_some_and(asked);
                    let wanted = matches!(event, Event::LetGo(_));
                    assert!(
                        !held || asked || wanted,
                        "{event:?} ended what was handed over"
                    );
                }
                Order::Forget(id) => {
                    let old = |end: &Untold| now >= end.since + STAY;
                    let crowded = before.untold.len() == 1 && matches!(event, Event::Ended(_));
                    let goodbye = before.goodbye && event == Event::Ended(*id);
                    let left = *id != 2 && (goodbye || event == Event::Goodbye);
                    let told = event == Event::Told(*id);
                    let old = before.untold.get(id).is_some_and(old);
                    assert!(told || old || crowded || left, "{event:?} forgot {id}");
                }
                Order::Release => assert_eq!(after.owner, Owner::Gone),
                Order::Leave => assert!(after.trees.is_empty() && after.untold.is_empty()),
            }
        }
        let kept = |id| after.untold.contains_key(&id) || orders.contains(&Order::Forget(id));
        if let Event::Ended(id) = event {
            assert!(
                !before.trees.contains_key(&id) || kept(id),
                "{id} is not kept"
            );
        }
    }

    #[test]
    fn an_end_that_nobody_saw_is_kept_until_it_is_told_or_old() {
        let now = Instant::now();
        let mut ledger = kept();
        ledger.step(began(2, true), now);
        assert_eq!(ledger.step(Event::OwnerGone, now), []);
        assert_eq!(ledger.step(Event::Ended(2), now), []);
        assert_eq!(ledger.next_tick(), Some(now + STAY));
        let mut old = ledger.clone();
        let gone = [Order::Forget(2), Order::Leave];
        assert_eq!(old.step(Event::Tick, now + STAY), gone);
        assert_eq!(ledger.step(Event::OwnerBack, now), []);
        assert_eq!(ledger.next_tick(), None, "no timer while the owner is here");
        assert_eq!(ledger.step(Event::Told(2), now), [Order::Forget(2)]);
        assert_eq!(ledger.step(Event::OwnerGone, now), [Order::Leave]);
    }

    /// Control: without it nothing is kept, and the reaper leaves with the last tree.
    #[test]
    fn a_reaper_that_is_not_kept_remembers_no_end() {
        let now = Instant::now();
        let mut ledger = Ledger::default();
        ledger.step(began(2, true), now);
        assert_eq!(ledger.step(Event::OwnerGone, now), []);
        assert_eq!(ledger.step(Event::Ended(2), now), [Order::Leave]);
    }

    #[test]
    fn a_hand_over_holds_everything_until_its_grace_is_over() {
        let now = Instant::now();
        let mut ledger = kept();
        ledger.step(began(1, false), now);
        ledger.step(began(2, true), now);
        assert_eq!(ledger.step(Event::HandOver(GRACE), now), []);
        assert_eq!(ledger.step(Event::OwnerGone, now), []);
        assert_eq!(ledger.next_tick(), Some(now + GRACE));
        let (mut back, mut taken_back) = (ledger.clone(), kept());
        assert_eq!(ledger.step(Event::Tick, now + GRACE), [Order::Kill(1)]);
        assert_eq!(back.step(Event::OwnerBack, now), []);
        assert_eq!(back.step(Event::Tick, now + GRACE), []);
        // It was for one end only.
        assert_eq!(back.step(Event::OwnerGone, now), [Order::Kill(1)]);
        taken_back.step(began(1, false), now);
        taken_back.step(Event::HandOver(GRACE), now);
        taken_back.step(Event::HandOver(Duration::ZERO), now);
        assert_eq!(taken_back.step(Event::OwnerGone, now), [Order::Kill(1)]);
    }

    #[test]
    fn after_a_goodbye_what_survives_is_for_the_next_owner() {
        let now = Instant::now();
        let mut ledger = kept();
        ledger.step(began(1, false), now);
        ledger.step(began(2, true), now);
        assert_eq!(ledger.step(Event::Goodbye, now), [Order::Ask(1)]);
        let ended = [Order::Forget(1), Order::Release];
        assert_eq!(ledger.step(Event::Ended(1), now), ended);
        assert!(ledger.owner_is_gone());
        assert_eq!(ledger.step(Event::Ended(2), now), []);
        assert_eq!(ledger.next_tick(), Some(now + STAY));
        // Nothing was kept for anybody: it leaves.
        let mut idle = kept();
        idle.step(began(1, false), now);
        idle.step(Event::Goodbye, now);
        let ended = [Order::Forget(1), Order::Leave];
        assert_eq!(idle.step(Event::Ended(1), now), ended);
    }
}

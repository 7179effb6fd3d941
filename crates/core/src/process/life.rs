//! What a process is doing: the pure machine behind every status and every order.
//!
//! Facts with `now` go in, orders come out; there is no I/O and no clock here. What must stay true:
//! gone is final and told once; nothing is killed that nobody wanted to end; a second request may
//! shorten a wait but never lengthen it; what ended the leader is decided once, when it ends.

use super::status::Cause;
use handfast_sys::child::Exit;
use std::time::{Duration, Instant, SystemTime};

/// How long a killed tree may take to be empty before its survivors are named.
pub(crate) const KILL_PATIENCE: Duration = Duration::from_secs(5);

/// Facts, never wishes of the machine: each has already happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// The program runs.
    Started,
    /// It does not, and nothing of it is left.
    NotStarted,
    /// Somebody wants the tree to end.
    StopAsked { grace: Duration, cause: Cause },
    /// The owner is going or gone: the reaper ends the tree by itself.
    OwnerGone { cause: Cause },
    /// A signal was sent at a caller's wish.
    SignalSent { signal: i32 },
    /// The first process has ended.
    LeaderExited { exit: Exit, at: SystemTime },
    /// No member is left.
    TreeEmpty,
    /// The reaper ended and took the tree with it.
    TreeLost,
    /// A lost reaper was replaced; it knows the tree but not what was wanted of it.
    ReaperReplaced,
    /// Time has passed.
    Tick,
}

/// What the task must now do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Ask every member to end.
    Ask,
    /// Kill the tree.
    Kill,
    /// What a caller can see has changed.
    Announce,
    /// The tree resists: tell those who wait for its end who survived.
    NameSurvivors,
    /// It is over: make the tombstone and leave.
    Bury,
}

/// Where a tree stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Being started.
    Starting,
    /// Running, nobody wants it to end.
    Up,
    /// Asked to end.
    Stopping { kill_at: Instant },
    /// Killed, not yet known to be empty.
    Killing { overdue_at: Option<Instant> },
    /// Nothing is left.
    Gone,
}

/// How the leader ended, fixed from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LeaderEnd {
    pub(crate) exit: Exit,
    pub(crate) at: SystemTime,
    pub(crate) cause: Cause,
}

/// A wish that the tree ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wish {
    grace: Duration,
    cause: Cause,
}

/// The life of one tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) phase: Phase,
    /// Kept apart from the phase, so that a stop while starting is not lost.
    wish: Option<Wish>,
    pub(crate) leader: Option<LeaderEnd>,
    pub(crate) failed: bool,
    last_signal: Option<i32>,
}

impl Default for Life {
    fn default() -> Self {
        Life {
            phase: Phase::Starting,
            wish: None,
            leader: None,
            failed: false,
            last_signal: None,
        }
    }
}

const SIGKILL: i32 = 9;

impl Life {
    /// Takes in one fact and says what follows from it.
    pub(crate) fn step(&mut self, event: Event, now: Instant) -> Vec<Order> {
        if self.phase == Phase::Gone {
            return Vec::new();
        }
        match event {
            Event::Started => self.started(now),
            Event::NotStarted => {
                self.failed = true;
                self.gone()
            }
            Event::StopAsked { grace, cause } => self.stop_asked(Wish { grace, cause }, now),
            Event::OwnerGone { cause } => {
                self.wish.get_or_insert(Wish {
                    grace: Duration::ZERO,
                    cause,
                });
                Vec::new()
            }
            Event::SignalSent { signal } => {
                self.last_signal = Some(signal);
                Vec::new()
            }
            Event::LeaderExited { exit, at } => self.leader_exited(exit, at),
            Event::TreeEmpty => self.tree_empty(),
            Event::TreeLost => self.tree_lost(),
            Event::ReaperReplaced => self.repeat(),
            Event::Tick => self.tick(now),
        }
    }

    /// When [`Event::Tick`] is next due.
    pub(crate) fn next_tick(&self) -> Option<Instant> {
        match self.phase {
            Phase::Stopping { kill_at } => Some(kill_at),
            Phase::Killing { overdue_at } => overdue_at,
            Phase::Starting | Phase::Up | Phase::Gone => None,
        }
    }

    /// Why the tree is to end, where somebody wants that.
    #[cfg(test)]
    pub(crate) fn wanted_end(&self) -> Option<Cause> {
        self.wish.map(|wish| wish.cause)
    }

    fn started(&mut self, now: Instant) -> Vec<Order> {
        if self.phase != Phase::Starting {
            return Vec::new();
        }
        self.phase = Phase::Up;
        let mut orders = vec![Order::Announce];
        if let Some(wish) = self.wish {
            orders.extend(self.begin_stop(wish, now));
        }
        orders
    }

    fn stop_asked(&mut self, wish: Wish, now: Instant) -> Vec<Order> {
        let first = *self.wish.get_or_insert(wish);
        let grace = first.grace.min(wish.grace);
        let wish = Wish {
            grace,
            cause: first.cause,
        };
        self.wish = Some(wish);
        match self.phase {
            Phase::Up => self.begin_stop(wish, now),
            Phase::Stopping { kill_at } => {
                self.phase = Phase::Stopping {
                    kill_at: kill_at.min(now + grace),
                };
                self.tick(now)
            }
            Phase::Starting | Phase::Killing { .. } | Phase::Gone => Vec::new(),
        }
    }

    fn begin_stop(&mut self, wish: Wish, now: Instant) -> Vec<Order> {
        if wish.grace.is_zero() {
            return self.begin_kill(now);
        }
        self.phase = Phase::Stopping {
            kill_at: now + wish.grace,
        };
        vec![Order::Ask]
    }

    fn begin_kill(&mut self, now: Instant) -> Vec<Order> {
        self.phase = Phase::Killing {
            overdue_at: Some(now + KILL_PATIENCE),
        };
        vec![Order::Kill]
    }

    fn leader_exited(&mut self, exit: Exit, at: SystemTime) -> Vec<Order> {
        if self.leader.is_some() {
            return Vec::new();
        }
        let cause = self.cause_of(exit);
        self.leader = Some(LeaderEnd { exit, at, cause });
        vec![Order::Announce]
    }

    /// A wish that came before the end explains it, whatever code the leader chose; else a signal
    /// of a caller does, if the leader died of that very one.
    fn cause_of(&self, exit: Exit) -> Cause {
        match (self.wish, exit, self.last_signal) {
            (Some(wish), _, _) => wish.cause,
            (None, Exit::Signal(died), Some(sent)) if died == sent => {
                Cause::Signal { signal: sent }
            }
            (None, Exit::Unknown, _) => Cause::Unknown,
            (None, Exit::Code(_) | Exit::Signal(_), _) => Cause::Itself,
        }
    }

    fn tree_empty(&mut self) -> Vec<Order> {
        if self.leader.is_none() {
            // A tree is empty only without its leader: how that ended was lost.
            self.leader_exited(Exit::Unknown, SystemTime::UNIX_EPOCH);
        }
        self.gone()
    }

    fn tree_lost(&mut self) -> Vec<Order> {
        if self.phase == Phase::Starting {
            self.failed = true;
        } else if self.leader.is_none() {
            let cause = self.wish.map_or(Cause::ReaperLost, |wish| wish.cause);
            let (exit, at) = (Exit::Signal(SIGKILL), SystemTime::UNIX_EPOCH);
            self.leader = Some(LeaderEnd { exit, at, cause });
        }
        self.gone()
    }

    fn gone(&mut self) -> Vec<Order> {
        self.phase = Phase::Gone;
        vec![Order::Announce, Order::Bury]
    }

    fn repeat(&self) -> Vec<Order> {
        match self.phase {
            Phase::Stopping { .. } => vec![Order::Ask],
            Phase::Killing { .. } => vec![Order::Kill],
            Phase::Starting | Phase::Up | Phase::Gone => Vec::new(),
        }
    }

    fn tick(&mut self, now: Instant) -> Vec<Order> {
        match self.phase {
            Phase::Stopping { kill_at } if kill_at <= now => self.begin_kill(now),
            Phase::Killing {
                overdue_at: Some(at),
            } if at <= now => {
                self.phase = Phase::Killing { overdue_at: None };
                vec![Order::NameSurvivors]
            }
            Phase::Starting
            | Phase::Up
            | Phase::Stopping { .. }
            | Phase::Killing { .. }
            | Phase::Gone => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(3);

    fn events() -> Vec<Event> {
        let at = SystemTime::UNIX_EPOCH + GRACE;
        vec![
            Event::Started,
            Event::NotStarted,
            Event::StopAsked {
                grace: GRACE,
                cause: Cause::Stop,
            },
            Event::StopAsked {
                grace: Duration::ZERO,
                cause: Cause::Deadline,
            },
            Event::OwnerGone {
                cause: Cause::OwnerGone,
            },
            Event::SignalSent { signal: 10 },
            Event::LeaderExited {
                exit: Exit::Code(3),
                at,
            },
            Event::TreeEmpty,
            Event::TreeLost,
            Event::ReaperReplaced,
            Event::Tick,
        ]
    }

    fn check(before: &Life, life: &Life, orders: &[Order]) {
        let gone = before.phase == Phase::Gone;
        assert!(
            !gone || (life == before && orders.is_empty()),
            "gone is final"
        );
        let kills = orders.contains(&Order::Kill) || orders.contains(&Order::Ask);
        assert!(
            !kills || life.wanted_end().is_some(),
            "ended what nobody wanted to end"
        );
        assert!(
            before.leader.is_none() || before.leader == life.leader,
            "the end is told once"
        );
        assert!(!orders.contains(&Order::Bury) || life.phase == Phase::Gone);
        if let (Phase::Stopping { kill_at: was }, Phase::Stopping { kill_at }) =
            (before.phase, life.phase)
        {
            assert!(kill_at <= was, "a wait was lengthened");
        }
    }

    /// Every order of six of the eleven facts: 1.8 million lives.
    #[test]
    fn every_order_of_six_facts_keeps_the_promises() {
        let events = events();
        let start = Instant::now();
        for number in 0..events.len().pow(6) {
            let mut life = Life::default();
            let mut buried = 0;
            for place in 0..6_u32 {
                let event = events[number / events.len().pow(place) % events.len()];
                let before = life.clone();
                let orders = life.step(event, start + Duration::from_secs(place.into()));
                check(&before, &life, &orders);
                buried += orders.iter().filter(|order| **order == Order::Bury).count();
            }
            assert_eq!(buried, usize::from(life.phase == Phase::Gone), "{number}");
        }
    }

    #[test]
    fn a_stop_while_starting_is_remembered() {
        let now = Instant::now();
        let mut life = Life::default();
        assert!(
            life.step(
                Event::StopAsked {
                    grace: GRACE,
                    cause: Cause::Stop
                },
                now
            )
            .is_empty()
        );
        assert_eq!(
            life.step(Event::Started, now),
            [Order::Announce, Order::Ask]
        );
        assert_eq!(life.next_tick(), Some(now + GRACE));
        assert_eq!(life.step(Event::Tick, now + GRACE), [Order::Kill]);
    }

    #[test]
    fn a_deadline_explains_the_end_whatever_code_the_child_chose() {
        let now = Instant::now();
        let mut life = Life::default();
        life.step(Event::Started, now);
        life.step(
            Event::StopAsked {
                grace: GRACE,
                cause: Cause::Deadline,
            },
            now,
        );
        let at = SystemTime::now();
        life.step(
            Event::LeaderExited {
                exit: Exit::Code(0),
                at,
            },
            now,
        );
        assert_eq!(life.leader.unwrap().cause, Cause::Deadline);
    }

    /// Nobody is left to ask for it, so only the machine can show it.
    #[test]
    fn the_end_of_the_owner_is_the_cause_unless_there_was_one_before() {
        let now = Instant::now();
        let exited = Event::LeaderExited {
            exit: Exit::Signal(15),
            at: SystemTime::now(),
        };
        let stop = Event::StopAsked {
            grace: GRACE,
            cause: Cause::Stop,
        };
        for (before, cause) in [(Event::Tick, Cause::OwnerGone), (stop, Cause::Stop)] {
            let mut life = Life::default();
            for event in [
                Event::Started,
                before,
                Event::OwnerGone {
                    cause: Cause::OwnerGone,
                },
                exited,
            ] {
                life.step(event, now);
            }
            assert_eq!(life.leader.unwrap().cause, cause);
        }
    }

    #[test]
    fn a_stop_after_the_leader_ended_does_not_change_why_it_ended() {
        let now = Instant::now();
        let mut life = Life::default();
        life.step(Event::Started, now);
        life.step(
            Event::LeaderExited {
                exit: Exit::Code(3),
                at: SystemTime::now(),
            },
            now,
        );
        let stop = Event::StopAsked {
            grace: GRACE,
            cause: Cause::Stop,
        };
        assert_eq!(life.step(stop, now), [Order::Ask]);
        assert_eq!(
            life.step(Event::TreeEmpty, now),
            [Order::Announce, Order::Bury]
        );
        assert_eq!(life.leader.unwrap().cause, Cause::Itself);
    }

    #[test]
    fn a_tree_that_resists_has_its_survivors_named_once() {
        let now = Instant::now();
        let mut life = Life::default();
        life.step(Event::Started, now);
        let kill = Event::StopAsked {
            grace: Duration::ZERO,
            cause: Cause::Kill,
        };
        assert_eq!(life.step(kill, now), [Order::Kill]);
        assert_eq!(
            life.step(Event::Tick, now + KILL_PATIENCE),
            [Order::NameSurvivors]
        );
        assert_eq!(life.step(Event::Tick, now + KILL_PATIENCE * 2), []);
        assert_eq!(
            life.step(Event::TreeEmpty, now),
            [Order::Announce, Order::Bury]
        );
    }
}

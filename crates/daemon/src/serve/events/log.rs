//! The last events, with numbers. Pure.

use crate::wire::Status;
use handfast::ProcessHandle;
use handfast::owner::OwnerId;
use std::collections::VecDeque;

/// How many are kept; the oldest go first.
pub(crate) const KEPT: usize = 4096;

/// Something that has happened to a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) seq: u64,
    pub(crate) at_ms: u64,
    pub(crate) handle: ProcessHandle,
    pub(crate) name: String,
    pub(crate) owner: OwnerId,
    pub(crate) label: Option<String>,
    pub(crate) word: String,
    pub(crate) status: Status,
}

/// The last events of all processes.
#[derive(Debug, Default)]
pub(crate) struct EventLog {
    kept: VecDeque<Event>,
    last: u64,
}

impl EventLog {
    /// Adds one, and gives it its number.
    pub(crate) fn push(&mut self, event: Event) {
        self.last += 1;
        let seq = self.last;
        self.kept.push_back(Event { seq, ..event });
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
    }

    /// So many have happened that are not known; they take numbers, and so nothing before them is kept as
    /// if it were followed by what comes.
    pub(crate) fn missed(&mut self, count: u64) {
        self.last += count;
        self.kept.clear();
    }

    /// The number of the last one.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// Those after a number that may be seen; the number to go on after; how many of all after the number
    /// are not kept.
    pub(crate) fn read(
        &self,
        after: u64,
        limit: usize,
        is_seen: impl Fn(&Event) -> bool,
    ) -> (Vec<Event>, u64, u64) {
        let first = self.kept.front().map_or(self.last + 1, |event| event.seq);
        let missed = first.saturating_sub(after.saturating_add(1));
        let from = self.kept.partition_point(|event| event.seq <= after);
        let mut found = Vec::new();
        for event in self.kept.range(from..) {
            if found.len() == limit {
                let last = event.seq - 1;
                return (found, last, missed);
            }
            if is_seen(event) {
                found.push(event.clone());
            }
        }
        (found, self.last.max(after), missed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(owner: &str) -> Event {
        Event {
            seq: 0,
            at_ms: 0,
            handle: "00000000-0000-8000-8000-000000000001".parse().unwrap(),
            name: "x".into(),
            owner: OwnerId::new(owner).unwrap(),
            label: None,
            word: "running".into(),
            status: Status::default(),
        }
    }

    proptest! {
        /// Whoever reads on from where they were gets each one once, in order, or its gap counted.
        #[test]
        fn every_event_is_read_once_or_counted(steps in prop::collection::vec((0_u8..4, 1_usize..4), 0..60)) {
            let (mut log, mut at, mut counted, mut happened) = (EventLog::default(), 0, 0, 0);
            for (what, number) in steps {
                match what {
                    0 => {
                        log.missed(number as u64);
                        happened += number as u64;
                    }
                    1 | 2 => {
                        log.push(event(if what == 1 { "a" } else { "b" }));
                        happened += 1;
                    }
                    _ => {
                        let (found, last, missed) = log.read(at, number, |_| true);
                        counted += missed + found.len() as u64;
                        prop_assert!(found.iter().all(|event| event.seq > at && event.seq <= last));
                        prop_assert!(found.is_sorted_by_key(|event| event.seq));
                        at = last;
                        prop_assert_eq!(counted, at);
                    }
                }
            }
            prop_assert_eq!(log.last(), happened);
        }
    }

    #[test]
    fn what_may_not_be_seen_is_passed_over_and_not_told() {
        let mut log = EventLog::default();
        for owner in ["a", "b", "a"] {
            log.push(event(owner));
        }
        let (found, last, missed) = log.read(0, 10, |event| event.owner.as_str() == "a");
        let numbers: Vec<u64> = found.iter().map(|event| event.seq).collect();
        assert_eq!((numbers, last, missed), (vec![1, 3], 3, 0));
    }

    #[test]
    fn the_oldest_go_first_and_are_counted() {
        let mut log = EventLog::default();
        for _ in 0..KEPT + 5 {
            log.push(event("a"));
        }
        let (found, _, missed) = log.read(0, 1, |_| true);
        assert_eq!((found[0].seq, missed), (6, 5));
    }
}

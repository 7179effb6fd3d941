//! When to look at the table of processes. Pure.
//!
//! A look costs a millisecond or two, and a build forks a thousand times a second. So one that was
//! caused by a fork keeps a distance from the last look, and a chain of forks costs a part of one
//! processor at the most; what ends, or is being killed, is looked at at once.

use std::time::{Duration, Instant};

/// How far apart looks are that were caused by forks.
const APART: Duration = Duration::from_millis(20);

/// When the next look is due.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    last: Option<Instant>,
    due: Option<Instant>,
}

impl Pace {
    /// Somebody has forked.
    pub fn forked(&mut self, now: Instant) {
        let earliest = self.last.map_or(now, |last| (last + APART).max(now));
        self.at(earliest);
    }

    /// There is a reason to look then.
    pub fn at(&mut self, then: Instant) {
        self.due = Some(self.due.map_or(then, |due| due.min(then)));
    }

    /// Whether to look now. Then it counts as done.
    pub fn take(&mut self, now: Instant) -> bool {
        let due = self.due.is_some_and(|due| due <= now);
        if due {
            self.last = Some(now);
            self.due = None;
        }
        due
    }

    /// When the next look is due; none while nothing has happened.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forks_are_looked_at_soon_and_not_too_often_and_ends_at_once() {
        let start = Instant::now();
        let mut pace = Pace::default();
        assert!(!pace.take(start), "a look without a reason");
        pace.forked(start);
        assert!(pace.take(start));
        let mut looks = 0;
        for millisecond in 0..1000 {
            let now = start + Duration::from_millis(millisecond);
            pace.forked(now);
            looks += u32::from(pace.take(now));
        }
        assert_eq!(looks, 49);
        let now = start + Duration::from_secs(1);
        pace.forked(now);
        pace.at(now);
        assert!(pace.take(now));
        assert_eq!(pace.due(), None);
        // A fork does not put off what is due before.
        pace.at(now + APART / 2);
        pace.forked(now);
        assert_eq!(pace.due(), Some(now + APART / 2));
    }
}

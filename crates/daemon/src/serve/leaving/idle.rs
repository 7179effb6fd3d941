//! When nobody has needed something for long enough. Pure.

use std::time::Duration;
use tokio::time::Instant;

/// What is to be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Wait until something ends.
    Wait,
    /// Look again then, or when something has happened.
    Until(Instant),
    /// It has been idle for long enough.
    Over,
}

/// Since when nothing has happened.
#[derive(Debug)]
pub(super) struct Idleness {
    limit: Option<Duration>,
    since: Option<(Instant, u64)>,
}

impl Idleness {
    /// Over after so long; never without a limit.
    pub(super) fn new(limit: Option<Duration>) -> Idleness {
        Idleness { limit, since: None }
    }

    /// How it stands now. `moment` counts what has begun and ended, so that what did both between two
    /// looks is seen too.
    pub(super) fn look(&mut self, is_busy: bool, moment: u64, now: Instant) -> Verdict {
        let Some(limit) = self.limit.filter(|_| !is_busy) else {
            self.since = None;
            return Verdict::Wait;
        };
        let (since, seen) = *self.since.get_or_insert((now, moment));
        let since = if seen == moment { since } else { now };
        self.since = Some((since, moment));
        match since.checked_add(limit) {
            None => Verdict::Wait,
            Some(end) if end <= now => Verdict::Over,
            Some(end) => Verdict::Until(end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(600);

    #[tokio::test(start_paused = true)]
    async fn it_is_over_when_nothing_has_happened_for_the_whole_time() {
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        let mut idle = Idleness::new(Some(LIMIT));
        assert_eq!(idle.look(true, 1, at(0)), Verdict::Wait);
        assert_eq!(idle.look(false, 2, at(10)), Verdict::Until(at(610)));
        assert_eq!(idle.look(false, 2, at(609)), Verdict::Until(at(610)));
        // Somebody came and went.
        assert_eq!(idle.look(false, 4, at(609)), Verdict::Until(at(1209)));
        assert_eq!(idle.look(true, 5, at(1000)), Verdict::Wait);
        assert_eq!(idle.look(false, 6, at(1100)), Verdict::Until(at(1700)));
        assert_eq!(idle.look(false, 6, at(1700)), Verdict::Over);
    }

    #[test]
    fn without_a_limit_it_is_never_over() {
        let mut idle = Idleness::new(None);
        let now = Instant::now();
        assert_eq!(idle.look(false, 0, now), Verdict::Wait);
        let mut for_ever = Idleness::new(Some(Duration::MAX));
        assert_eq!(for_ever.look(false, 0, now), Verdict::Wait);
    }
}

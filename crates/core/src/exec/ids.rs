//! Numbers of sessions.
//!
//! Pure. Random ones, so that a number that was lost and guessed is hardly ever somebody else's; the
//! range is the one on which models are trained (unified-exec 3.1). What must stay true: a number that
//! is taken is never drawn, and drawing ends although all of the range is taken.

use std::ops::Range;

/// The numbers that are drawn.
pub(super) const RANGE: Range<i32> = 1_000..100_000;

/// Random numbers that need not be secret, from one seed (SplitMix64, Steele and others 2014).
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number of the range, each as likely as any other.
    fn number(&mut self) -> i32 {
        let span = u64::from(RANGE.end.abs_diff(RANGE.start));
        let fair = u64::MAX - u64::MAX % span;
        loop {
            let roll = self.roll();
            if roll < fair {
                // Fits: it is below the span.
                return RANGE.start + (roll % span) as i32;
            }
        }
    }
}

/// How numbers are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Draw {
    /// At random.
    #[default]
    Random,
    /// One more than the largest that is taken, for tests.
    Next,
}

/// A number that is not taken; `None` where there is none. `largest` is the largest that is taken.
pub(super) fn draw(
    how: Draw,
    dice: &mut Dice,
    largest: Option<i32>,
    taken: impl Fn(i32) -> bool,
) -> Option<i32> {
    if how == Draw::Next {
        let next = largest.map_or(RANGE.start, |largest| largest.max(RANGE.start - 1) + 1);
        return RANGE.contains(&next).then_some(next);
    }
    // With as few taken as the limits allow, the second draw is a rare one.
    let tried = (0..64).map(|_| dice.number()).find(|id| !taken(*id));
    tried.or_else(|| RANGE.into_iter().find(|id| !taken(*id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn random_numbers_are_in_range_and_never_taken_twice() {
        let (mut dice, mut taken) = (Dice::new(7), BTreeSet::new());
        for _ in 0..5_000 {
            let id = draw(Draw::Random, &mut dice, None, |id| taken.contains(&id)).unwrap();
            assert!(RANGE.contains(&id) && taken.insert(id));
        }
        // All of the range is reached.
        assert!(taken.first() < Some(&1_200) && taken.last() > Some(&99_800));
    }

    #[test]
    fn the_last_free_number_is_found_and_then_there_is_none() {
        let mut dice = Dice::new(1);
        assert_eq!(
            draw(Draw::Random, &mut dice, None, |id| id != 4_321),
            Some(4_321)
        );
        assert_eq!(draw(Draw::Random, &mut dice, None, |_| true), None);
    }

    #[test]
    fn the_next_number_follows_the_largest() {
        let mut dice = Dice::new(1);
        let mut next = |largest| draw(Draw::Next, &mut dice, largest, |_| false);
        assert_eq!(next(None), Some(1_000));
        assert_eq!(next(Some(5)), Some(1_000));
        assert_eq!(next(Some(1_000)), Some(1_001));
        assert_eq!(next(Some(99_999)), None);
    }
}

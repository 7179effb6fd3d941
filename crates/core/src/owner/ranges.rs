//! Numbers that are remembered as ranges: whose a process was whose record was dropped.
//!
//! Pure. What must stay true: what it says was noted, was; memory is bounded, and what does not fit
//! any more is the lowest range.

use std::collections::BTreeMap;

/// How many ranges are kept: an owner whose processes were started one after the other needs one.
const MOST: usize = 1024;

/// A set of numbers, most of them neighbours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ranges {
    /// From the first number of a range to its last.
    ranges: BTreeMap<u64, u64>,
}

impl Ranges {
    /// Remembers a number.
    pub(super) fn note(&mut self, number: u64) {
        if self.has(number) {
            return;
        }
        let (mut first, mut last) = (number, number);
        let below = self.ranges.range(..number).next_back();
        if let Some((&low, _)) = below.filter(|(_, end)| end.checked_add(1) == Some(number)) {
            self.ranges.remove(&low);
            first = low;
        }
        if let Some(end) = number
            .checked_add(1)
            .and_then(|next| self.ranges.remove(&next))
        {
            last = end;
        }
        self.ranges.insert(first, last);
        if self.ranges.len() > MOST {
            self.ranges.pop_first();
        }
    }

    /// Whether the number was noted, and is still known.
    pub(super) fn has(&self, number: u64) -> bool {
        let below = self.ranges.range(..=number).next_back();
        below.is_some_and(|(_, last)| *last >= number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_is_the_set_of_what_was_noted(noted in prop::collection::vec(0_u64..200, 0..200)) {
            let mut ranges = Ranges::default();
            let mut set = BTreeSet::new();
            for number in noted {
                ranges.note(number);
                set.insert(number);
                prop_assert!((0..201).all(|other| ranges.has(other) == set.contains(&other)));
            }
            let gaps = set.iter().filter(|number| !set.contains(&(*number + 1)));
            prop_assert_eq!(ranges.ranges.len(), gaps.count());
        }
    }

    #[test]
    fn beyond_the_bound_the_lowest_go() {
        let mut ranges = Ranges::default();
        ranges.note(u64::MAX);
        for number in 0..5000 {
            ranges.note(number * 2);
        }
        assert_eq!(ranges.ranges.len(), MOST);
        assert!(!ranges.has(0) && ranges.has(9998) && ranges.has(u64::MAX));
    }
}

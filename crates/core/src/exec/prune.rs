//! Which session has to go when there are too many.
//!
//! Pure; the rule is that of unified-exec 3.5. What must stay true: one that somebody is waiting on
//! never goes, and while one that has ended could go, none that runs does.

/// How many sessions are kept unless the profile says otherwise.
pub const MAX_SESSIONS: usize = 64;

/// How many of the most recently used are never chosen, unless the profile says otherwise.
pub const PROTECTED: usize = 8;

/// From how many sessions on each new one is warned of.
pub const WARN_AT: usize = 60;

/// A session that may have to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate<T> {
    pub(super) id: i32,
    pub(super) last_used: T,
    pub(super) exited: bool,
    /// Somebody waits on it, or its end is being told.
    pub(super) locked: bool,
}

/// The one that has to go, if one may.
pub(super) fn victim<T: Ord + Copy>(
    mut candidates: Vec<Candidate<T>>,
    protected: usize,
) -> Option<i32> {
    candidates.sort_unstable_by_key(|candidate| (candidate.last_used, candidate.id));
    let open = candidates.len().saturating_sub(protected);
    candidates.truncate(open);
    let (exited, live): (Vec<_>, Vec<_>) = candidates.into_iter().partition(|one| one.exited);
    if let Some(one) = exited.iter().find(|one| !one.locked) {
        return Some(one.id);
    }
    if !exited.is_empty() {
        // It goes as soon as nobody waits on it any more.
        return None;
    }
    live.iter().find(|one| !one.locked).map(|one| one.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(id: i32, last_used: u32, exited: bool, locked: bool) -> Candidate<u32> {
        Candidate {
            id,
            last_used,
            exited,
            locked,
        }
    }

    /// The rule once more, as it is written down: looks for the next candidate again and again.
    fn naive(all: &[Candidate<u32>], protected: usize) -> Option<i32> {
        let is_protected = |one: &Candidate<u32>| {
            let later = all
                .iter()
                .filter(|other| (other.last_used, other.id) > (one.last_used, one.id));
            later.count() < protected
        };
        let (mut skipped, mut skipped_exited) = (Vec::new(), false);
        loop {
            let left = all
                .iter()
                .filter(|one| !is_protected(one) && !skipped.contains(&one.id));
            let oldest = |exited: bool| {
                let of_kind = left.clone().filter(|one| one.exited == exited);
                of_kind.min_by_key(|one| (one.last_used, one.id))
            };
            let next = oldest(true).or_else(|| oldest(false))?;
            if !next.exited && skipped_exited {
                return None;
            }
            if !next.locked {
                return Some(next.id);
            }
            skipped_exited |= next.exited;
            skipped.push(next.id);
        }
    }

    #[test]
    fn the_oldest_that_has_ended_goes_first() {
        let all = vec![
            one(1, 1, false, false),
            one(2, 2, true, false),
            one(3, 3, true, false),
        ];
        assert_eq!(victim(all.clone(), 0), Some(2));
        assert_eq!(victim(all.clone(), 1), Some(2));
        assert_eq!(victim(all.clone(), 2), Some(1));
        assert_eq!(victim(all, 3), None);
    }

    #[test]
    fn a_locked_one_that_has_ended_protects_those_that_run() {
        let all = vec![one(1, 1, false, false), one(2, 2, true, true)];
        assert_eq!(victim(all, 0), None);
        let all = vec![one(1, 1, false, true), one(2, 2, false, false)];
        assert_eq!(victim(all, 0), Some(2));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn it_is_the_rule_as_it_is_written_down(
            facts in prop::collection::vec((0_u32..12, any::<bool>(), any::<bool>()), 0..14),
            protected in 0_usize..10,
        ) {
            let all: Vec<_> = (1000..).zip(facts)
                .map(|(id, (used, exited, locked))| one(id, used, exited, locked)).collect();
            prop_assert_eq!(victim(all.clone(), protected), naive(&all, protected));
        }
    }
}

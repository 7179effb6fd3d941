//! Who belongs to a tree, where no object of the kernel says so. Pure.
//!
//! macOS offers no cgroup and no subreaper: an orphan becomes launchd's child. What stays with a process
//! for life is the unique number of the parent that forked it (`p_puniqueid`, which `proc_reparentlocked`
//! of XNU's `kern_proc.c` does not touch), so descent is followed by that. It is lost only where somebody
//! in between was born and ended between two looks; then the session, the group and the tree's mark are
//! what is left to go by.
//!
//! What must stay true: nobody is taken for a member by a number that may be a stranger's by now.

use std::collections::{BTreeMap, BTreeSet};

/// What the system says of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub pid: i32,
    /// Its parent, as it is now.
    pub parent: i32,
    /// Its group.
    pub group: i32,
    /// Its session.
    pub session: i32,
    /// Its effective user.
    pub user: u32,
    /// When it began, in microseconds since 1970.
    pub started: u64,
    /// Never another process's, until the system is started again.
    pub unique: u64,
    /// The unique number of whoever forked it; 0 where that is not known.
    pub parent_unique: u64,
    /// Whether it has ended and nobody has taken its status.
    pub zombie: bool,
}

/// All processes that the system shows us, at about one moment.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// One for each.
    pub entries: Vec<Entry>,
    /// Whether each that was listed was still there when it was asked about. Else one may have been
    /// followed by a child that was not listed.
    pub whole: bool,
}

impl Table {
    /// Makes up for unique numbers that the system did not give (0): by number and time of birth. Who
    /// forked an orphan is not known then.
    pub fn name_by_birth(&mut self) {
        let births: BTreeMap<i32, u64> = self
            .entries
            .iter()
            .map(|entry| (entry.pid, birth(entry.pid, entry.started)))
            .collect();
        let number = |pid: i32| births.get(&pid).copied().unwrap_or(0);
        for entry in self.entries.iter_mut().filter(|entry| entry.unique == 0) {
            entry.unique = number(entry.pid);
            entry.parent_unique = number(entry.parent);
        }
    }

    /// These have ended, as the kernel has told, though it may still list them for a moment: an end is
    /// told by `kqueue(2)` before the process becomes a zombie (`proc_exit` of XNU's `kern_exit.c`).
    pub fn note_ended(&mut self, ended: &BTreeSet<u64>) {
        for entry in &mut self.entries {
            entry.zombie |= ended.contains(&entry.unique);
        }
    }

    /// The process with this number.
    #[must_use]
    pub fn find(&self, pid: i32) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.pid == pid)
    }
}

/// Numbers of processes have 17 bits at most (`PID_MAX` of XNU is 99999).
fn birth(pid: i32, started: u64) -> u64 {
    started << 17 | u64::from(pid.unsigned_abs() & 0x1_FFFF)
}

/// How many looks the number of one that has ended is kept for the sake of its children: they are seen by
/// the next look, or by the one after, where one was being made while it ended.
const LOOKS_KEPT: u8 = 3;

/// launchd, which is the parent of every orphan.
const LAUNCHD: i32 = 1;

/// What is known of who descends from a leader.
#[derive(Debug, Clone, Default)]
pub struct Lineage {
    /// The unique numbers of members, and how many looks ago each was seen last.
    known: BTreeMap<u64, u8>,
    /// The number of the leader's session and group, while it can be nobody else's.
    own: Option<i32>,
    /// Nobody who is older is a member.
    since: u64,
}

impl Lineage {
    /// Of a leader that leads a session of its own, and whose number is its own: it lives, or its parent
    /// has not reaped it.
    #[must_use]
    pub fn of(leader: &Entry) -> Lineage {
        Lineage {
            known: BTreeMap::from([(leader.unique, 0)]),
            own: Some(leader.pid),
            since: leader.started,
        }
    }

    /// Of a tree of which nothing but its mark is known.
    #[must_use]
    pub fn by_mark() -> Lineage {
        Lineage::default()
    }

    /// From here on the leader's number may be anybody's.
    pub fn disown(&mut self) {
        self.own = None;
    }

    /// Takes in a look at the table; answers the live members. `is_marked` is asked of orphans of this
    /// user only: whoever has a parent of the tree is known by that.
    pub fn look(
        &mut self,
        table: &Table,
        user: u32,
        mut is_marked: impl FnMut(&Entry) -> bool,
    ) -> Vec<Entry> {
        for age in self.known.values_mut() {
            *age = age.saturating_add(1);
        }
        self.known.retain(|_, age| *age <= LOOKS_KEPT);
        let mut rest: Vec<&Entry> = Vec::with_capacity(table.entries.len());
        for entry in &table.entries {
            let orphan = entry.parent == LAUNCHD && entry.user == user && !entry.zombie;
            if self.is_in_session(entry)
                || orphan && entry.started >= self.since && is_marked(entry)
            {
                self.known.insert(entry.unique, 0);
            }
            rest.push(entry);
        }
        self.follow(rest);
        let alive = |entry: &&Entry| !entry.zombie && self.known.get(&entry.unique) == Some(&0);
        table.entries.iter().filter(alive).copied().collect()
    }

    fn is_in_session(&self, entry: &Entry) -> bool {
        self.own == Some(entry.session) || self.own == Some(entry.group)
    }

    /// Adds whoever descends from those that are known, until nobody is added.
    fn follow(&mut self, mut rest: Vec<&Entry>) {
        loop {
            let before = rest.len();
            rest.retain(|entry| {
                let known = self.known.contains_key(&entry.unique);
                if known || self.known.contains_key(&entry.parent_unique) {
                    self.known.insert(entry.unique, 0);
                    return false;
                }
                true
            });
            if rest.len() == before {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(pid: i32, parent: i32, parent_unique: u64) -> Entry {
        Entry {
            pid,
            parent,
            group: pid,
            session: pid,
            user: 501,
            started: 100,
            unique: u64::from(pid.unsigned_abs()) + 1000,
            parent_unique,
            zombie: false,
        }
    }

    fn table(entries: &[Entry]) -> Table {
        Table {
            entries: entries.to_vec(),
            whole: true,
        }
    }

    fn pids(found: &[Entry]) -> Vec<i32> {
        found.iter().map(|entry| entry.pid).collect()
    }

    #[test]
    fn an_orphan_is_known_by_who_forked_it() {
        let leader = entry(50, 40, 1040);
        let mut lineage = Lineage::of(&leader);
        let middle = entry(51, 50, 1050);
        let found = lineage.look(&table(&[leader, middle]), 501, |_| false);
        assert_eq!(pids(&found), [50, 51]);
        // The one in between has ended and been reaped; its child has become launchd's.
        let orphan = entry(52, 1, 1051);
        let stranger = entry(53, 1, 1001);
        let all = table(&[leader, orphan, stranger]);
        assert_eq!(pids(&lineage.look(&all, 501, |_| false)), [50, 52]);
    }

    #[test]
    fn who_lost_its_line_is_known_by_session_group_or_mark() {
        let leader = entry(50, 40, 1040);
        let lost = |pid| entry(pid, 1, 9);
        let in_session = Entry {
            session: 50,
            ..lost(60)
        };
        let in_group = Entry {
            group: 50,
            ..lost(61)
        };
        let all = table(&[leader, in_session, in_group, lost(62), lost(63)]);
        let mut lineage = Lineage::of(&leader);
        let found = lineage.look(&all, 501, |entry| entry.pid == 62);
        assert_eq!(pids(&found), [50, 60, 61, 62]);
        lineage.disown();
        // Whoever was known stays known; the number alone says nothing any more.
        let late = Entry {
            session: 50,
            ..lost(64)
        };
        let found = lineage.look(&table(&[in_session, late]), 501, |_| false);
        assert_eq!(pids(&found), [60]);
    }

    #[test]
    fn one_whose_end_was_told_is_no_member_and_its_children_still_are() {
        let leader = entry(50, 40, 1040);
        let child = entry(51, 50, 1050);
        let mut all = table(&[leader, child]);
        all.note_ended(&BTreeSet::from([1050]));
        let found = Lineage::of(&leader).look(&all, 501, |_| false);
        assert_eq!(pids(&found), [51]);
    }

    #[test]
    fn a_mark_counts_for_young_orphans_of_our_user_only() {
        let leader = entry(50, 40, 1040);
        let older = Entry {
            started: 99,
            ..entry(60, 1, 9)
        };
        let other_user = Entry {
            user: 502,
            ..entry(61, 1, 9)
        };
        let a_child = entry(62, 59, 1059);
        let dead = Entry {
            zombie: true,
            ..entry(63, 1, 9)
        };
        let all = table(&[older, other_user, a_child, dead]);
        let found = Lineage::of(&leader).look(&all, 501, |_| true);
        assert_eq!(pids(&found), [] as [i32; 0]);
        // Of a tree without a leader every age will do.
        let found = Lineage::by_mark().look(&all, 501, |_| true);
        assert_eq!(pids(&found), [60]);
    }

    #[test]
    fn the_number_of_a_dead_one_is_forgotten_after_some_looks() {
        let leader = entry(50, 40, 1040);
        let mut lineage = Lineage::of(&leader);
        for _ in 0..LOOKS_KEPT {
            lineage.look(&table(&[]), 501, |_| false);
        }
        let child = entry(51, 1, 1050);
        let mut late = lineage.clone();
        assert_eq!(
            pids(&lineage.look(&table(&[child]), 501, |_| false)),
            [] as [i32; 0]
        );
        assert_eq!(late.look(&table(&[]), 501, |_| false), []);
        assert!(late.known.is_empty(), "a ledger that only grows");
    }

    #[test]
    fn without_unique_numbers_descent_is_known_while_parents_live() {
        let bare = |pid, parent| Entry {
            unique: 0,
            ..entry(pid, parent, 0)
        };
        let mut all = table(&[bare(50, 40), bare(51, 50), bare(52, 51), bare(60, 1)]);
        all.name_by_birth();
        let leader = *all.find(50).unwrap();
        assert_ne!(leader.unique, 0);
        let found = Lineage::of(&leader).look(&all, 501, |_| false);
        assert_eq!(pids(&found), [50, 51, 52]);
        // A number that is used again is another process's.
        let again = Entry {
            started: 101,
            ..bare(51, 40)
        };
        let mut later = table(&[again]);
        later.name_by_birth();
        assert_ne!(later.entries[0].unique, all.find(51).unwrap().unique);
    }
}

//! A world of processes that fork, end and hide while they are hunted.

use super::*;
use crate::tree::lineage::{Lineage, Table};
use proptest::prelude::*;
use std::slice::Chunks;

const USER: u32 = 501;
const LEADER: u64 = 1;

#[derive(Debug, Clone)]
struct Process {
    entry: Entry,
    marked: bool,
    /// Whether it descends from the leader, whatever anybody knows.
    member: bool,
    /// Whether a look has ever shown it.
    seen: bool,
    stopped: bool,
    /// It is another user's, and no signal reaches it.
    foreign: bool,
}

/// What a process does by itself.
#[derive(Debug, Clone, Copy)]
enum Act {
    Fork,
    End,
    LeaveSession,
    CleanEnvironment,
}

#[derive(Debug, Default)]
struct World {
    alive: Vec<Process>,
    born: u64,
    /// Those that ended before a look had shown them.
    unseen_dead: Vec<u64>,
}

impl World {
    /// The reaper with its leader, and a stranger that was launchd's from the beginning.
    fn new() -> World {
        let mut world = World::default();
        world.add((9, 9000), true, true);
        world.alive[0].entry.session = world.alive[0].entry.pid;
        world.alive[0].entry.group = world.alive[0].entry.pid;
        world.add((1, 8000), false, false);
        world
    }

    fn add(&mut self, (parent, parent_unique): (i32, u64), member: bool, marked: bool) -> u64 {
        self.born += 1;
        let pid = i32::try_from(self.born).unwrap() + 100;
        self.alive.push(Process {
            entry: Entry {
                pid,
                parent,
                group: 7,
                session: 7,
                user: USER,
                started: 1000 + self.born,
                unique: self.born,
                parent_unique,
                zombie: false,
            },
            marked,
            member,
            seen: false,
            stopped: false,
            foreign: false,
        });
        self.born
    }

    fn act(&mut self, which: usize, act: Act) {
        let running: Vec<usize> = (0..self.alive.len())
            .filter(|place| !self.alive[*place].stopped)
            .collect();
        if running.is_empty() {
            return;
        }
        let place = running[which % running.len()];
        let process = self.alive[place].clone();
        match act {
            Act::Fork => {
                let parent = (process.entry.pid, process.entry.unique);
                self.add(parent, process.member, process.marked);
                let child = self.alive.last_mut().unwrap();
                child.entry.session = process.entry.session;
                child.entry.group = process.entry.group;
            }
            Act::End => self.end(process.entry.unique),
            Act::LeaveSession => {
                let entry = &mut self.alive[place].entry;
                (entry.session, entry.group) = (entry.pid, entry.pid);
            }
            Act::CleanEnvironment => self.alive[place].marked = false,
        }
    }

    /// The leader stays as a zombie, since it is not reaped.
    fn end(&mut self, unique: u64) {
        let place = self.alive.iter().position(|one| one.entry.unique == unique);
        let ended = self.alive.remove(place.unwrap());
        if !ended.seen {
            self.unseen_dead.push(unique);
        }
        for orphan in &mut self.alive {
            if orphan.entry.parent == ended.entry.pid {
                orphan.entry.parent = 1;
            }
        }
    }

    fn table(&mut self) -> Table {
        self.alive.iter_mut().for_each(|one| one.seen = true);
        Table {
            entries: self.alive.iter().map(|one| one.entry).collect(),
            whole: true,
        }
    }

    fn look(&mut self, lineage: &mut Lineage) -> Vec<Entry> {
        let table = self.table();
        let alive = self.alive.clone();
        let marked = |entry: &Entry| {
            let one = alive.iter().find(|one| one.entry.unique == entry.unique);
            one.is_some_and(|one| one.marked)
        };
        lineage.look(&table, USER, marked)
    }

    fn signal(&mut self, targets: &[Entry], kill: bool) {
        for target in targets {
            let unique = target.unique;
            let one = self.alive.iter_mut().find(|one| one.entry.unique == unique);
            // It ended first.
            let Some(one) = one else { continue };
            assert!(one.member, "a stranger was signalled");
            match (one.foreign, kill) {
                (true, _) => {}
                (false, true) => self.end(unique),
                (false, false) => one.stopped = true,
            }
        }
    }

    /// Members that are alive and that something leads to.
    fn findable(&self, leader: i32) -> Vec<u64> {
        let mut lost = self.unseen_dead.clone();
        let mut found = Vec::new();
        for one in self.alive.iter().filter(|one| one.member) {
            let entry = &one.entry;
            let by_line = !lost.contains(&entry.parent_unique);
            let by_mark = one.marked && entry.parent == 1;
            if by_line || by_mark || entry.session == leader || entry.group == leader {
                found.push(entry.unique);
            } else {
                lost.push(entry.unique);
            }
        }
        found
    }
}

fn acts() -> impl Strategy<Value = Vec<(usize, Act)>> {
    let act = prop_oneof![
        4 => Just(Act::Fork),
        2 => Just(Act::End),
        1 => Just(Act::LeaveSession),
        1 => Just(Act::CleanEnvironment),
    ];
    prop::collection::vec((0..8_usize, act), 0..40)
}

/// Hunts to the end; `at_once` acts happen between two looks.
fn hunt(mut world: World, acts: &[(usize, Act)], at_once: usize) -> World {
    let leader = world.alive[0].entry;
    let mut lineage = Lineage::of(&leader);
    world.look(&mut lineage);
    let (before, during) = acts.split_at(acts.len() / 2);
    for some in before.chunks(at_once.max(1)) {
        some.iter().for_each(|(which, act)| world.act(*which, *act));
        world.look(&mut lineage);
    }
    finish(world, lineage, &mut during.chunks(at_once.max(1)))
}

/// Hunts to the end, while acts happen.
fn finish(mut world: World, mut lineage: Lineage, during: &mut Chunks<'_, (usize, Act)>) -> World {
    let mut hunt = Hunt::default();
    let mut now = Instant::now();
    for _ in 0..1000 {
        let members = world.look(&mut lineage);
        now += SHORTEST;
        match hunt.step(&members, true, now) {
            Order::Done => return world,
            Order::Stop(some) => world.signal(&some, false),
            Order::Kill(some) => world.signal(&some, true),
            Order::Look | Order::Rest(_) => {}
        }
        for (which, act) in during.next().unwrap_or_default() {
            world.act(*which, *act);
        }
    }
    panic!("the hunt has no end");
}

proptest! {
    /// Where each fork is seen before anything else happens, nobody escapes.
    #[test]
    fn where_each_fork_is_seen_nobody_is_left(acts in acts()) {
        let world = hunt(World::new(), &acts, 1);
        prop_assert!(!world.alive.iter().any(|one| one.member));
    }

    /// Where much happens between two looks only those escape that nothing leads to; and no stranger is
    /// ever touched, which `World::signal` checks.
    #[test]
    fn whoever_can_be_found_is_found(acts in acts(), at_once in 2..9_usize) {
        let world = hunt(World::new(), &acts, at_once);
        let leader = 101;
        prop_assert_eq!(world.findable(leader), Vec::<u64>::new());
    }
}

/// The hole that the grade `swept` stands for.
#[test]
fn who_double_forks_between_two_looks_and_cleans_up_escapes() {
    let double = [
        (0, Act::Fork),
        (2, Act::LeaveSession),
        (2, Act::Fork),
        (3, Act::CleanEnvironment),
        (2, Act::End),
    ];
    let mut escaped = hunt_after(&double);
    assert_eq!(escaped.alive.pop().map(|one| one.member), Some(true));
    // Control: its mark alone would have done.
    let marked: Vec<_> = double
        .into_iter()
        .filter(|(_, act)| !matches!(act, Act::CleanEnvironment))
        .collect();
    assert!(!hunt_after(&marked).alive.iter().any(|one| one.member));
}

/// All acts between the first look and the second.
fn hunt_after(acts: &[(usize, Act)]) -> World {
    let mut world = World::new();
    let mut lineage = Lineage::of(&world.alive[0].entry);
    world.look(&mut lineage);
    acts.iter().for_each(|(which, act)| world.act(*which, *act));
    finish(world, lineage, &mut [].chunks(1))
}

#[test]
fn all_are_stopped_until_nobody_is_new_and_only_then_killed() {
    let one = |unique| Entry {
        unique,
        ..World::new().alive[0].entry
    };
    let mut hunt = Hunt::default();
    let mut now = Instant::now();
    assert_eq!(hunt.step(&[one(1)], true, now), Order::Stop(vec![one(1)]));
    let both = [one(1), one(2)];
    assert_eq!(hunt.step(&both, true, now), Order::Stop(vec![one(2)]));
    assert_eq!(hunt.step(&both, true, now), Order::Kill(both.to_vec()));
    // One that resists is killed again, and less often each time.
    let mut rests = Vec::new();
    for _ in 0..10 {
        let until = match hunt.step(&[one(2)], true, now) {
            Order::Rest(until) => until,
            other => panic!("{other:?}"),
        };
        // A look before that, because another has ended, changes nothing.
        let early = now + (until - now) / 2;
        assert_eq!(hunt.step(&[one(2)], true, early), Order::Rest(until));
        rests.push(until - now);
        now = until;
        assert_eq!(hunt.step(&[one(2)], true, now), Order::Kill(vec![one(2)]));
    }
    assert!(rests.is_sorted());
    assert_eq!((rests[0], rests[9]), (SHORTEST, LONGEST));
    // Who is new is stopped at once, though the others rest.
    assert!(matches!(hunt.step(&[one(2)], true, now), Order::Rest(_)));
    let more = [one(2), one(3)];
    assert_eq!(hunt.step(&more, true, now), Order::Stop(vec![one(3)]));
    assert_eq!(hunt.step(&more, true, now), Order::Kill(more.to_vec()));
    assert_eq!(hunt.step(&[], false, now), Order::Look);
    assert_eq!(hunt.step(&[], true, now), Order::Done);
}

#[test]
fn a_bomb_that_cannot_be_stopped_in_time_is_killed_all_the_same() {
    let one = |unique| Entry {
        unique,
        ..World::new().alive[0].entry
    };
    let mut hunt = Hunt::default();
    let mut members = vec![one(LEADER)];
    for unique in 2..100 {
        if let Order::Kill(some) = hunt.step(&members, true, Instant::now()) {
            assert_eq!(some.len(), members.len());
            return;
        }
        members.push(one(unique));
    }
    panic!("it was never killed");
}

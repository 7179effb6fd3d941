use super::*;
use crate::process::Mark;
use proptest::prelude::*;

const MIB: u64 = 1024 * 1024;

fn id(name: &str) -> OwnerId {
    OwnerId::new(name).unwrap()
}

fn handle() -> ProcessHandle {
    Mark::draw().unwrap().handle(7)
}

/// `a` with two processes and 4 MiB, `b` below it with one, and `c` beside them.
fn family() -> Book {
    let mut book = Book::new();
    let limits = Limits::unlimited();
    book.add(
        &id("a"),
        &OwnerId::host(),
        limits.processes(2).output_bytes(4 * MIB),
    )
    .unwrap();
    book.add(&id("b"), &id("a"), limits.processes(1)).unwrap();
    book.add(&id("c"), &OwnerId::host(), limits.processes(1))
        .unwrap();
    book
}

/// What must be true of every book at every moment.
fn check(book: &Book) {
    for (serial, node) in &book.nodes {
        let sum = |owners: &[u64]| {
            let mut sum = Usage::default();
            let rows = book.rows.values();
            rows.filter(|row| owners.contains(&row.owner))
                .for_each(|row| sum.add(row.uses));
            sum
        };
        assert_eq!(node.own, sum(&[*serial]), "{}", node.id);
        assert_eq!(node.all, sum(&book.below(*serial)), "{}", node.id);
        for kind in LimitKind::ALL {
            let most = node.limits.of(kind).unwrap_or(u64::MAX);
            assert!(node.all.of(kind) <= most, "{} is above its limit", node.id);
        }
        assert_eq!(book.by_id.get(&node.id), Some(serial));
        let parent = node.parent.map(|parent| book.nodes.get(&parent));
        assert!(parent.is_none_or(|parent| parent.is_some()), "an orphan");
        assert!(parent.is_some() || *serial == HOST);
    }
    for row in book.rows.values() {
        assert!(
            book.nodes.contains_key(&row.owner),
            "a row without an owner"
        );
        let processes = u64::from(row.stage != Stage::Over);
        assert_eq!(row.uses.processes, processes);
    }
}

/// What can happen, to owners by name and to rows by number.
#[derive(Debug, Clone, Copy)]
enum Act {
    Add(&'static str, &'static str),
    Reserve(&'static str),
    Enter(u64),
    Over(u64),
    Forget(u64),
    Transfer(u64, Option<&'static str>, &'static str),
    BeginEnd(&'static str),
    FinishEnd,
}

const ACTS: [Act; 14] = [
    Act::Add("b", "a"),
    Act::Reserve("a"),
    Act::Reserve("b"),
    Act::Enter(0),
    Act::Enter(1),
    Act::Over(0),
    Act::Forget(0),
    Act::Transfer(0, Some("b"), "a"),
    Act::Transfer(0, Some("a"), "b"),
    Act::Transfer(0, None, "c"),
    Act::Transfer(1, None, "a"),
    Act::BeginEnd("a"),
    Act::BeginEnd("b"),
    Act::FinishEnd,
];

/// A book, and who is ending owners in it.
#[derive(Clone)]
struct World {
    book: Book,
    ends: Vec<Marked>,
}

impl World {
    /// Does one thing; answers whether it was refused.
    fn act(&mut self, act: Act) -> bool {
        let book = &mut self.book;
        match act {
            Act::Add(name, parent) => {
                let limits = Limits::unlimited().processes(1);
                book.add(&id(name), &id(parent), limits).is_err()
            }
            Act::Reserve(name) => {
                let key = book.key(&id(name));
                key.is_err_and(|_| true) || {
                    let key = book.key(&id(name)).unwrap();
                    book.reserve(&key, MIB).is_err()
                }
            }
            Act::Enter(row) => {
                // One whose owner is ending is refused, and gives its place up at once.
                if book.enter(row, row + 100).is_err() {
                    book.forget(row);
                }
                false
            }
            Act::Over(row) => {
                let entered = |row: &Row| row.stage == Stage::Entered;
                if book.rows.get(&row).is_some_and(entered) {
                    book.over(row, MIB / 2);
                }
                false
            }
            Act::Forget(row) => {
                book.forget(row);
                false
            }
            Act::Transfer(row, asked, to) => {
                let asked = asked.and_then(|name| book.any_key(&id(name)).ok());
                book.transfer((row, handle()), asked.as_ref(), &id(to))
                    .is_err()
            }
            Act::BeginEnd(name) => {
                let begun = book.any_key(&id(name)).and_then(|key| book.begin_end(&key));
                match begun {
                    Ok(Begun::Now(marked)) => self.ends.push(marked),
                    Ok(Begun::Already) => {}
                    Err(_) => return true,
                }
                false
            }
            Act::FinishEnd => {
                let ready = self.ends.iter().position(|marked| !book.is_waiting(marked));
                let Some(ready) = ready else {
                    return true;
                };
                book.finish_end(&self.ends.remove(ready));
                false
            }
        }
    }

    fn step(&mut self, act: Act) {
        let before = self.clone();
        let refused = self.act(act);
        check(&self.book);
        if refused {
            assert_eq!(self.book, before.book, "a refusal changed something");
        }
        let ending = before.book.nodes.iter().filter(|(_, node)| node.ending);
        for (serial, node) in ending {
            let Some(now) = self.book.nodes.get(serial) else {
                continue;
            };
            // It takes nothing on, but what an end below it leaves.
            let grown = now.all.processes > node.all.processes;
            assert!(!grown, "{act:?} gave to one that is ending");
            if !matches!(act, Act::FinishEnd) {
                assert!(now.own.processes <= node.own.processes);
            }
        }
        for (number, row) in &before.book.rows {
            let was_ending = before
                .book
                .nodes
                .get(&row.owner)
                .is_some_and(|node| node.ending);
            let now = self.book.rows.get(number).map(|row| row.owner);
            let stays = now.is_none_or(|now| now == row.owner) || matches!(act, Act::FinishEnd);
            assert!(!was_ending || stays, "{act:?} took from one that is ending");
        }
    }
}

/// All that can follow, to this depth.
fn every_order(world: &World, depth: usize, count: &mut usize) {
    for act in ACTS {
        let mut next = world.clone();
        next.step(act);
        *count += 1;
        if depth > 1 {
            every_order(&next, depth - 1, count);
        }
    }
}

#[test]
fn every_order_of_four_acts_keeps_the_promises() {
    let empty = World {
        book: family(),
        ends: Vec::new(),
    };
    // The same with a process that runs and one that is being started.
    let mut busy = empty.clone();
    for act in [Act::Reserve("b"), Act::Enter(0), Act::Reserve("a")] {
        busy.step(act);
    }
    let mut count = 0;
    every_order(&empty, 4, &mut count);
    every_order(&busy, 4, &mut count);
    let all = |depth| {
        (1..=depth)
            .map(|length| ACTS.len().pow(length))
            .sum::<usize>()
    };
    let expected = 2 * all(4);
    assert_eq!(count, expected);
}

proptest! {
    #[test]
    fn long_lives_keep_the_promises(
        acts in prop::collection::vec((0..9_usize, 0..4_usize, 0..4_usize, 0..12_u64), 0..120)
    ) {
        const NAMES: [&str; 4] = ["a", "b", "c", "host"];
        let mut world = World { book: family(), ends: Vec::new() };
        for (kind, one, other, row) in acts {
            let (one, other) = (NAMES[one], NAMES[other]);
            world.step(match kind {
                0 => Act::Add(one, other),
                1 | 2 => Act::Reserve(one),
                3 => Act::Enter(row),
                4 => Act::Over(row),
                5 => Act::Forget(row),
                6 => Act::Transfer(row, Some(one), other),
                7 => Act::Transfer(row, None, other),
                _ if row % 2 == 0 => Act::BeginEnd(one),
                _ => Act::FinishEnd,
            });
        }
    }
}

/// The negative control: the check of the tests above finds a book that does not add up.
#[test]
#[should_panic(expected = "above its limit")]
fn a_book_above_a_limit_is_found_out() {
    let mut book = family();
    let key = book.key(&id("b")).unwrap();
    book.reserve(&key, 0).unwrap();
    book.nodes.get_mut(&key.serial).unwrap().limits = Limits::unlimited().processes(0);
    check(&book);
}

#[test]
fn a_limit_holds_for_all_below_and_says_who_uses_it_up() {
    let mut book = family();
    let (a, b) = (book.key(&id("a")).unwrap(), book.key(&id("b")).unwrap());
    book.reserve(&b, 0).unwrap();
    book.reserve(&a, 0).unwrap();
    let Err(Short::Refused(OwnerError::Limit(reached))) = book.reserve(&a, 0) else {
        panic!("two are allowed")
    };
    assert_eq!(reached.used_by, [(id("a"), 1), (id("b"), 1)]);
    assert_eq!(
        reached.to_string(),
        "take a process on for `a`: `a` may have 2 processes, 1 more is wanted, and `a` has 1, \
         `b` has 1"
    );
}

#[test]
fn more_users_than_are_named_are_counted() {
    let mut book = Book::new();
    let all = id("all");
    book.add(&all, &OwnerId::host(), Limits::unlimited().processes(10))
        .unwrap();
    for number in 0..10 {
        let one = id(&format!("one-{number}"));
        let key = book.add(&one, &all, Limits::unlimited()).unwrap();
        book.reserve(&key, 0).unwrap();
    }
    let key = book.key(&id("one-3")).unwrap();
    let Err(Short::Refused(OwnerError::Limit(reached))) = book.reserve(&key, 0) else {
        panic!("ten are allowed")
    };
    assert_eq!((reached.used_by.len(), reached.others), (8, 2));
    assert!(reached.to_string().ends_with(", 2 more have some"));
}

#[test]
fn what_is_handed_to_the_parent_fits_there_and_frees_the_child() {
    let mut book = family();
    let (a, b) = (book.key(&id("a")).unwrap(), book.key(&id("b")).unwrap());
    let row = book.reserve(&b, MIB).unwrap();
    book.enter(row, 1).unwrap();
    let other = book.reserve(&a, 3 * MIB).unwrap();
    book.enter(other, 2).unwrap();
    // Both limits of `a` are used up by the two together.
    book.transfer((row, handle()), Some(&b), &id("a")).unwrap();
    assert!(book.is_of(row, &a) && !book.is_of(row, &b));
    // The other one fits into none of `b`'s.
    book.nodes.get_mut(&b.serial).unwrap().limits = Limits::unlimited().processes(0);
    let refused = book.transfer((other, handle()), Some(&a), &id("b"));
    assert!(matches!(refused, Err(Short::Refused(OwnerError::Limit(_)))));
    assert!(book.is_of(other, &a));
}

#[test]
fn a_hand_over_needs_a_relation_unless_the_host_asks() {
    let mut book = family();
    let (b, c) = (book.key(&id("b")).unwrap(), book.key(&id("c")).unwrap());
    let row = book.reserve(&b, 0).unwrap();
    let early = book.transfer((row, handle()), Some(&b), &id("a"));
    assert!(early.is_err(), "nobody can have its handle yet");
    book.enter(row, 1).unwrap();
    let refused = book.transfer((row, handle()), Some(&b), &id("c"));
    assert!(matches!(
        refused,
        Err(Short::Refused(OwnerError::NotRelated { .. }))
    ));
    let foreign = book.transfer((row, handle()), Some(&c), &id("c"));
    assert!(matches!(
        foreign,
        Err(Short::Refused(OwnerError::Lookup(
            LookupError::Unknown { .. }
        )))
    ));
    book.transfer((row, handle()), None, &id("c")).unwrap();
    assert!(book.is_of(row, &c));
}

#[test]
fn a_start_that_is_overtaken_by_the_end_is_refused() {
    let mut book = family();
    let b = book.key(&id("b")).unwrap();
    let row = book.reserve(&b, 0).unwrap();
    let a = book.key(&id("a")).unwrap();
    let Ok(Begun::Now(marked)) = book.begin_end(&a) else {
        panic!("nobody else ends it")
    };
    assert!(book.is_waiting(&marked));
    let refused = book.enter(row, 1);
    assert_eq!(refused, Err(OwnerError::Ended { owner: id("b") }));
    book.forget(row);
    assert!(!book.is_waiting(&marked));
    book.finish_end(&marked);
    assert_eq!(
        book.key(&id("b")),
        Err(OwnerError::Unknown { owner: id("b") })
    );
    // The name is free again, and the old key is not worth more for it.
    let new = book
        .add(&id("b"), &OwnerId::host(), Limits::agent())
        .unwrap();
    assert!(book.is_open(&new) && !book.is_open(&b));
}

#[test]
fn an_owner_below_whom_somebody_else_ends_is_waited_for() {
    let mut book = family();
    let (a, b) = (book.key(&id("a")).unwrap(), book.key(&id("b")).unwrap());
    let row = book.reserve(&b, 0).unwrap();
    book.enter(row, 1).unwrap();
    let Ok(Begun::Now(child)) = book.begin_end(&b) else {
        panic!("nobody else ends it")
    };
    let Ok(Begun::Now(parent)) = book.begin_end(&a) else {
        panic!("nobody else ends it")
    };
    assert_eq!(book.begin_end(&b), Ok(Begun::Already));
    assert!(book.is_waiting(&parent) && !book.is_waiting(&child));
    // What survives goes up, and up again.
    assert_eq!(book.finish_end(&child), (id("a"), vec![row]));
    assert!(!book.is_waiting(&parent));
    assert_eq!(book.finish_end(&parent), (OwnerId::host(), vec![row]));
    assert_eq!(book.owner_of(row), Some(&OwnerId::host()));
    check(&book);
}

#[test]
fn children_are_deeper_than_their_parents() {
    let mut book = family();
    let a = book.key(&id("a")).unwrap();
    let b = book.key(&id("b")).unwrap();
    let rows = [&a, &b].map(|key| book.reserve(key, 0).unwrap());
    rows.iter().for_each(|row| {
        book.enter(*row, *row).unwrap();
    });
    let depth = book.rows_below(&a);
    assert!(depth[&rows[1]] > depth[&rows[0]]);
    assert_eq!(book.rows_below(&b).len(), 1);
}

#[test]
fn what_exited_makes_room_for_output_the_oldest_first_and_uses_no_place() {
    let mut book = family();
    let a = book.key(&id("a")).unwrap();
    for _ in 0..2 {
        let row = book.reserve(&a, 2 * MIB).unwrap();
        book.enter(row, row).unwrap();
        book.over(row, 2 * MIB);
    }
    let crowded = book.reserve(&a, 3 * MIB);
    assert_eq!(crowded, Err(Short::Crowded(vec![0, 1])));
    book.keep(0, 0);
    assert!(matches!(book.reserve(&a, 3 * MIB), Err(Short::Crowded(_))));
    book.keep(1, MIB);
    let row = book.reserve(&a, 3 * MIB).unwrap();
    assert!(matches!(
        book.reserve(&a, 4 * MIB),
        Err(Short::Refused(OwnerError::Limit(_)))
    ));
    book.forget(row);
    check(&book);
}

#[test]
fn a_record_that_was_dropped_is_known_to_its_owner_only() {
    let mut book = family();
    let (a, c) = (book.key(&id("a")).unwrap(), book.key(&id("c")).unwrap());
    let row = book.reserve(&a, 0).unwrap();
    book.enter(row, 42).unwrap();
    book.forget(row);
    assert!(book.has_forgotten(&a, 42));
    assert!(!book.has_forgotten(&c, 42) && !book.has_forgotten(&a, 41));
}

#[test]
fn how_long_it_may_run_is_the_least_of_all_above() {
    let mut book = Book::new();
    let hour = Duration::from_secs(3600);
    let limits = Limits::unlimited();
    book.add(&id("a"), &OwnerId::host(), limits.wall_time(hour))
        .unwrap();
    let b = book
        .add(&id("b"), &id("a"), limits.wall_time(hour * 2))
        .unwrap();
    let row = book.reserve(&b, 0).unwrap();
    assert_eq!(book.enter(row, 1), Ok(Some(hour)));
    let host = OwnerId::host();
    assert_eq!(book.transfer((row, handle()), None, &host), Ok(None));
}

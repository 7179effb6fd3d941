//! Every order of acts keeps what must stay true of a book.

mod one_by_one;

use super::*;
use crate::owner::limits::LimitKind;
use crate::process::Ids;
use proptest::prelude::*;

const MIB: u64 = 1024 * 1024;

fn id(name: &str) -> OwnerId {
    OwnerId::new(name).unwrap()
}

fn handle() -> ProcessHandle {
    Ids::new().unwrap().draw().1
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
        assert!(!row.open || row.stage == Stage::Over);
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
    Over(u64, Option<u64>),
    Keep(u64),
    Forget(u64),
    Transfer(u64, Option<&'static str>, &'static str),
    BeginEnd(&'static str),
    FinishEnd,
}

const ACTS: [Act; 16] = [
    Act::Add("b", "a"),
    Act::Reserve("a"),
    Act::Reserve("b"),
    Act::Enter(0),
    Act::Enter(1),
    Act::Over(0, Some(MIB / 2)),
    Act::Over(1, None),
    Act::Keep(1),
    Act::Forget(0),
    Act::Transfer(0, Some("b"), "a"),
    Act::Transfer(0, Some("a"), "b"),
    Act::Transfer(0, None, "c"),
    Act::Transfer(1, None, "a"),
    Act::BeginEnd("a"),
    Act::BeginEnd("b"),
    Act::FinishEnd,
];

/// Reserves a place; where somebody is in the way, that is a way out.
fn is_refused(book: &mut Book, key: &Key) -> bool {
    let refused = book.reserve(key, MIB).err();
    if let Some(Short::Crowded(rows)) = &refused {
        let over = |row: &u64| book.rows[row].stage == Stage::Over;
        assert!(!rows.is_empty() && rows.iter().all(over));
        let mut roomy = book.clone();
        rows.iter().for_each(|row| roomy.keep(*row, 0));
        roomy.reserve(key, MIB).unwrap();
    }
    refused.is_some()
}

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
                key.map_or(true, |key| is_refused(book, &key))
            }
            Act::Enter(row) => {
                // One whose owner is ending is refused, and gives its place up at once.
                if book.enter(row, row + 100).is_err() {
                    book.forget(row);
                }
                false
            }
            Act::Over(row, kept) => {
                let entered = |row: &Row| row.stage == Stage::Entered;
                if book.rows.get(&row).is_some_and(entered) {
                    book.over(row, kept);
                    assert_eq!(book.open_rows().contains(&row), kept.is_none());
                }
                false
            }
            Act::Keep(row) => {
                book.keep(row, MIB / 4);
                assert!(!book.open_rows().contains(&row));
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
                4 if other == "host" => Act::Keep(row),
                4 => Act::Over(row, (one != "a").then_some(row * 1000)),
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

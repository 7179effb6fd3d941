//! What the book says, one case after the other.

use super::*;

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
        book.over(row, Some(2 * MIB));
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
fn the_first_to_end_makes_room_first_and_who_nobody_knows_of_counts_in_full() {
    let mut book = family();
    let a = book.key(&id("a")).unwrap();
    let rows = [(); 2].map(|()| book.reserve(&a, 2 * MIB).unwrap());
    for row in rows {
        book.enter(row, row).unwrap();
    }
    book.over(rows[1], None);
    book.over(rows[0], Some(MIB));
    let used = |book: &Book| book.info(&a).unwrap().own.output_bytes;
    assert_eq!((used(&book), book.open_rows()), (3 * MIB, vec![rows[1]]));
    let crowded = book.reserve(&a, 3 * MIB);
    assert_eq!(crowded, Err(Short::Crowded(vec![rows[1], rows[0]])));
    // It turns out to keep little, so nothing has to go.
    book.keep(rows[1], 1000);
    assert_eq!((used(&book), book.open_rows()), (MIB + 1000, vec![]));
    book.reserve(&a, 2 * MIB).unwrap();
    // It is never more again than it was.
    book.keep(rows[1], 2 * MIB);
    book.over(rows[1], None);
    assert_eq!(used(&book), 3 * MIB + 1000);
    check(&book);
}

#[test]
fn a_record_that_was_dropped_is_known_to_its_owner_only() {
    let mut book = family();
    let (a, c) = (book.key(&id("a")).unwrap(), book.key(&id("c")).unwrap());
    let row = book.reserve(&a, 0).unwrap();
    assert!(!book.knows(&a, 42));
    book.enter(row, 42).unwrap();
    assert!(book.knows(&a, 42) && !book.knows(&c, 42));
    book.forget(row);
    assert!(book.knows(&a, 42));
    assert!(!book.knows(&c, 42) && !book.knows(&a, 41));
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

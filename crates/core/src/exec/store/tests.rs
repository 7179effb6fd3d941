//! Numbers, keys, limits and tombstones, with sessions that are made up.

use super::*;
use proptest::prelude::*;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

/// A session that is what a test says.
#[derive(Debug, Clone, Default)]
struct Made(Rc<(Cell<bool>, Cell<bool>)>);

impl Made {
    fn exits(&self) {
        self.0.0.set(true);
    }

    fn locked(&self, locked: bool) {
        self.0.1.set(locked);
    }
}

impl PartialEq for Made {
    fn eq(&self, other: &Self) -> bool {
        self.is(other)
    }
}

impl Member for Made {
    fn is_exited(&self) -> bool {
        self.0.0.get()
    }

    fn is_locked(&self) -> bool {
        self.0.1.get()
    }

    fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

const AGE: Duration = Duration::from_secs(60);

struct Stage {
    store: Store<Made, &'static str>,
    dice: Dice,
    now: Instant,
}

impl Stage {
    fn new(sessions: usize, tombstones: usize, refuse: bool) -> Stage {
        let bounds = Bounds {
            sessions,
            protected: 1,
            tombstones,
            tombstone_age: AGE,
            refuse,
        };
        Stage {
            store: Store::new(bounds, Draw::Next),
            dice: Dice::new(1),
            now: Instant::now(),
        }
    }

    fn open(&mut self, key: Option<&str>) -> Opened<Made> {
        self.now += Duration::from_secs(1);
        let make = |_| Made::default();
        self.store.open(&mut self.dice, key, self.now, make)
    }

    fn new_one(&mut self) -> (i32, Made) {
        let Opened::New(made) = self.open(None) else {
            panic!("there is room");
        };
        let ids = self.store.slots().map(|(id, _)| id);
        (ids.max().unwrap(), made)
    }

    /// One that counts; answers what had to go for it.
    fn stored(&mut self) -> (i32, Made, Option<Made>) {
        let (id, made) = self.new_one();
        let stored = self.store.store(id, &made, self.now).unwrap();
        (id, made, stored.pruned)
    }

    fn find(&mut self, id: i32) -> Found<Made, &'static str> {
        self.store.find(id, self.now)
    }
}

#[test]
fn a_number_that_is_given_back_is_free_and_a_tombstone_keeps_its_own() {
    let mut stage = Stage::new(64, 64, false);
    let (first, made) = stage.new_one();
    assert_eq!(first, 1000);
    stage.store.release(first, &made);
    let (again, made, _) = stage.stored();
    assert_eq!(again, 1000);
    made.exits();
    stage.store.bury(again, stage.now).unwrap();
    assert!(matches!(stage.find(1000), Found::Grave(Grave::Fresh(_))));
    stage.store.settle(1000, &made, || "stone");
    assert!(matches!(stage.find(1000), Found::Grave(Grave::Settled(stone)) if *stone == "stone"));
    assert_eq!(stage.new_one().0, 1001);
    assert!(matches!(stage.find(1), Found::Nothing));
}

#[test]
fn tombstones_go_by_number_and_by_age_and_are_counted() {
    let mut stage = Stage::new(64, 2, false);
    for _ in 0..3 {
        let (id, ..) = stage.stored();
        stage.store.bury(id, stage.now).unwrap();
    }
    assert!(matches!(stage.find(1000), Found::Nothing));
    assert!(matches!(stage.find(1001), Found::Grave(_)));
    assert_eq!(stage.store.forgotten(), 1);
    stage.now += AGE + Duration::from_secs(10);
    assert!(matches!(stage.find(1002), Found::Nothing));
    assert_eq!(stage.store.forgotten(), 3);
    // All that was is forgotten: numbers begin anew.
    assert_eq!(stage.new_one().0, 1000);
}

#[test]
fn a_repeated_start_finds_the_first_until_its_tombstone_goes() {
    let mut stage = Stage::new(64, 1, false);
    let Opened::New(made) = stage.open(Some("key")) else {
        panic!("it is new");
    };
    assert_eq!(stage.open(Some("key")), Opened::Before(1000));
    stage.store.store(1000, &made, stage.now).unwrap();
    stage.store.bury(1000, stage.now).unwrap();
    assert_eq!(stage.open(Some("key")), Opened::Before(1000));
    let (other, ..) = stage.stored();
    stage.store.bury(other, stage.now).unwrap();
    let Opened::New(made) = stage.open(Some("key")) else {
        panic!("the first is forgotten");
    };
    // A start that was refused leaves its key free.
    let id = stage.store.slots().map(|(id, _)| id).max().unwrap();
    stage.store.release(id, &made);
    assert!(matches!(stage.open(Some("key")), Opened::New(_)));
}

#[test]
fn at_the_limit_one_goes_and_never_one_that_somebody_waits_on() {
    let mut stage = Stage::new(3, 64, false);
    let (_, first, _) = stage.stored();
    let (_, second, _) = stage.stored();
    let (_, third, _) = stage.stored();
    second.exits();
    assert_eq!(stage.stored().2, Some(second));
    // The oldest is locked, the newest is protected.
    first.locked(true);
    assert_eq!(stage.stored().2, Some(third));
    // One that has ended and is locked: none goes, and there are more than three for a while.
    first.exits();
    let (id, made, pruned) = stage.stored();
    assert_eq!(pruned, None);
    assert_eq!(stage.store.slots().count(), 4);
    // Storing again changes nothing.
    let again = stage.store.store(id, &made, stage.now).unwrap();
    assert_eq!((again.new, again.count), (false, 4));
}

#[test]
fn where_nobody_goes_for_another_the_start_is_refused() {
    let mut stage = Stage::new(2, 64, true);
    let (_, first, _) = stage.stored();
    assert!(matches!(stage.open(None), Opened::New(_)));
    assert_eq!(stage.open(None), Opened::Full);
    first.exits();
    first.locked(true);
    assert_eq!(stage.open(None), Opened::Full);
    first.locked(false);
    assert!(matches!(stage.open(None), Opened::New(_)));
    assert_eq!(stage.open(None), Opened::Full);
}

#[test]
fn what_moves_keeps_its_number_and_gives_way_to_who_has_it() {
    let (mut here, mut there) = (Stage::new(64, 64, false), Stage::new(64, 64, false));
    let Opened::New(first) = here.open(Some("key")) else {
        panic!("it is new");
    };
    let (_, second, _) = here.stored();
    let (taken, ..) = there.stored();
    assert_eq!(taken, 1000);
    let moving = here.store.take(|_| true);
    let ids: Vec<_> = moving.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, [1000, 1001]);
    assert!(matches!(here.find(1000), Found::Nothing));
    assert!(matches!(here.open(Some("key")), Opened::New(_)));
    let put = moving
        .into_iter()
        .map(|(id, slot)| there.store.put(id, slot));
    let put: Vec<_> = put.collect();
    assert!(put[0].as_ref().is_err_and(|slot| slot.session == first));
    assert!(put[1].is_ok() && there.store.is(1001, &second));
    // A tombstone there gives way.
    there.store.bury(1000, there.now).unwrap();
    let Err(skipped) = put.into_iter().next().unwrap() else {
        panic!("it was skipped");
    };
    assert!(there.store.put(1000, skipped).is_ok());
    assert_eq!(there.open(Some("key")), Opened::Before(1000));
}

proptest! {
    /// Whatever is done, numbers are unique, in range, and as bounded as was asked for.
    #[test]
    fn numbers_are_unique_and_everything_is_bounded(
        steps in prop::collection::vec((0_u8..6, any::<prop::sample::Index>()), 1..120),
    ) {
        let mut stage = Stage::new(5, 4, false);
        for (step, index) in steps {
            let ids: Vec<i32> = stage.store.slots().map(|(id, _)| id).collect();
            let chosen = (!ids.is_empty()).then(|| ids[index.index(ids.len())]);
            let session = chosen.and_then(|id| match stage.find(id) {
                Found::Session(made) => Some((id, made)),
                _ => None,
            });
            match (step, session) {
                (0..=2, _) => drop(stage.stored()),
                (3, Some((_, made))) => made.exits(),
                (4, Some((id, _))) => drop(stage.store.bury(id, stage.now)),
                (5, Some((id, made))) => stage.store.release(id, &made),
                _ => {}
            }
            let slots: BTreeSet<i32> = stage.store.slots().map(|(id, _)| id).collect();
            prop_assert!(slots.len() <= 5);
            prop_assert!(slots.iter().all(|id| !stage.store.graves.contains_key(id)));
            prop_assert!(stage.store.graves.len() <= 4 && stage.store.order.len() <= 4);
        }
    }
}

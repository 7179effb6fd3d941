//! An owner that ends while many starts are under way: those that began and those that were asked for.

use std::time::{Duration, Instant};

use handfast::Rung;
use rustix::process::Signal;
use testkit::{Cage, Oracle, Owner, PATIENCE, Setup};

use crate::stage::PROMISE;

/// How many trees are up when it ends; eight threads ask for more all the time.
const STARTS: usize = 50;

/// An owner in a storm, with so many up.
fn storming(rung: Rung) -> (Oracle, Owner, Cage) {
    let (oracle, cage) = (Oracle::new(), Cage::new());
    let setup = Setup::new(rung.word()).grace(Duration::ZERO);
    let words = [
        "join".into(),
        oracle.dir().display().to_string(),
        "park".into(),
    ];
    let mut owner = Owner::start(&cage, &setup, &words).expect("it starts");
    assert_eq!(owner.ask("storm"), "storming");
    assert!(oracle.wait_joined(STARTS, PATIENCE));
    (oracle, owner, cage)
}

pub(crate) fn a_kill_leaves_nothing(rung: Rung, both: bool) {
    let (oracle, mut owner, cage) = storming(rung);
    let begun = Instant::now();
    if both {
        owner.kill_both();
    } else {
        owner.signal(Signal::KILL);
    }
    assert!(
        oracle.wait_empty(PROMISE),
        "{} alive after {:?}",
        oracle.alive(),
        begun.elapsed()
    );
    owner.wait();
    // Also those that were not yet what they were to become.
    assert!(cage.wait_empty(PATIENCE), "{:?}", cage.members());
    assert_eq!(oracle.alive(), 0);
}

pub(crate) fn a_return_leaves_nothing(rung: Rung) {
    let (oracle, mut owner, cage) = storming(rung);
    owner.say("return");
    assert!(oracle.wait_empty(PATIENCE));
    owner.wait();
    assert!(cage.wait_empty(PATIENCE), "{:?}", cage.members());
    assert_eq!(oracle.alive(), 0);
}

//! Ends that leave the time to ask: members take their grace, and those that do not listen are killed.

use std::time::{Duration, Instant};

use handfast::Rung;
use testkit::{ABSENCE, PATIENCE};

use crate::stage::Held;

const GRACE: Duration = Duration::from_millis(600);

pub(crate) fn asks_then_kills(rung: Rung, word: &str) {
    let mut held = Held::start(rung, GRACE, "session");
    let begun = Instant::now();
    held.owner.say(word);
    assert!(held.asked.wait_joined(1, PATIENCE), "nobody was asked");
    let took = held.wait_gone(begun, GRACE);
    assert!(took >= GRACE, "killed {took:?} after a grace of {GRACE:?}");
    assert!(held.owner.wait_reaper_gone(PATIENCE));
}

pub(crate) fn one_clone_of_two_touches_nothing(rung: Rung) {
    let mut held = Held::start(rung, GRACE, "session");
    assert_eq!(held.owner.ask("clone"), "cloned and dropped");
    // ABSENCE: that nobody is asked or killed has no event.
    assert!(!held.asked.wait_joined(1, ABSENCE), "somebody was asked");
    assert_eq!((held.leader.alive(), held.deaf.alive()), (1, 1));
    assert!(held.owner.ask("status").contains("Running"));
    assert!(held.owner.ask("stop").starts_with("stopped survivors=0"));
}

pub(crate) fn a_host_that_goes_on_keeps_no_reaper(rung: Rung) {
    let mut held = Held::start(rung, Duration::ZERO, "session");
    assert_eq!(held.owner.ask("drop"), "dropped");
    held.wait_gone(Instant::now(), Duration::ZERO);
    assert!(held.owner.wait_reaper_gone(PATIENCE), "it is still there");
    // A shim may be on its last instructions; then only the host itself is left.
    while held.cage.members().len() > 1 {
        std::thread::yield_now();
    }
}

//! One escape on one rung through all endings, compared with what is stated.
//!
//! Whether this machine and user can have a rung is found without the product: where they can, a
//! refusal is a failure, and where they cannot, anything but the documented refusal is.

use handfast::Rung;
use testkit::endings::{Ending, cell, gets_away};
use testkit::zoo::{self, Escape};
use testkit::{Cage, Setup, Who, can_have};

/// Ends one escape in every way, each time with a new owner.
pub(crate) fn every_ending(name: &str, rung: Rung, who: Who) {
    let all = zoo::all();
    let escape = all
        .iter()
        .find(|escape| escape.name == name)
        .expect("the zoo has it");
    let other_user = who != Who::Us && escape.needs_root();
    if !who.can_start_here() || !escape.can_run_here() || other_user {
        return eprintln!("skipped: {name} as {who:?} needs more rights than this test has");
    }
    let setup = Setup::new(rung.word()).as_user(who);
    if can_have(rung, who) {
        for ending in Ending::ALL {
            compare(&setup, rung, ending, escape);
        }
    } else {
        let refused = cell(&setup, Ending::Kill, escape).expect_err("a rung that is not there");
        assert!(
            refused.contains("start.rung-unavailable") && refused.contains("reaper.refused"),
            "{rung} as {who:?}: {refused}"
        );
    }
}

fn compare(setup: &Setup, rung: Rung, ending: Ending, escape: &Escape) {
    let (name, title) = (escape.name, ending.title());
    let away = gets_away(rung, ending, escape);
    if away && Cage::strong().is_none() {
        return eprintln!("skipped: {name} × {title} gets away, and there is no cage to hold it");
    }
    let outcome = cell(setup, ending, escape)
        .unwrap_or_else(|why| panic!("{name} was not started on {rung}: {why}"));
    assert_eq!(
        outcome.survivors > 0,
        away,
        "{name} on {rung} after {title}: {outcome:?}"
    );
}

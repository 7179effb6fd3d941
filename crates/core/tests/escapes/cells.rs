//! One escape on one rung through all endings, compared with what is stated.
//!
//! Whether this machine and user can have a rung is found here without the product: where they can, a
//! refusal is a failure, and where they cannot, anything but the documented refusal is.

use std::process::{Command, Stdio};

use handfast::Rung;
use rustix::process::geteuid;
use testkit::endings::{Ending, cell, gets_away};
use testkit::zoo::{self, Escape};
use testkit::{Cage, Setup, Who};

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

/// Whether this user can have this rung on this machine.
fn can_have(rung: Rung, who: Who) -> bool {
    let root = who == Who::Us && geteuid().is_root();
    match rung {
        Rung::Namespace => root || user_namespace(who),
        Rung::Cgroup => who != Who::Nobody && Cage::strong().is_some(),
        _ => true,
    }
}

/// Whether a user namespace with a `/proc` of its own can be made, tried by another program.
fn user_namespace(who: Who) -> bool {
    let mut command = Command::new(testkit::puppet());
    if who != Who::Us {
        command.args(["uid", "65534"]);
    }
    let tried = "exec unshare --user --map-root-user --pid --fork --mount-proc true";
    let status = command
        .args(tried.split(' '))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

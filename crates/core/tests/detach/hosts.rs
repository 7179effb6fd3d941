//! Hosts with detached processes, ended from outside: nothing outlives them, whoever has it.

use handfast::Rung;
use rustix::process::Signal;
use std::time::{Duration, Instant};
use testkit::{ABSENCE, Cage, Oracle, Owner, PATIENCE, Setup, Who, can_have};

/// How long after the grace a member may still be alive: the promise.
const PROMISE: Duration = Duration::from_secs(1);

const GRACE: Duration = Duration::from_millis(600);

/// How a host ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End {
    Signal(Signal),
    /// A signal that its manager answers with a shutdown.
    Shutdown,
    Both,
    Word(&'static str),
}

impl End {
    /// Ends it; answers whether that is an orderly end.
    fn of(self, owner: &mut Owner) -> bool {
        match self {
            End::Signal(signal) => owner.signal(signal),
            End::Both => owner.kill_both(),
            End::Shutdown => owner.signal(Signal::TERM),
            End::Word(word) => owner.say(word),
        }
        match self {
            End::Signal(_) | End::Both => false,
            End::Shutdown => true,
            End::Word(word) => word != "abort",
        }
    }
}

/// A host with one tree that is detached, of which the manager is gone.
fn ends(rung: Rung, end: End) {
    if !can_have(rung, Who::Us) {
        return eprintln!("skipped: this user cannot have the rung {rung} here");
    }
    let cage = Cage::new();
    let [up, asked, deaf] = [Oracle::new(), Oracle::new(), Oracle::new()];
    let path = |oracle: &Oracle| oracle.dir().display().to_string();
    let words = format!(
        "on TERM [ join {} exit 0 ] spawn [ ignore TERM join {} park ] join {} park",
        path(&asked),
        path(&deaf),
        path(&up)
    );
    let setup = Setup::new(rung.word()).grace(GRACE).store();
    let setup = match end {
        End::Shutdown => setup.on_signals("yes"),
        _ => setup,
    };
    let mut owner = Owner::start(&cage, &setup, &testkit::script(&words)).unwrap();
    assert!(up.wait_joined(1, PATIENCE) && deaf.wait_joined(1, PATIENCE));
    assert_eq!(owner.ask("detach"), "detached count=1");
    if end != End::Shutdown {
        assert_eq!(owner.ask("drop"), "dropped");
    }
    // ABSENCE: that nobody is asked or killed has no event.
    assert!(!asked.wait_joined(1, ABSENCE), "somebody was asked");
    assert_eq!((up.alive(), deaf.alive()), (1, 1));
    let begun = Instant::now();
    let orderly = end.of(&mut owner);
    let grace = if orderly { GRACE } else { Duration::ZERO };
    for oracle in [&up, &deaf] {
        let left = (grace + PROMISE).saturating_sub(begun.elapsed());
        assert!(
            oracle.wait_empty(left),
            "alive {:?} after {end:?}",
            begun.elapsed()
        );
    }
    assert_eq!(asked.joined(), usize::from(orderly), "of {end:?}");
    assert!(!orderly || begun.elapsed() >= GRACE);
    assert!(owner.wait_reaper_gone(PATIENCE));
    if end != End::Word("drop-store") {
        owner.wait();
        assert!(cage.wait_empty(PATIENCE), "{:?}", cage.members());
    }
}

/// One module for each end, one test in it for each rung.
macro_rules! on_rungs {
    ($($module:ident $end:expr => $($name:ident $kind:ident),+;)*) => {
        $(mod $module {
            use super::*;

            $(#[test]
            fn $name() {
                ends(Rung::$kind, $end);
            })+
        })*
    };
}

on_rungs! {
    it_is_killed End::Signal(Signal::KILL) =>
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    it_is_terminated End::Signal(Signal::TERM) =>
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    it_is_killed_with_its_reaper End::Both =>
        namespace Namespace, subreaper Subreaper;
    it_aborts End::Word("abort") =>
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    main_returns End::Word("return") =>
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    the_last_store_is_dropped End::Word("drop-store") =>
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    it_is_shut_down End::Shutdown =>
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
}

/// Control: what was reattached belongs to the manager that has it, and ends with that.
#[test]
fn what_came_back_ends_with_its_manager() {
    let Some(rung) = crate::stage::rung() else {
        return;
    };
    let (cage, oracle) = (Cage::new(), Oracle::new());
    let words = format!("join {} park", oracle.dir().display());
    let setup = Setup::new(rung.word()).grace(Duration::ZERO).store();
    let mut owner = Owner::start(&cage, &setup, &testkit::script(&words)).unwrap();
    assert!(oracle.wait_joined(1, PATIENCE));
    assert_eq!(owner.ask("detach"), "detached count=1");
    assert_eq!(owner.ask("drop"), "dropped");
    assert_eq!(owner.ask("reattach"), "reattached count=1");
    assert_eq!(oracle.alive(), 1);
    assert_eq!(owner.ask("drop"), "dropped");
    assert!(oracle.wait_empty(PATIENCE));
    // The store is there still, and goes on with a reaper for the next manager.
    assert_eq!(owner.ask("reattach"), "reattached count=0");
    assert!(owner.ask("start").starts_with("up "));
    assert!(oracle.wait_joined(2, PATIENCE));
    owner.say("return");
    assert!(oracle.wait_empty(PATIENCE));
    owner.wait();
}

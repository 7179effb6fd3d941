//! The zoo is what it says: every tree comes up, the cage ends it, and naive kills do not.
//!
//! A row of the escape table is only worth something if the tree was really up and would really have
//! got away; both are shown here for every escape, in both directions.

use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::thread;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use testkit::zoo::{self, Escape, Naive};
use testkit::{ABSENCE, Cage, Oracle, PATIENCE, Witness};

/// One escape, up, in a cage, its leader in a process group of its own.
struct Up {
    leader: Child,
    oracle: Oracle,
    /// Every member's stderr, where a puppet whose script fails says so.
    witness: Witness,
    // Last: it is dropped, and so kills, when nobody needs the tree any more.
    cage: Cage,
}

impl Up {
    fn start(escape: &Escape) -> Option<Self> {
        let cage = Cage::strong()?;
        let oracle = Oracle::new();
        let (witness, held) = Witness::new();
        let leader = cage
            .command(&testkit::puppet())
            .args(escape.words(&oracle))
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(held)
            .spawn()
            .expect("a caged puppet starts");
        let up = Self {
            leader,
            oracle,
            witness,
            cage,
        };
        assert!(
            escape.wait_up(&up.oracle, PATIENCE),
            "{}: {} of {} members came up",
            escape.name,
            up.oracle.joined(),
            escape.members
        );
        Some(up)
    }

    fn end(mut self, name: &str) {
        self.cage.kill();
        assert!(
            self.oracle.wait_empty(PATIENCE),
            "{name}: outlived its cage"
        );
        assert!(
            self.cage.wait_empty(PATIENCE),
            "{name}: its cage is not empty"
        );
        assert_eq!(self.oracle.alive(), 0, "{name}");
        assert!(
            self.witness.wait_eof(PATIENCE),
            "{name}: someone holds the witness"
        );
        assert_eq!(
            self.witness.said(),
            b"",
            "{name}: {}",
            self.witness.said().escape_ascii()
        );
        self.leader.wait().expect("the leader is our child");
    }
}

/// Does `check` for every escape that can run here, a few at a time.
fn for_each_escape(check: impl Fn(&Escape) + Sync) {
    let all: Vec<Escape> = zoo::all()
        .into_iter()
        .filter(Escape::can_run_here)
        .collect();
    for some in all.chunks(4) {
        thread::scope(|scope| {
            for escape in some {
                scope.spawn(|| check(escape));
            }
        });
    }
}

#[test]
fn every_escape_comes_up_and_ends_with_its_cage() {
    for_each_escape(|escape| {
        let Some(up) = Up::start(escape) else { return };
        let counted = (up.oracle.joined(), up.oracle.alive());
        assert_eq!(counted, (escape.members, escape.members), "{}", escape.name);
        up.end(escape.name);
    });
}

/// The negative control of every table made from the zoo.
fn naive_kill_leaves_what_is_said(naive: Naive) {
    for_each_escape(|escape| {
        let Some(up) = Up::start(escape) else { return };
        let leader = Pid::from_child(&up.leader);
        // The leader is not reaped, so its pid and its group are still its own.
        let sent = match naive {
            Naive::Ask => kill_process(leader, Signal::TERM),
            Naive::Leader => kill_process(leader, Signal::KILL),
            Naive::Group => kill_process_group(leader, Signal::KILL),
        };
        sent.expect("an unreaped leader takes signals");
        if escape.gets_past.contains(&naive) {
            // ABSENCE: that a member does not die has no event.
            assert!(
                !up.oracle.wait_empty(ABSENCE),
                "{} did not get past {naive:?}",
                escape.name
            );
        } else {
            assert!(
                up.oracle.wait_empty(PATIENCE),
                "{} got past {naive:?}",
                escape.name
            );
        }
        up.end(escape.name);
    });
}

#[test]
fn asking_the_leader_leaves_what_is_said() {
    naive_kill_leaves_what_is_said(Naive::Ask);
}

#[test]
fn killing_the_leader_leaves_what_is_said() {
    naive_kill_leaves_what_is_said(Naive::Leader);
}

#[test]
fn killing_the_group_leaves_what_is_said() {
    naive_kill_leaves_what_is_said(Naive::Group);
}

#[test]
fn names_are_unique_and_there_are_enough() {
    let mut names: Vec<_> = zoo::all().iter().map(|escape| escape.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), zoo::all().len());
    assert!(names.len() >= 24, "{} escapes", names.len());
}

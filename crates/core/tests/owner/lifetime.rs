//! A tree that was declared to outlive its owner does, as far as its rung lets it, and holds its reaper.

use std::time::{Duration, Instant};

use handfast::Rung;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use testkit::{ABSENCE, Cage, PATIENCE};

use crate::stage::Held;

/// What the tree survives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// The drop of the last clone.
    Drop,
    /// The owner's SIGKILL.
    Kill,
    /// SIGKILL of the owner and of its reaper.
    Both,
}

fn end(held: &mut Held, how: After) {
    match how {
        After::Drop => drop(held.owner.ask("drop")),
        After::Kill => held.owner.signal(Signal::KILL),
        After::Both => held.owner.kill_both(),
    }
}

pub(crate) fn a_user_tree_survives(rung: Rung, how: After) {
    if Cage::strong().is_none() {
        return eprintln!("skipped: without a cage a tree that survives would stay");
    }
    let mut held = Held::start(rung, PATIENCE, "user");
    let pid = i32::try_from(held.owner.leader())
        .ok()
        .and_then(Pid::from_raw);
    let leader = pidfd_open(pid.expect("it has a leader"), PidfdFlags::empty()).unwrap();
    end(&mut held, how);
    // ABSENCE: that nobody is asked or killed has no event.
    assert!(!held.asked.wait_joined(1, ABSENCE), "somebody was asked");
    assert_eq!((held.leader.alive(), held.deaf.alive()), (1, 1));
    if how != After::Both {
        // Its reaper holds it still, and leaves with its last member.
        pidfd_send_signal(&leader, Signal::TERM).unwrap();
        assert!(held.asked.wait_joined(1, PATIENCE));
        assert!(held.asked.wait_empty(PATIENCE));
        // ABSENCE: that the reaper stays has no event.
        assert!(!held.owner.wait_reaper_gone(ABSENCE), "a member lives");
    }
}

pub(crate) fn a_user_tree_dies(rung: Rung) {
    let mut held = Held::start(rung, PATIENCE, "user");
    end(&mut held, After::Both);
    held.wait_gone(Instant::now(), Duration::ZERO);
}

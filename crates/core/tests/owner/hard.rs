//! Ends without a last word: what is left is killed at once, however long the grace was.

use std::time::{Duration, Instant};

use handfast::Rung;
use rustix::process::Signal;
use testkit::PATIENCE;

use crate::stage::Held;

/// How an owner ends.
#[derive(Clone, Copy)]
pub(crate) enum End {
    /// By itself.
    Word(&'static str),
    /// Of a signal for which it has no handler.
    Signal(Signal),
    /// Killed at the same instant as its reaper.
    Both,
    /// Killed while its reaper is stopped, which then goes on.
    StoppedReaper,
}

pub(crate) fn kills_at_once(rung: Rung, end: End) {
    let mut held = Held::start(rung, PATIENCE, "session");
    let mut begun = Instant::now();
    match end {
        End::Word(word) => held.owner.say(word),
        End::Signal(signal) => held.owner.signal(signal),
        End::Both => held.owner.kill_both(),
        End::StoppedReaper => {
            held.owner.signal_reaper(Signal::STOP);
            held.owner.signal(Signal::KILL);
            held.owner.wait();
            begun = Instant::now();
            held.owner.signal_reaper(Signal::CONT);
        }
    }
    held.wait_gone(begun, Duration::ZERO);
    assert_eq!(held.asked.joined(), 0, "there was no time to ask");
    assert!(held.owner.wait_reaper_gone(PATIENCE));
    held.owner.wait();
    assert!(held.cage.wait_empty(PATIENCE), "{:?}", held.cage.members());
}

//! An owner in a cage with a tree that can be told apart: who was asked, and who does not listen.

use std::time::{Duration, Instant};

use handfast::Rung;
use testkit::{Cage, Oracle, Owner, PATIENCE, Setup, Who, can_have};

/// How long after the grace a member may still be alive: the promise.
pub(crate) const PROMISE: Duration = Duration::from_secs(1);

/// Whether this user can have the rung here; says so where not.
pub(crate) fn can(rung: Rung) -> bool {
    let can = can_have(rung, Who::Us);
    if !can {
        eprintln!("skipped: this user cannot have the rung {rung} here");
    }
    can
}

/// An owner with a leader that notes when it is asked to end, and a child that does not listen.
pub(crate) struct Held {
    /// The leader, until it is asked.
    pub(crate) leader: Oracle,
    /// Who joins here was asked.
    pub(crate) asked: Oracle,
    /// Whoever does not listen.
    pub(crate) deaf: Oracle,
    pub(crate) owner: Owner,
    // Last: it kills what is left.
    pub(crate) cage: Cage,
}

impl Held {
    pub(crate) fn start(rung: Rung, grace: Duration, lifetime: &'static str) -> Self {
        let cage = Cage::new();
        let [leader, asked, deaf] = [Oracle::new(), Oracle::new(), Oracle::new()];
        // It joins when it can be asked.
        let words = "on TERM [ join ASKED exit 0 ] spawn [ ignore TERM join DEAF park ] \
                     join LEADER park";
        let path = |oracle: &Oracle| oracle.dir().display().to_string();
        let words = words
            .replace("LEADER", &path(&leader))
            .replace("ASKED", &path(&asked))
            .replace("DEAF", &path(&deaf));
        let setup = Setup::new(rung.word()).grace(grace).lifetime(lifetime);
        let owner = Owner::start(&cage, &setup, &testkit::script(&words))
            .unwrap_or_else(|why| panic!("nothing was started on {rung}: {why}"));
        let up = leader.wait_joined(1, PATIENCE) && deaf.wait_joined(1, PATIENCE);
        assert!(up, "the tree does not come up");
        Self {
            leader,
            asked,
            deaf,
            owner,
            cage,
        }
    }

    /// Waits until no member is alive, for as long as is promised after `grace`; says how long it took.
    pub(crate) fn wait_gone(&self, begun: Instant, grace: Duration) -> Duration {
        let most = grace + PROMISE;
        for oracle in [&self.leader, &self.asked, &self.deaf] {
            let left = most.saturating_sub(begun.elapsed());
            assert!(
                oracle.wait_empty(left),
                "alive {:?} after the end",
                begun.elapsed()
            );
        }
        begun.elapsed()
    }
}

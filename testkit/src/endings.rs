//! The ways in which an owner ends, and what every rung holds then, as data.
//!
//! [`cell`] is one cell of the table in `docs/guarantees.md`: one escape, held on one rung, by an owner
//! that ends in one way. The tests compare each with [`NOT_HELD`], and the table is printed from the
//! same cells, so neither can claim what the other does not see.

use std::time::{Duration, Instant};

use handfast_sys::tree::Rung;
use rustix::process::Signal;

use crate::zoo::Escape;
use crate::{ABSENCE, Cage, Oracle, Owner, PATIENCE, Setup};

/// How the tree of an owner comes to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// The owner stops it, with a grace of 200 ms.
    Stop,
    /// The owner dies of SIGTERM, for which it has no handler.
    Term,
    /// The owner dies of SIGKILL.
    Kill,
    /// The owner and its reaper are killed at the same instant.
    Both,
}

impl Ending {
    /// All of them.
    pub const ALL: [Ending; 4] = [Ending::Stop, Ending::Term, Ending::Kill, Ending::Both];

    /// What it is called in tables.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Ending::Stop => "stop",
            Ending::Term => "owner SIGTERM",
            Ending::Kill => "owner SIGKILL",
            Ending::Both => "owner and reaper SIGKILL",
        }
    }
}

/// What a rung does not hold in an ending.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotHeld {
    /// It holds every escape.
    Nothing,
    /// It holds none: every member lives on.
    Everything,
    /// These get away.
    These(&'static [&'static str]),
}

/// Members in sessions of their own are out of reach of `group`.
const OTHER_SESSIONS: &[&str] = &[
    "double-fork",
    "leader-gone",
    "setsid-chain",
    "silent-generations",
    "closed-all",
    "subreaper",
    "crowd",
    "deaf",
    "blocked",
    "stopped-daemon",
    "watchdogs",
    "supervised",
    "fork-chain",
    "other-uid",
    "new-namespace",
];

/// As [`OTHER_SESSIONS`], and who answers the request to end by starting a daemon: only a stop asks.
const OTHER_SESSIONS_WHEN_ASKED: &[&str] = &[
    "double-fork",
    "leader-gone",
    "setsid-chain",
    "silent-generations",
    "closed-all",
    "subreaper",
    "crowd",
    "deaf",
    "blocked",
    "stopped-daemon",
    "watchdogs",
    "supervised",
    "fork-chain",
    "other-uid",
    "new-namespace",
    "last-will",
];

/// What is promised of each rung, by what it does not hold.
pub const NOT_HELD: &[(Rung, Ending, NotHeld)] = &[
    (Rung::Namespace, Ending::Stop, NotHeld::Nothing),
    (Rung::Namespace, Ending::Term, NotHeld::Nothing),
    (Rung::Namespace, Ending::Kill, NotHeld::Nothing),
    (Rung::Namespace, Ending::Both, NotHeld::Nothing),
    (Rung::Cgroup, Ending::Stop, NotHeld::Nothing),
    (Rung::Cgroup, Ending::Term, NotHeld::Nothing),
    (Rung::Cgroup, Ending::Kill, NotHeld::Nothing),
    // Until the next start of a manager of the same user sweeps them.
    (Rung::Cgroup, Ending::Both, NotHeld::Everything),
    (Rung::Subreaper, Ending::Stop, NotHeld::Nothing),
    (Rung::Subreaper, Ending::Term, NotHeld::Nothing),
    (Rung::Subreaper, Ending::Kill, NotHeld::Nothing),
    (Rung::Subreaper, Ending::Both, NotHeld::Nothing),
    (
        Rung::Group,
        Ending::Stop,
        NotHeld::These(OTHER_SESSIONS_WHEN_ASKED),
    ),
    (Rung::Group, Ending::Term, NotHeld::These(OTHER_SESSIONS)),
    (Rung::Group, Ending::Kill, NotHeld::These(OTHER_SESSIONS)),
    (Rung::Group, Ending::Both, NotHeld::Everything),
];

/// Whether members of this escape are expected to live on.
///
/// # Panics
/// For a rung that has no line in [`NOT_HELD`].
#[must_use]
pub fn gets_away(rung: Rung, ending: Ending, escape: &Escape) -> bool {
    let line = NOT_HELD
        .iter()
        .find(|(its, how, _)| (*its, *how) == (rung, ending));
    match line.expect("every rung has its four lines").2 {
        NotHeld::Nothing => false,
        NotHeld::Everything => true,
        NotHeld::These(names) => names.contains(&escape.name),
    }
}

/// What became of one tree.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// How many of its members were up.
    pub members: usize,
    /// How many live on.
    pub survivors: usize,
    /// How long it took from the ending until none was alive; of no meaning where one is.
    pub took: Duration,
}

/// A tree that is up, and its owner.
#[derive(Debug)]
pub struct Held {
    /// Who counts it.
    pub oracle: Oracle,
    /// Who holds it.
    pub owner: Owner,
    // Last: it is dropped, and so kills, when nobody needs the tree any more.
    /// What holds everything, if all else fails.
    pub cage: Cage,
}

impl Held {
    /// Starts an owner with this escape and waits until all of it is up.
    ///
    /// # Errors
    /// What the owner said when it could not start its tree.
    ///
    /// # Panics
    /// When a member does not come up.
    pub fn start(setup: &Setup, escape: &Escape) -> Result<Self, String> {
        Self::start_in(Cage::new(), setup, escape)
    }

    /// As [`Held::start`], in this cage.
    ///
    /// # Errors
    /// As there.
    ///
    /// # Panics
    /// As there.
    pub fn start_in(cage: Cage, setup: &Setup, escape: &Escape) -> Result<Self, String> {
        let oracle = Oracle::new();
        let owner = Owner::start(&cage, setup, &escape.words(&oracle))?;
        assert!(
            escape.wait_up(&oracle, PATIENCE),
            "{} on {}: {} of {} members came up",
            escape.name,
            setup.rung,
            oracle.joined(),
            escape.members
        );
        Ok(Self {
            oracle,
            owner,
            cage,
        })
    }

    /// Ends the owner (or only its tree) and says what became of the tree.
    ///
    /// Waits for a tree that should be gone for as long as a test may; for one that should not,
    /// until all who could kill it have had their say.
    pub fn end(&mut self, ending: Ending, gets_away: bool) -> Outcome {
        let members = self.oracle.alive();
        let begun = Instant::now();
        match ending {
            Ending::Stop => self.owner.say("stop"),
            Ending::Term => self.owner.signal(Signal::TERM),
            Ending::Kill => self.owner.signal(Signal::KILL),
            Ending::Both => self.owner.kill_both(),
        }
        let patience = if gets_away {
            match ending {
                Ending::Stop => drop(self.owner.line()),
                Ending::Term | Ending::Kill | Ending::Both => {
                    let _late = self.owner.wait_reaper_gone(PATIENCE);
                }
            }
            // ABSENCE: that a member does not die has no event.
            ABSENCE
        } else {
            PATIENCE
        };
        let empty = self.oracle.wait_empty(patience);
        let took = begun.elapsed();
        let survivors = if empty { 0 } else { self.oracle.alive() };
        Outcome {
            members,
            survivors,
            took,
        }
    }
}

/// One cell of the table: starts, ends, and says what became of the tree.
///
/// # Errors
/// What the owner said when it could not start its tree.
///
/// # Panics
/// When a member does not come up.
pub fn cell(setup: &Setup, ending: Ending, escape: &Escape) -> Result<Outcome, String> {
    let away = setup
        .rung
        .parse()
        .map_or(true, |rung| gets_away(rung, ending, escape));
    Held::start(setup, escape).map(|mut held| held.end(ending, away))
}

//! What the reaper has of Linux besides its trees, and what can happen to it.

use super::enter::{Entered, Place};
use crate::serve::{Serve, Tree};
use crate::wire::Ready;
use handfast_sys::child;
use handfast_sys::watch::{Readiness, Watcher};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

/// How long a round of sweeping rests before the next, while something resists.
const SWEEP_PAUSE: Duration = Duration::from_millis(5);

/// How trees are held here, and by what ends are noticed.
#[derive(Debug)]
pub(crate) struct System {
    pub(super) place: Place,
    /// Whether we are the init of a namespace of our own.
    namespace: bool,
    ready: Ready,
    pub(super) child_signal: OwnedFd,
    /// Whether a tree without a kernel object of its own is being killed.
    pub(super) sweeping: bool,
}

/// What became ready; the number under which the watcher knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Child,
    Events(u64),
    Leader(u64),
    Shim(u64),
    Member(u64),
}

impl Source {
    pub(super) fn number(self) -> u64 {
        match self {
            Source::Child => u64::MAX - 1,
            Source::Events(id) => id << 3 | 1,
            Source::Leader(id) => id << 3 | 2,
            Source::Shim(id) => id << 3 | 3,
            Source::Member(id) => id << 3 | 4,
        }
    }

    fn from_number(number: u64) -> Source {
        let id = number >> 3;
        match number & 7 {
            6 => Source::Child,
            1 => Source::Events(id),
            2 => Source::Leader(id),
            3 => Source::Shim(id),
            _ => Source::Member(id),
        }
    }
}

impl System {
    /// From here on ends of children are noticed by a descriptor.
    pub(super) fn new(entered: Entered) -> io::Result<System> {
        child::block_child_signal()?;
        Ok(System {
            ready: entered.ready(),
            place: entered.place,
            namespace: entered.namespace,
            child_signal: child::child_signal_descriptor()?,
            sweeping: false,
        })
    }

    /// What the manager is told of it.
    pub(crate) fn ready(&self) -> Ready {
        self.ready.clone()
    }

    /// Whatever happens is told to the watcher. The manager knows us by now.
    pub(crate) fn join(&self, watcher: &Watcher) -> io::Result<()> {
        // Only now: writing our own id maps needs our files below /proc to be ours.
        child::keep_private()?;
        let signal = self.child_signal.as_fd();
        watcher.add(Source::Child.number(), signal, Readiness::Readable)
    }

    /// Whether the kernel ends all that is left when this process ends.
    pub(crate) fn ends_all_with_us(&self) -> bool {
        self.namespace
    }

    /// The descriptors that a shim needs of it.
    pub(super) fn descriptors(&self) -> [BorrowedFd<'_>; 1] {
        [self.child_signal.as_fd()]
    }

    /// When the loop has to go on, whatever happens.
    pub(crate) fn patience(&self) -> Option<Duration> {
        self.sweeping.then_some(SWEEP_PAUSE)
    }

    /// A leader's pid as the manager sees it; 0 where its view is another one.
    pub(crate) fn outside(&self, tree: &Tree) -> i32 {
        if self.namespace { 0 } else { tree.session }
    }
}

impl Serve {
    /// Something of this system became ready.
    pub(crate) fn system_told(&mut self, number: u64) {
        match Source::from_number(number) {
            Source::Child => self.reap(),
            Source::Events(id) => self.group_changed(id),
            Source::Leader(id) => self.adopted_leader_ended(id),
            Source::Shim(id) => self.hear_shim(id),
            Source::Member(id) => self.member_ended(id),
        }
    }

    /// After everything that was ready had its turn.
    pub(crate) fn system_turn(&mut self) {
        if self.system.sweeping {
            self.sweep();
        }
    }

    /// All trees of a lost reaper were handed over: ends what is in the groups of others.
    pub(crate) fn settle(&self) {
        if let Place::Cgroups(home) = &self.system.place {
            let numbers = self.trees.values();
            let known: Vec<u64> = numbers.filter_map(|tree| tree.hold.number()).collect();
            home.settle(|number| known.contains(&number));
        }
    }

    /// Keeps the next start short; once the owner is gone there is none.
    pub(crate) fn prepare(&mut self) {
        if let Place::Cgroups(home) = &mut self.system.place {
            if self.ledger.owner_is_gone() {
                home.discard_spare();
            } else {
                home.refill(&self.ground);
            }
        }
    }

    /// Leaves no group behind.
    pub(crate) fn clear_away(&mut self) {
        if let Place::Cgroups(home) = &mut self.system.place {
            home.discard_spare();
            home.remove();
        }
    }
}

/// The pid of this process in its own namespace.
pub(super) fn own_pid() -> i32 {
    std::process::id().cast_signed()
}

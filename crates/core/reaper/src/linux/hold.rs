//! How one tree is held, and how those are signalled that are only listed.

use crate::serve::Tree;
use handfast_sys::channel::Channel;
use handfast_sys::child::{self, Pid};
use handfast_sys::proc::Stat;
use handfast_sys::tree::linux::cgroup::{Cgroup, Events};
use std::collections::HashSet;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// What holds a tree.
#[derive(Debug)]
pub(crate) enum Hold {
    /// A cgroup of its own.
    Cgroup {
        /// Its number in the manager's group.
        number: u64,
        group: Cgroup,
        /// Open from when the leader has ended and members are left.
        events: Option<Events>,
    },
    /// A shim, which speaks for it.
    Shim {
        channel: Channel,
        /// The shim while it is our child.
        pid: Option<Pid>,
    },
    /// Its session; after the leader's end each member that is left, by its own pidfd.
    Session { members: Vec<OwnedFd> },
    /// Everything below this process.
    Below,
}

impl Hold {
    /// The number of its group, where it has one.
    pub(crate) fn number(&self) -> Option<u64> {
        match self {
            Hold::Cgroup { number, .. } => Some(*number),
            Hold::Shim { .. } | Hold::Session { .. } | Hold::Below => None,
        }
    }

    /// The channel of its shim, where it has one.
    pub(crate) fn channel(&self) -> Option<BorrowedFd<'_>> {
        match self {
            Hold::Shim { channel, .. } => Some(channel.as_fd()),
            Hold::Cgroup { .. } | Hold::Session { .. } | Hold::Below => None,
        }
    }

    /// Whether the leader stays unreaped until no member is left: its number is the session's.
    pub(crate) fn needs_leader(&self) -> bool {
        matches!(self, Hold::Session { .. })
    }
}

impl Tree {
    pub(super) fn is_session(&self) -> bool {
        matches!(self.hold, Hold::Session { .. })
    }

    /// The leader's pid where it is alive, so that it is still its own: it is our child and not
    /// reaped, or it was adopted and its pidfd says so.
    pub(super) fn living_leader(&self) -> Option<i32> {
        match (self.leader, &self.pidfd) {
            (Some(leader), _) => {
                let alive = Stat::read(leader.get()).is_ok_and(|stat| stat.is_alive());
                alive.then_some(leader.get())
            }
            (None, Some(pidfd)) => {
                let alive = matches!(child::is_gone(pidfd.as_fd()), Ok(false));
                alive.then_some(self.session)
            }
            (None, None) => None,
        }
    }
}

/// How often a list is looked at again for members that were born while others were signalled.
const ROUNDS: usize = 16;

/// Signals processes by number without ever reaching a stranger: each is opened first, and only
/// those that are still listed afterwards are signalled. Looks again until nobody new is listed, so
/// that a member that was being born is not left out.
///
/// Answers how many were reached, and the first refusal.
pub(super) fn signal_listed(
    list: impl Fn() -> io::Result<Vec<i32>>,
    signals: &[i32],
) -> (u32, Option<io::Error>) {
    let mut refusal = None;
    let mut reached = 0;
    let mut done = HashSet::new();
    for _ in 0..ROUNDS {
        let fresh: Vec<(i32, OwnedFd)> = match list() {
            Ok(pids) => pids
                .into_iter()
                .filter(|pid| done.insert(*pid))
                .filter_map(open)
                .collect(),
            Err(error) => return (reached, refusal.or(Some(error))),
        };
        if fresh.is_empty() {
            break;
        }
        let still = list().unwrap_or_default();
        for (_, pidfd) in fresh.iter().filter(|(pid, _)| still.contains(pid)) {
            match signals
                .iter()
                .try_for_each(|one| child::signal_pidfd(pidfd.as_fd(), *one))
            {
                Ok(()) => reached += 1,
                Err(error) if error.raw_os_error() == Some(NO_SUCH_PROCESS) => {}
                Err(error) => refusal = refusal.or(Some(error)),
            }
        }
    }
    (reached, refusal)
}

/// `ESRCH`: it ended first, which is no refusal.
const NO_SUCH_PROCESS: i32 = 3;

fn open(pid: i32) -> Option<(i32, OwnedFd)> {
    let pidfd = child::open_pidfd(Pid::new(pid)?).ok()?;
    Some((pid, pidfd))
}

//! Linux: a group, a shim, or a session.

use crate::child::{Pid, open_pidfd, pid_behind, signal_pidfd};
use crate::proc::Stat;
use crate::tree::linux::{cgroup::Cgroup, descendants};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

/// The channel of a tree's shim and what names that, where it has one.
#[derive(Debug, Default)]
pub struct Hold(Option<(OwnedFd, OwnedFd)>);

impl Hold {
    /// Takes what came with the word that a tree runs, after what names its leader.
    pub fn take(descriptors: &mut impl Iterator<Item = OwnedFd>) -> Hold {
        Hold(descriptors.next().zip(descriptors.next()))
    }

    /// Whether a shim holds the tree: then closing its channel is its order to kill it.
    #[must_use]
    pub fn is_shim(&self) -> bool {
        self.0.is_some()
    }

    /// What a next reaper must be given of it.
    pub fn descriptors(&self) -> impl Iterator<Item = &OwnedFd> {
        self.0.iter().flat_map(|(channel, named)| [channel, named])
    }

    /// Where the members are listed. `group` is the tree's own, where it has one.
    #[must_use]
    pub fn place(&self, leader: i32, group: Option<PathBuf>) -> Place {
        let shim = self.0.as_ref();
        let shim = shim.and_then(|(_, named)| pid_behind(named.as_fd()).ok().flatten());
        match (shim, group) {
            (Some(shim), _) => Place::Below(shim),
            (None, Some(group)) => Place::Cgroup(group),
            (None, None) => Place::Session(leader),
        }
    }

    /// Kills a tree that no reaper watches any more, and that has no group. A shim does it when this
    /// is dropped; without one the session of the leader is killed, and the leader.
    pub fn kill(&self, session: i32, leader: Option<BorrowedFd<'_>>) {
        if self.0.is_some() {
            return;
        }
        kill_session(session);
        if let Some(leader) = leader {
            let _ = signal_pidfd(leader, KILL);
        }
    }
}

const KILL: i32 = 9;

/// How often a session is looked at again for members that were born meanwhile.
const ROUNDS: usize = 16;

/// Each member is opened before it is looked at a second time, so no stranger is reached.
fn kill_session(session: i32) {
    let listed = || descendants::in_session(session).unwrap_or_default();
    for _ in 0..ROUNDS {
        let open = |pid| Some((pid, open_pidfd(Pid::new(pid)?).ok()?));
        let opened: Vec<(i32, OwnedFd)> = listed().into_iter().filter_map(open).collect();
        if opened.is_empty() {
            break;
        }
        let still = listed();
        for (_, pidfd) in opened.iter().filter(|(pid, _)| still.contains(pid)) {
            // One that cannot be killed is another user's, and a survivor.
            let _ = signal_pidfd(pidfd.as_fd(), KILL);
        }
    }
}

/// Where the members of a tree are listed by the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In this cgroup and those below.
    Cgroup(PathBuf),
    /// Below this process, which is ours and not a member.
    Below(i32),
    /// In the session of this leader.
    Session(i32),
}

impl Place {
    /// The live members, in our own namespace.
    #[must_use]
    pub fn members(&self) -> Vec<u32> {
        let pids = match self {
            Place::Cgroup(path) => Cgroup::open(path).and_then(|group| group.members()),
            Place::Below(shim) => descendants::below(*shim),
            Place::Session(leader) => session(*leader),
        };
        // What cannot be listed has ended.
        let pids = pids.unwrap_or_default().into_iter();
        pids.filter_map(|pid| u32::try_from(pid).ok().filter(|pid| *pid > 0))
            .collect()
    }
}

fn session(leader: i32) -> io::Result<Vec<i32>> {
    let mut pids = descendants::in_session(leader)?;
    let alive = Stat::read(leader).is_ok_and(|stat| stat.is_alive());
    if alive {
        pids.push(leader);
    }
    Ok(pids)
}

//! What a process task learns of its tree.

use crate::process::Cause;
use handfast_sys::child::Exit;
use handfast_sys::tree::linux::{cgroup::Cgroup, descendants};
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

/// A fact of one tree.
#[derive(Debug)]
pub(crate) enum Fact {
    /// The program runs.
    Started {
        /// The leader's pid in our own namespace.
        pid: u32,
        /// Where its members are listed.
        place: Place,
    },
    /// The program runs, and what names it was lost: this process may have no more descriptors.
    Unheld,
    /// The program does not run.
    NotStarted { step: u8, errno: i32 },
    /// The leader ended.
    LeaderExited {
        exit: Exit,
        at: SystemTime,
        empty: bool,
    },
    /// No member is left.
    Emptied,
    /// A signal was sent.
    Signalled { token: u64, count: u32, errno: i32 },
    /// The reaper ended and took the tree with it.
    Lost,
    /// The reaper ends it, or has, since its owner was gone.
    OwnerGone { cause: Cause },
    /// It is the next program's now.
    Released,
    /// Another reaper watches the tree now.
    Replaced {
        /// Its number: what was sent to one with a lower number is lost.
        number: u64,
    },
}

/// Where the members of a tree are listed by the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// In this cgroup and those below.
    Cgroup(PathBuf),
    /// Below this process, which is ours and not a member.
    Below(i32),
    /// In the session of this leader.
    Session(i32),
}

impl Place {
    /// The live members, in our own namespace.
    pub(crate) fn members(&self) -> Vec<u32> {
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
    let alive = handfast_sys::proc::Stat::read(leader).is_ok_and(|stat| stat.is_alive());
    if alive {
        pids.push(leader);
    }
    Ok(pids)
}

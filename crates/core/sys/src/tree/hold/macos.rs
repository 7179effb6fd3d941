//! macOS: the session of the leader, whoever descends from it, and the mark.

use crate::child::process_behind;
use crate::tree::lineage::Lineage;
use crate::tree::macos::{Mark, entry, is_same, members, sweep, table};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

/// How long a tree that is killed without a reaper is waited for.
const PATIENCE: Duration = Duration::from_millis(500);

/// What holds a tree besides its reaper: nobody.
#[derive(Debug, Default)]
pub struct Hold(());

impl Hold {
    /// Nothing comes with the word that a tree runs, besides what names its leader.
    pub fn take(_: &mut impl Iterator<Item = OwnedFd>) -> Hold {
        Hold(())
    }

    /// Whether another process holds the tree: none does.
    #[must_use]
    pub fn is_shim(&self) -> bool {
        false
    }

    /// What a next reaper must be given of it.
    pub fn descriptors(&self) -> impl Iterator<Item = &OwnedFd> {
        std::iter::empty()
    }

    /// Where the members are listed. `mark` is the tree's own, as the path that its group has.
    #[must_use]
    pub fn place(&self, leader: i32, mark: Option<PathBuf>) -> Place {
        let mark = mark.map_or(Mark::None, |mark| {
            Mark::Tree(mark.as_os_str().as_bytes().to_vec())
        });
        Place { leader, mark }
    }

    /// Kills a tree that no reaper watches any more: what its leader leads to, where that is still there.
    /// What only a mark leads to is killed with the manager's group.
    pub fn kill(&self, _: i32, leader: Option<BorrowedFd<'_>>) {
        let known = leader.and_then(|leader| process_behind(leader).ok());
        let known = known.filter(is_same);
        if let Some(leader) = known.and_then(|known| entry(known.pid).ok()) {
            // One that cannot be killed is another user's, and a survivor.
            let _ = sweep(&mut Lineage::of(&leader), &Mark::None, PATIENCE);
        }
    }
}

/// Where the members of a tree are listed by the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The leader's number, which is its own while the reaper has not reaped it: until the tree is empty.
    leader: i32,
    mark: Mark,
}

impl Place {
    /// The live members, as far as a single look shows them: an orphan whose line is lost and that has no mark
    /// is known to the reaper alone.
    #[must_use]
    pub fn members(&self) -> Vec<u32> {
        let leader = entry(self.leader).ok();
        let mut lineage = leader.map_or_else(Lineage::by_mark, |leader| Lineage::of(&leader));
        // What cannot be listed has ended.
        let table = table().unwrap_or_default();
        let found = members(&mut lineage, &self.mark, &table);
        let pids = found.into_iter().map(|entry| entry.pid);
        pids.filter_map(|pid| u32::try_from(pid).ok().filter(|pid| *pid > 0))
            .collect()
    }
}

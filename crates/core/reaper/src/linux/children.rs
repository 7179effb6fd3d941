//! What the reaper learns of its children: how they ended.

use super::enter::Place;
use super::hold::Hold;
use super::system::own_pid;
use crate::serve::Serve;
use handfast_sys::child::{self, Exit};
use handfast_sys::tree::linux::descendants;
use std::os::fd::AsFd;

/// How many rounds of sweeping are made at once before other events have their turn. A chain that
/// forks and exits is met by speed, so rounds come back to back.
const ROUNDS: usize = 200;

impl Serve {
    /// Reaps what has ended.
    pub(super) fn reap(&mut self) {
        child::drain_child_signals(self.system.child_signal.as_fd());
        if matches!(self.system.place, Place::Groups) {
            return self.peek_leaders();
        }
        loop {
            match child::reap_any() {
                Ok(Some((pid, exit))) => self.child_ended(pid, exit),
                Ok(None) => return,
                Err(_) => return self.no_child_left(),
            }
        }
    }

    fn child_ended(&mut self, pid: i32, exit: Exit) {
        let Some(id) = self.by_pid.remove(&pid) else {
            return;
        };
        let Some(tree) = self.trees.get(&id) else {
            return;
        };
        match &tree.hold {
            Hold::Shim {
                pid: Some(shim), ..
            } if shim.get() == pid => self.shim_ended(id),
            Hold::Cgroup { .. } | Hold::Session { .. } | Hold::Below | Hold::Shim { .. } => {
                self.leader_ended(id, exit);
            }
        }
    }

    /// In sessions a leader stays unreaped until no member is left: its number is the group's.
    fn peek_leaders(&mut self) {
        let leaders: Vec<u64> = self.by_pid.values().copied().collect();
        for id in leaders {
            let Some(leader) = self.trees.get(&id).and_then(|tree| tree.leader) else {
                continue;
            };
            if self.trees.get(&id).is_some_and(|tree| tree.exit.is_some()) {
                continue;
            }
            if let Ok(Some(exit)) = child::peek_child(leader) {
                self.leader_ended(id, exit);
            }
        }
    }

    /// A shim without children holds an empty tree.
    fn no_child_left(&mut self) {
        if matches!(self.system.place, Place::Below { .. }) {
            self.system.sweeping = false;
            let ids: Vec<u64> = self.trees.keys().copied().collect();
            ids.into_iter().for_each(|id| self.emptied(id));
        }
    }

    /// An adopted leader, which is not our child, has ended.
    pub(super) fn adopted_leader_ended(&mut self, id: u64) {
        let Some(pidfd) = self.trees.get_mut(&id).and_then(|tree| tree.pidfd.take()) else {
            return;
        };
        let _ = self.watcher.forget(pidfd.as_fd());
        self.leader_ended(id, child::exit_behind(pidfd.as_fd()));
    }

    /// Rounds of stopping and killing below a subreaper, until nothing is left or it is time to
    /// hear the owner again.
    pub(super) fn sweep(&mut self) {
        for _ in 0..ROUNDS {
            if !self.system.sweeping {
                return;
            }
            let _ = descendants::stop_round(own_pid());
            let killed = descendants::kill_round(own_pid());
            self.reap();
            if killed.is_ok_and(|count| count == 0) {
                // Only zombies whose parents live, or nothing; the next end tells.
                return;
            }
        }
    }
}

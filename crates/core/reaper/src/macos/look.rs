//! Looking at the table of processes: who is a member, what has ended, whom to kill next.

use crate::serve::{Serve, Tree};
use handfast_sys::child::{self, Exit};
use handfast_sys::tree::hunt::Order;
use handfast_sys::tree::lineage::{Entry, Table};
use handfast_sys::tree::macos::{self, members, signal_each};
use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

const KILL: i32 = 9;

/// How many looks are made at once before other events have their turn.
const ROUNDS: usize = 64;

/// How often a look that was not whole is made again for the sake of one answer.
const LOOKS: usize = 8;

/// How long it may be until a process whose end was told can be asked how it ended.
const SOON: Duration = Duration::from_millis(5);

impl Serve {
    /// After everything that was ready had its turn: looks, where that is due.
    pub(crate) fn system_turn(&mut self) {
        self.leaders_end();
        for _ in 0..ROUNDS {
            if !self.system.pace.take(Instant::now()) {
                return;
            }
            self.look();
        }
    }

    /// Takes the end of leaders whose end was told, as soon as it can be had.
    fn leaders_end(&mut self) {
        for id in std::mem::take(&mut self.system.ending) {
            let Some(tree) = self.trees.get(&id) else {
                continue;
            };
            match how_it_ended(tree) {
                Some(exit) => {
                    if let Some(tree) = self.trees.get_mut(&id).filter(|tree| tree.leader.is_none())
                    {
                        // It was reaped by launchd, so its number may be anybody's.
                        tree.pidfd = None;
                        tree.hold.lineage.disown();
                    }
                    self.leader_ended(id, exit);
                }
                None => {
                    self.system.ending.insert(id);
                    self.system.pace.at(Instant::now() + SOON);
                }
            }
        }
    }

    /// One look for all trees, and what follows from it for each.
    fn look(&mut self) {
        let Ok(mut table) = macos::table() else {
            // Nothing is known; what is being killed is looked at again.
            return self.system.pace.at(Instant::now() + SOON);
        };
        self.note_ends(&mut table);
        let ids: Vec<u64> = self.trees.keys().copied().collect();
        for id in ids {
            let Some(tree) = self.trees.get_mut(&id) else {
                continue;
            };
            let found = members(&mut tree.hold.lineage, &tree.hold.mark, &table);
            if found.is_empty() && table.whole && tree.exit.is_some() {
                self.emptied(id);
                continue;
            }
            self.watch_members(&found);
            self.go_on_killing(id, &found, table.whole);
            let unsure = found.is_empty() && !table.whole;
            if unsure {
                self.system.pace.at(Instant::now());
            }
        }
    }

    /// What has ended is no member, though the table may still have it.
    fn note_ends(&mut self, table: &mut Table) {
        let ended = &mut self.system.ended;
        table.note_ended(ended);
        let listed = table.entries.iter().map(|entry| entry.unique);
        let listed: std::collections::BTreeSet<u64> = listed.collect();
        ended.retain(|unique| listed.contains(unique));
    }

    /// Who was not watched may have forked since it was listed.
    fn watch_members(&mut self, found: &[Entry]) {
        let mut fresh = false;
        for entry in found {
            fresh |= self.system.watch(entry);
        }
        if fresh {
            self.system.pace.forked(Instant::now());
        }
    }

    /// The next step of a tree that is being killed.
    fn go_on_killing(&mut self, id: u64, found: &[Entry], whole: bool) {
        let now = Instant::now();
        let Some(tree) = self.trees.get_mut(&id) else {
            return;
        };
        let Some(hunt) = &mut tree.hold.hunt else {
            return;
        };
        let next = match hunt.step(found, whole, now) {
            // Its leader's end is told by itself.
            Order::Done => None,
            Order::Look => Some(now),
            Order::Rest(until) => Some(until),
            Order::Stop(some) => {
                signal_all(tree, &some, child::STOP);
                Some(now)
            }
            Order::Kill(some) => {
                signal_all(tree, &some, KILL);
                Some(now)
            }
        };
        match next {
            Some(then) => self.system.pace.at(then),
            None => tree.hold.hunt = None,
        }
    }

    /// Whether nothing is left of a tree whose leader has ended. Where something is, its end will be
    /// noticed.
    pub(crate) fn is_empty_now(&mut self, id: u64) -> bool {
        self.system.pace.at(Instant::now());
        for _ in 0..LOOKS {
            match self.members(id) {
                Ok((found, whole)) if found.is_empty() && !whole => {}
                Ok((found, _)) => return found.is_empty(),
                Err(_) => return false,
            }
        }
        false
    }

    /// The live members of a tree, and whether that look was whole.
    pub(super) fn members(&mut self, id: u64) -> io::Result<(Vec<Entry>, bool)> {
        let mut table = macos::table()?;
        self.note_ends(&mut table);
        let Some(tree) = self.trees.get_mut(&id) else {
            return Ok((Vec::new(), true));
        };
        let found = members(&mut tree.hold.lineage, &tree.hold.mark, &table);
        self.watch_members(&found);
        Ok((found, table.whole))
    }
}

/// How a leader ended, as far as anybody tells us; `None` while that cannot be said yet.
fn how_it_ended(tree: &Tree) -> Option<Exit> {
    match (tree.leader, &tree.pidfd) {
        // What is no child of ours any more was taken by somebody else.
        (Some(leader), _) => child::peek_child(leader).unwrap_or(Some(Exit::Unknown)),
        (None, Some(named)) => child::is_gone(named.as_fd())
            .unwrap_or(true)
            .then_some(Exit::Unknown),
        (None, None) => Some(Exit::Unknown),
    }
}

/// Signals members, and before them those in the leader's group at once: between two of its members
/// nobody can be born that is left out.
fn signal_all(tree: &Tree, some: &[Entry], signal: i32) {
    if let Some(leader) = tree.leader {
        // The leader is not reaped, so the group's number is still its own.
        let _ = child::signal_group(leader, signal);
    }
    // A refusal leaves a survivor; the manager's deadline names it.
    let _ = signal_each(some, signal);
}

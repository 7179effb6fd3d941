//! Carrying out what the manager or the ledger wants: start, signal, ask, kill, adopt.

use super::hold::Hold;
use crate::serve::{Serve, Tree, once};
use crate::start::Failure;
use crate::wire::{Adopt, Scope, Signal, Start, Step};
use handfast_sys::child::{self, Exit, Pid};
use handfast_sys::tree::hunt::Hunt;
use handfast_sys::tree::lineage::{Entry, Lineage};
use handfast_sys::tree::macos::{self, signal_each};
use std::collections::BTreeSet;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Instant;

const TERMINATE: i32 = 15;
const KILL: i32 = 9;

/// How often a tree is looked at again for members that were born while others were signalled.
const ROUNDS: usize = 16;

/// `EPERM`.
const NOT_PERMITTED: i32 = 1;

impl Serve {
    /// Starts a leader with its mark in its environment.
    pub(crate) fn begin_tree(
        &mut self,
        start: &Start,
        descriptors: &[OwnedFd],
    ) -> Result<Tree, Failure> {
        let number = self.system.next_number();
        let environment = self.system.marked(&start.environment, number);
        let marked = Start {
            environment,
            ..start.clone()
        };
        let launch = self
            .ground
            .launch(&marked, descriptors, child::fork_anywhere)?;
        // It is not reaped, so it can be looked at, alive or not.
        let leader = macos::entry(launch.pid.get()).map_err(|error| {
            end(launch.pid);
            (Step::Contain, error)
        })?;
        self.system.watch_leader(start.id, &leader);
        let hold = Hold::new(number, &self.system.stem, Lineage::of(&leader));
        Ok(self.watch_launch(start.id, hold, launch))
    }

    /// Signals a part of a tree and says how many processes that reached.
    pub(crate) fn signal(&mut self, signal: &Signal) {
        let scope = Scope::from_byte(signal.scope);
        let sent = self.reach(signal.id, scope, &[signal.signal]);
        self.answer(signal, sent);
    }

    fn reach(&mut self, id: u64, scope: Scope, signals: &[i32]) -> (u32, Option<io::Error>) {
        let Some(tree) = self.trees.get(&id) else {
            return (0, None);
        };
        let group = tree.session;
        match (scope, tree.leader, &tree.pidfd) {
            (Scope::Leader, Some(leader), _) => {
                once(signals, |signal| child::signal_process(leader, signal))
            }
            // An adopted leader is not our child, so its numbers may become a stranger's.
            (Scope::Leader, None, Some(named)) => {
                once(signals, |signal| child::signal_pidfd(named.as_fd(), signal))
            }
            (Scope::Group, Some(leader), _) => {
                let sent = once(signals, |signal| child::signal_group(leader, signal));
                self.without_the_dead(id, sent)
            }
            (Scope::Group, None, Some(_)) => {
                self.signal_members(id, signals, |entry| entry.group == group)
            }
            (Scope::Leader | Scope::Group, None, None) => (0, None),
            (Scope::Tree, _, _) => self.signal_members(id, signals, |_| true),
        }
    }

    /// A group of which only zombies are left refuses signals (`EPERM`), which is no refusal of anybody.
    fn without_the_dead(
        &mut self,
        id: u64,
        sent: (u32, Option<io::Error>),
    ) -> (u32, Option<io::Error>) {
        let refused = |error: &io::Error| error.raw_os_error() == Some(NOT_PERMITTED);
        let group = self.trees.get(&id).map(|tree| tree.session);
        if sent.1.as_ref().is_some_and(refused)
            && let Ok((found, _)) = self.members(id)
            && !found.iter().any(|entry| Some(entry.group) == group)
        {
            return (0, None);
        }
        sent
    }

    /// Looks again until nobody new is listed, so that a member that was being born is not left out.
    fn signal_members(
        &mut self,
        id: u64,
        signals: &[i32],
        wanted: impl Fn(&Entry) -> bool,
    ) -> (u32, Option<io::Error>) {
        let (mut reached, mut refusal) = (0, None);
        let mut done = BTreeSet::new();
        for _ in 0..ROUNDS {
            let found = match self.members(id) {
                Ok((found, _)) => found,
                Err(error) => return (reached, refusal.or(Some(error))),
            };
            let fresh = found.into_iter().filter(&wanted);
            let fresh: Vec<Entry> = fresh.filter(|entry| done.insert(entry.unique)).collect();
            if fresh.is_empty() {
                break;
            }
            let mut each = signals.iter().map(|signal| signal_each(&fresh, *signal));
            if let Some((count, refused)) = each.next() {
                reached += count;
                refusal = refusal.or(refused);
            }
            each.for_each(drop);
        }
        (reached, refusal)
    }

    /// Asks every member to end, and wakes up those that are stopped so that they can.
    pub(crate) fn ask(&mut self, id: u64) {
        self.reach(id, Scope::Tree, &[TERMINATE, child::CONTINUE]);
    }

    /// Begins to kill every member of these trees. A tree is known to be gone when its emptiness is told.
    pub(crate) fn kill(&mut self, ids: &[u64]) {
        for id in ids {
            if let Some(tree) = self.trees.get_mut(id) {
                tree.hold.hunt.get_or_insert_with(Hunt::default);
                self.system.pace.at(Instant::now());
            }
        }
    }

    /// Takes over a tree of a reaper that was lost. It is launchd's now, who will reap its leader.
    pub(crate) fn adopt(&mut self, adopt: &Adopt, descriptors: Vec<OwnedFd>) {
        let mut descriptors = descriptors.into_iter();
        let named = adopt.leader.and_then(|_| descriptors.next());
        if let Some(keep) = &mut self.keep {
            keep.begin(adopt.id, &adopt.note, (&adopt.lent, descriptors.collect()));
            keep.adopted(adopt, (named.as_ref(), None));
        }
        let number = adopt.group.unwrap_or_else(|| self.system.next_number());
        self.system.note_number(number);
        let pid = named
            .as_ref()
            .and_then(|named| child::pid_behind(named.as_fd()).ok());
        let leader = pid.flatten().and_then(|pid| macos::entry(pid).ok());
        let lineage = leader.as_ref().map_or_else(Lineage::by_mark, Lineage::of);
        let tree = Tree {
            session: adopt.session,
            pidfd: named,
            ..Tree::new(Hold::new(number, &self.system.stem, lineage))
        };
        self.trees.insert(adopt.id, tree);
        self.began(adopt.id, adopt.survives, adopt.grace_ms);
        match (leader, adopt.leader) {
            (Some(leader), _) => self.system.watch_leader(adopt.id, &leader),
            // It has ended while nobody watched.
            (None, Some(_)) => {
                self.system.ending.insert(adopt.id);
                self.system.pace.at(Instant::now());
            }
            (None, None) => self.leader_was_told(adopt.id),
        }
    }

    /// The end of an adopted tree's leader was told by the reaper before.
    fn leader_was_told(&mut self, id: u64) {
        if let Some(tree) = self.trees.get_mut(&id) {
            tree.exit = Some(Exit::Unknown);
        }
        if self.is_empty_now(id) {
            self.emptied(id);
        }
    }

    /// Nobody else is left of a tree: its leader is reaped, and from here on its number is anybody's.
    pub(crate) fn let_go_of(&mut self, tree: &Tree) {
        if let Some(leader) = tree.leader {
            self.by_pid.remove(&leader.get());
            let _ = child::reap_one(leader);
        }
    }

    /// A tree is over, and that was told: the others go on.
    pub(crate) fn one_less(&mut self) {}
}

/// Kills a child that cannot be held, and reaps it.
fn end(pid: Pid) {
    let _ = child::signal_process(pid, KILL);
    let _ = child::reap(pid);
}

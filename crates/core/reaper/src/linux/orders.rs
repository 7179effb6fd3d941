//! Carrying out what the manager or the ledger wants: start, signal, ask, kill, adopt.

use super::enter::Place;
use super::hold::{Hold, signal_listed};
use super::home::Home;
use super::system::{Source, own_pid};
use crate::ledger::Event;
use crate::serve::{Serve, Tree, once};
use crate::start::Failure;
use crate::wire::{Adopt, Reply, Request, Scope, Signal, Start, group_name};
use handfast_sys::channel::Channel;
use handfast_sys::child::{self, CONTINUE};
use handfast_sys::tree::linux::descendants;
use handfast_sys::watch::Readiness;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

const TERMINATE: i32 = 15;
const KILL: i32 = 9;

impl Serve {
    /// Starts a leader in what holds its tree.
    pub(crate) fn begin_tree(
        &mut self,
        start: &Start,
        descriptors: &[OwnedFd],
    ) -> Result<Tree, Failure> {
        match self.system.place {
            Place::Shims { nested } => self.start_shim(start, descriptors, nested),
            Place::Cgroups(_) | Place::Groups | Place::Below { .. } => {
                self.start_leader(start, descriptors)
            }
        }
    }

    fn start_leader(&mut self, start: &Start, descriptors: &[OwnedFd]) -> Result<Tree, Failure> {
        let ground = &self.ground;
        let (hold, launch) = match &mut self.system.place {
            Place::Cgroups(home) => {
                let (number, group, launch) = home.launch(ground, start, descriptors)?;
                let events = None;
                (
                    Hold::Cgroup {
                        number,
                        group,
                        events,
                    },
                    launch,
                )
            }
            Place::Below { .. } => (
                Hold::Below,
                ground.launch(start, descriptors, child::fork_anywhere)?,
            ),
            Place::Groups | Place::Shims { .. } => {
                let launch = ground.launch(start, descriptors, child::fork_anywhere)?;
                (
                    Hold::Session {
                        members: Vec::new(),
                    },
                    launch,
                )
            }
        };
        Ok(self.watch_launch(start.id, hold, launch))
    }

    /// Signals a part of a tree and says how many processes that reached.
    pub(crate) fn signal(&mut self, signal: &Signal) {
        if let Some(Tree {
            hold: Hold::Shim { channel, .. },
            ..
        }) = self.trees.get(&signal.id)
            && channel
                .send(&Request::Signal(signal.clone()).encode(), &[])
                .is_ok()
        {
            return;
        }
        let scope = Scope::from_byte(signal.scope);
        let sent = self.reach(signal.id, scope, &[signal.signal]);
        self.answer(signal, sent);
    }

    fn reach(&self, id: u64, scope: Scope, signals: &[i32]) -> (u32, Option<io::Error>) {
        let Some(tree) = self.trees.get(&id) else {
            return (0, None);
        };
        match (scope, tree.leader, &tree.pidfd) {
            (Scope::Tree, _, _) => self.reach_tree(tree, signals),
            (Scope::Leader, Some(leader), _) => {
                once(signals, |signal| child::signal_process(leader, signal))
            }
            (Scope::Group, Some(leader), _) => {
                once(signals, |signal| child::signal_group(leader, signal))
            }
            // An adopted leader is not our child, so its numbers may become a stranger's.
            (Scope::Leader, None, Some(pidfd)) => {
                once(signals, |signal| child::signal_pidfd(pidfd.as_fd(), signal))
            }
            (Scope::Group, None, Some(_)) => {
                signal_listed(|| descendants::in_group(tree.session), signals)
            }
            (Scope::Leader | Scope::Group, None, None) => (0, None),
        }
    }

    fn reach_tree(&self, tree: &Tree, signals: &[i32]) -> (u32, Option<io::Error>) {
        match &tree.hold {
            Hold::Cgroup { group, .. } => signal_listed(|| group.members(), signals),
            Hold::Below => signal_listed(|| descendants::below(own_pid()), signals),
            Hold::Session { .. } => signal_listed(|| in_sessions(&[tree]), signals),
            Hold::Shim { .. } => (0, None),
        }
    }

    /// Asks every member to end, and wakes up those that are stopped so that they can.
    pub(crate) fn ask(&mut self, id: u64) {
        match self.trees.get(&id).map(|tree| &tree.hold) {
            Some(Hold::Shim { .. }) => {
                for signal in [TERMINATE, CONTINUE] {
                    let scope = Scope::Tree.byte();
                    self.signal(&Signal {
                        id,
                        signal,
                        scope,
                        token: 0,
                    });
                }
            }
            Some(Hold::Cgroup { .. } | Hold::Session { .. } | Hold::Below) => {
                self.reach(id, Scope::Tree, &[TERMINATE, CONTINUE]);
            }
            None => {}
        }
    }

    /// Kills every member of these trees. A tree is known to be gone when its emptiness is told.
    pub(crate) fn kill(&mut self, ids: &[u64]) {
        self.kill_sessions(ids);
        for id in ids {
            self.kill_held(*id);
        }
    }

    fn kill_held(&mut self, id: u64) {
        let Some(tree) = self.trees.get_mut(&id) else {
            return;
        };
        match &mut tree.hold {
            Hold::Cgroup { group, .. } => {
                // A refusal leaves the tree as it is; the manager's deadline names the survivors.
                let _ = group.kill();
            }
            Hold::Shim { channel, .. } => {
                let _ = channel.send(&Request::Kill(id).encode(), &[]);
            }
            // With others, before.
            Hold::Session { .. } => {}
            Hold::Below => self.kill_below(),
        }
    }

    /// Kills what is in the sessions of these trees: of one as of many, since each look for members
    /// reads all of `/proc`. What is no session is left out.
    fn kill_sessions(&self, ids: &[u64]) {
        let trees = ids.iter().filter_map(|id| self.trees.get(id));
        let trees: Vec<&Tree> = trees.filter(|tree| tree.is_session()).collect();
        for leader in trees.iter().filter_map(|tree| tree.leader) {
            // The leader is not reaped, so the group's number is still its own.
            let _ = child::signal_group(leader, KILL);
        }
        // A leader cannot leave its group, so only others are left to be looked for.
        if !trees.is_empty() {
            signal_listed(|| in_sessions(&trees), &[KILL]);
        }
    }

    fn kill_below(&mut self) {
        if matches!(self.system.place, Place::Below { init: true }) {
            // One call reaches all: nothing can be forked past it.
            let _ = child::signal_all(KILL);
        } else {
            self.system.sweeping = true;
        }
    }

    /// Takes over a tree of a reaper that was lost.
    pub(crate) fn adopt(&mut self, adopt: &Adopt, descriptors: Vec<OwnedFd>) {
        let mut descriptors = descriptors.into_iter();
        let pidfd = adopt.leader.and_then(|_| descriptors.next());
        let shim = if adopt.shim { descriptors.next() } else { None };
        let shim_pidfd = shim.as_ref().and_then(|_| descriptors.next());
        if let Some(keep) = &mut self.keep {
            keep.begin(adopt.id, &adopt.note, (&adopt.lent, descriptors.collect()));
            keep.adopted(adopt, (pidfd.as_ref(), shim_pidfd));
        }
        let hold = match (&self.system.place, shim) {
            (_, Some(shim)) => {
                Channel::from_descriptor(shim).map(|channel| Hold::Shim { channel, pid: None })
            }
            (Place::Cgroups(home), None) => adopt_group(home, adopt.group),
            (Place::Groups | Place::Shims { .. } | Place::Below { .. }, None) => {
                Ok(Hold::Session {
                    members: Vec::new(),
                })
            }
        };
        let Ok(hold) = hold else {
            // Its group is gone, so nothing is in it.
            self.began(adopt.id, adopt.survives, adopt.grace_ms);
            self.tell(&Reply::Emptied(adopt.id), &[]);
            return self.note(Event::Ended(adopt.id));
        };
        let tree = Tree {
            session: adopt.session,
            pidfd,
            ..Tree::new(hold)
        };
        self.watch_adopted(adopt.id, &tree);
        self.trees.insert(adopt.id, tree);
        self.began(adopt.id, adopt.survives, adopt.grace_ms);
        self.settle_adopted(adopt.id);
    }

    fn watch_adopted(&self, id: u64, tree: &Tree) {
        if let Hold::Shim { channel, .. } = &tree.hold {
            let number = Source::Shim(id).number();
            let _ = self
                .watcher
                .add(number, channel.as_fd(), Readiness::Readable);
        } else if let Some(pidfd) = &tree.pidfd {
            let number = Source::Leader(id).number();
            let _ = self.watcher.add(number, pidfd.as_fd(), Readiness::Readable);
        }
    }
}

/// The group of a lost reaper's tree; one that had none yet, or whose group is gone, has nothing in it.
fn adopt_group(home: &Home, number: Option<u64>) -> io::Result<Hold> {
    let number = number.ok_or(io::ErrorKind::NotFound)?;
    let group = home.group.child(&group_name(number))?;
    Ok(Hold::Cgroup {
        number,
        group,
        events: None,
    })
}

/// The live members of sessions, their leaders included.
fn in_sessions(trees: &[&Tree]) -> io::Result<Vec<i32>> {
    let sessions: Vec<i32> = trees.iter().map(|tree| tree.session).collect();
    let mut pids = descendants::in_sessions(&sessions)?;
    pids.extend(trees.iter().filter_map(|tree| tree.living_leader()));
    Ok(pids)
}

//! Carrying out what the manager or the ledger wants: start, signal, ask, kill, adopt.

use super::trees::{Hold, Tree, signal_listed};
use super::{Serve, Source};
use crate::enter::Place;
use crate::home::Home;
use crate::ledger::Event;
use crate::start::{Failure, Launch};
use crate::wire::{
    Adopt, NotStarted, Reply, Request, Scope, Signal, Signalled, Start, Step, group_name,
};
use handfast_sys::channel::Channel;
use handfast_sys::child::{self, Into};
use handfast_sys::tree::linux::descendants;
use handfast_sys::watch::Readiness;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

const TERMINATE: i32 = 15;
const KILL: i32 = 9;
const CONTINUE: i32 = 18;

impl Serve {
    pub(super) fn start(&mut self, start: &Start, mut descriptors: Vec<OwnedFd>) {
        // Before anything is forked: what is lent is not for the child.
        let given = descriptors.len().saturating_sub(start.lent.len());
        let lent = descriptors.split_off(given);
        if let Some(keep) = &mut self.keep {
            keep.begin(start.id, &start.note, (&start.lent, lent));
        }
        self.start_with(start, &descriptors);
    }

    /// Starts it with what is for the child.
    pub(super) fn start_with(&mut self, start: &Start, descriptors: &[OwnedFd]) {
        let begun = self.ground.check_room().and_then(|()| match self.place {
            Place::Shims { nested } => self.start_shim(start, descriptors, nested),
            Place::Cgroups(_) | Place::Groups | Place::Below { .. } => {
                self.start_leader(start, descriptors)
            }
        });
        match begun {
            Ok(tree) => {
                self.trees.insert(start.id, tree);
                self.began(start.id, start.survives, start.grace_ms);
            }
            Err((step, error)) => {
                self.not_started(start.id, step, &error);
                self.forget(start.id, false);
            }
        }
    }

    fn began(&mut self, id: u64, survives: bool, grace_ms: u64) {
        self.note(Event::Began {
            id,
            survives,
            grace: Duration::from_millis(grace_ms),
        });
    }

    pub(super) fn not_started(&mut self, id: u64, step: Step, error: &io::Error) {
        let errno = error.raw_os_error().unwrap_or(0);
        self.tell(
            &Reply::NotStarted(NotStarted {
                id,
                step: step as u8,
                errno,
            }),
            &[],
        );
    }

    fn start_leader(&mut self, start: &Start, descriptors: &[OwnedFd]) -> Result<Tree, Failure> {
        let ground = &self.ground;
        let (hold, launch) = match &mut self.place {
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
                ground.launch(start, descriptors, &Into::default())?,
            ),
            Place::Groups | Place::Shims { .. } => {
                let launch = ground.launch(start, descriptors, &Into::default())?;
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

    fn watch_launch(&mut self, id: u64, hold: Hold, launch: Launch) -> Tree {
        self.by_pid.insert(launch.pid.get(), id);
        let number = Source::Outcome(id).number();
        // Where it cannot be watched its end is still seen, and the outcome is read then.
        let _ = self
            .watcher
            .add(number, launch.outcome.as_fd(), Readiness::Readable);
        Tree {
            leader: Some(launch.pid),
            session: launch.pid.get(),
            pidfd: Some(launch.pidfd),
            outcome: Some(launch.outcome),
            ..Tree::new(hold)
        }
    }

    /// Signals a part of a tree and says how many processes that reached.
    pub(super) fn signal(&mut self, signal: &Signal) {
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
        let (count, refusal) = self.reach(signal.id, scope, &[signal.signal]);
        if signal.token != 0 {
            let errno = refusal.and_then(|error| error.raw_os_error()).unwrap_or(0);
            let told = Signalled {
                id: signal.id,
                token: signal.token,
                count,
                errno,
            };
            self.tell(&Reply::Signalled(told), &[]);
        }
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
    pub(super) fn ask(&mut self, id: u64) {
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

    /// Kills every member. The tree is known to be gone when its emptiness is told.
    pub(super) fn kill(&mut self, id: u64) {
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
            Hold::Session { .. } => self.kill_sessions(&[id]),
            Hold::Below => self.kill_below(),
        }
    }

    /// Kills what is in the sessions of these trees: of one as of many, since each look for members
    /// reads all of `/proc`. What is no session is left out.
    pub(super) fn kill_sessions(&self, ids: &[u64]) {
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
        if matches!(self.place, Place::Below { init: true }) {
            // One call reaches all: nothing can be forked past it.
            let _ = child::signal_all(KILL);
        } else {
            self.sweeping = true;
        }
    }

    /// Takes over a tree of a reaper that was lost.
    pub(super) fn adopt(&mut self, adopt: &Adopt, descriptors: Vec<OwnedFd>) {
        let mut descriptors = descriptors.into_iter();
        let pidfd = adopt.leader.and_then(|_| descriptors.next());
        let shim = if adopt.shim { descriptors.next() } else { None };
        let shim_pidfd = shim.as_ref().and_then(|_| descriptors.next());
        if let Some(keep) = &mut self.keep {
            keep.begin(adopt.id, &adopt.note, (&adopt.lent, descriptors.collect()));
            keep.adopted(adopt, (pidfd.as_ref(), shim_pidfd));
        }
        let hold = match (&self.place, shim) {
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

/// Sends signals to one target; a group counts as one.
fn once(signals: &[i32], send: impl Fn(i32) -> io::Result<()>) -> (u32, Option<io::Error>) {
    let all = signals.iter().try_for_each(|signal| send(*signal));
    (u32::from(all.is_ok()), all.err())
}

/// The live members of sessions, their leaders included.
fn in_sessions(trees: &[&Tree]) -> io::Result<Vec<i32>> {
    let sessions: Vec<i32> = trees.iter().map(|tree| tree.session).collect();
    let mut pids = descendants::in_sessions(&sessions)?;
    pids.extend(trees.iter().filter_map(|tree| tree.living_leader()));
    Ok(pids)
}

pub(super) fn own_pid() -> i32 {
    std::process::id().cast_signed()
}

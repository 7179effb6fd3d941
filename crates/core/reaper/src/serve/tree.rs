//! What the reaper remembers of one tree, from its start to its end, whatever holds it.

use super::{Serve, Source};
use crate::ledger::Event;
use crate::os::Hold;
use crate::start::{Failure, Launch, read_outcome};
use crate::wire::{LeaderExited, NotStarted, Reply, Signal, Signalled, Start, Started, Step};
use handfast_sys::child::{Exit, Pid};
use handfast_sys::watch::Readiness;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// One tree.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) hold: Hold,
    /// The leader while it is our child and not reaped, so that its pid is still its own.
    pub(crate) leader: Option<Pid>,
    /// The leader's pid in our namespace, alive or not: the id of its session.
    pub(crate) session: i32,
    /// Names the leader: until its start is known, and for an adopted one until it ended.
    pub(crate) pidfd: Option<OwnedFd>,
    /// The pipe that tells whether the program was executed; gone once that is known.
    pub(crate) outcome: Option<OwnedFd>,
    /// Why it was not executed.
    pub(crate) failed: Option<Failure>,
    /// How the leader ended, once that was told.
    pub(crate) exit: Option<Exit>,
}

impl Tree {
    pub(crate) fn new(hold: Hold) -> Tree {
        Tree {
            hold,
            leader: None,
            session: 0,
            pidfd: None,
            outcome: None,
            failed: None,
            exit: None,
        }
    }
}

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
    pub(crate) fn start_with(&mut self, start: &Start, descriptors: &[OwnedFd]) {
        let room = self.ground.check_room();
        let begun = room.and_then(|()| self.begin_tree(start, descriptors));
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

    pub(crate) fn began(&mut self, id: u64, survives: bool, grace_ms: u64) {
        self.note(Event::Began {
            id,
            survives,
            grace: Duration::from_millis(grace_ms),
        });
    }

    fn not_started(&mut self, id: u64, step: Step, error: &io::Error) {
        let errno = error.raw_os_error().unwrap_or(0);
        let step = step as u8;
        self.tell(&Reply::NotStarted(NotStarted { id, step, errno }), &[]);
    }

    pub(crate) fn watch_launch(&mut self, id: u64, hold: Hold, launch: Launch) -> Tree {
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

    /// The pipe of a start is closed: the program runs, or it is known why not.
    pub(super) fn outcome_known(&mut self, id: u64) {
        let Some(tree) = self.trees.get_mut(&id) else {
            return;
        };
        let Some(outcome) = tree.outcome.take() else {
            return;
        };
        let _ = self.watcher.forget(outcome.as_fd());
        match read_outcome(outcome) {
            Err(failure) => tree.failed = Some(failure),
            Ok(()) => {
                let group = tree.hold.number();
                if let Some(pidfd) = tree.pidfd.take() {
                    self.tell(&Reply::Started(Started { id, group }), &[pidfd.as_fd()]);
                }
            }
        }
    }

    /// The leader has ended: says so, and whether the tree is empty with it.
    pub(crate) fn leader_ended(&mut self, id: u64, exit: Exit) {
        // The start's own outcome comes first, whichever was noticed first.
        self.outcome_known(id);
        let Some(tree) = self.trees.get_mut(&id) else {
            return;
        };
        if tree.exit.is_some() {
            return;
        }
        tree.exit = Some(exit);
        if !tree.hold.needs_leader() {
            tree.leader = None;
        }
        let failed = tree.failed.is_some();
        let empty = self.is_empty_now(id);
        if !failed {
            let told = LeaderExited {
                id,
                exit: exit.into(),
                at: now(),
                empty,
            };
            self.tell(&Reply::LeaderExited(told), &[]);
        }
        if empty {
            self.finish(id);
        }
    }

    /// Nothing is left of the tree, some time after its leader: says so.
    pub(crate) fn emptied(&mut self, id: u64) {
        if self
            .trees
            .get(&id)
            .is_some_and(|tree| tree.failed.is_none())
        {
            self.tell(&Reply::Emptied(id), &[]);
        }
        self.finish(id);
    }

    /// Forgets a tree that is empty.
    pub(crate) fn finish(&mut self, id: u64) {
        let Some(tree) = self.trees.remove(&id) else {
            return;
        };
        self.let_go_of(&tree);
        if let Some((step, error)) = &tree.failed {
            self.not_started(id, *step, error);
        }
        self.note(Event::Ended(id));
        self.one_less();
    }

    /// Says how many processes a signal reached, where that was asked for.
    pub(crate) fn answer(&mut self, signal: &Signal, sent: (u32, Option<io::Error>)) {
        let (count, refusal) = sent;
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
}

/// Sends signals to one target; a group counts as one.
pub(crate) fn once(
    signals: &[i32],
    send: impl Fn(i32) -> io::Result<()>,
) -> (u32, Option<io::Error>) {
    let all = signals.iter().try_for_each(|signal| send(*signal));
    (u32::from(all.is_ok()), all.err())
}

/// Now, in nanoseconds since 1970.
pub(super) fn now() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

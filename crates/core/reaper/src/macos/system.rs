//! What the reaper has of macOS besides its trees, and what can happen to it.

use super::hold::mark;
use crate::serve::{Serve, Tree};
use crate::wire::Ready;
use handfast_sys::child::Pid;
use handfast_sys::tree::environment_mark;
use handfast_sys::tree::lineage::{Entry, Lineage};
use handfast_sys::tree::macos::{self, Ends, Happened, Mark};
use handfast_sys::tree::pace::Pace;
use handfast_sys::watch::{Readiness, Watcher};
use std::collections::{BTreeSet, HashMap};
use std::ffi::CString;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStringExt;
use std::time::{Duration, Instant};

/// The number under which the watcher knows what tells of members. Others of this kind are not used.
const ENDS: u64 = 1;

/// How long strays of a lost reaper may take to be gone while the loop waits for it.
const SETTLE_PATIENCE: Duration = Duration::from_millis(100);

/// How the trees here are named and watched.
#[derive(Debug)]
pub(crate) struct System {
    /// How the marks of all trees of this manager begin.
    pub(super) stem: Vec<u8>,
    /// The number of the next tree: none is used twice.
    next: u64,
    ends: Ends,
    /// Who is watched: the unique number of each pid.
    watched: HashMap<i32, u64>,
    /// Those whose end was told and that the table may still show.
    pub(super) ended: BTreeSet<u64>,
    /// Trees whose leader's end was told, and how it ended is not known yet.
    pub(super) ending: BTreeSet<u64>,
    pub(super) pace: Pace,
    /// The marks of the trees in which this reaper itself is.
    outer: Option<Vec<u8>>,
}

impl System {
    /// `first` is the number of the first tree.
    pub(super) fn new(stem: Vec<u8>, first: u64) -> io::Result<System> {
        Ok(System {
            stem,
            next: first,
            ends: Ends::new()?,
            watched: HashMap::new(),
            ended: BTreeSet::new(),
            ending: BTreeSet::new(),
            pace: Pace::default(),
            outer: std::env::var_os(environment_mark::NAME).map(OsStringExt::into_vec),
        })
    }

    /// What the manager is told of it. The stem stands where Linux has a group: with a tree's number it
    /// says where the members are listed.
    pub(crate) fn ready(&self) -> Ready {
        Ready {
            group: Some(self.stem.clone()),
            user_namespace: false,
            namespace: false,
        }
    }

    /// Whatever happens to members is told to the watcher.
    pub(crate) fn join(&self, watcher: &Watcher) -> io::Result<()> {
        watcher.add(ENDS, self.ends.as_fd(), Readiness::Readable)
    }

    /// Nothing of the kernel ends with this process but itself.
    pub(crate) fn ends_all_with_us(&self) -> bool {
        false
    }

    /// When the loop has to go on, whatever happens.
    pub(crate) fn patience(&self) -> Option<Duration> {
        let due = self.pace.due()?;
        Some(due.saturating_duration_since(Instant::now()))
    }

    /// A leader's pid as the manager sees it.
    pub(crate) fn outside(&self, tree: &Tree) -> i32 {
        tree.session
    }

    /// A number for a new tree.
    pub(super) fn next_number(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        number
    }

    /// A tree of a lost reaper has this number.
    pub(super) fn note_number(&mut self, number: u64) {
        self.next = self.next.max(number.saturating_add(1));
    }

    /// An environment with the mark of a tree in the place of any other.
    pub(super) fn marked(&self, environment: &[CString], number: u64) -> Vec<CString> {
        let own = mark(&self.stem, number);
        let value = environment_mark::value(self.outer.as_deref(), &own);
        let others = environment.iter();
        let others = others.filter(|one| !environment_mark::is_variable(one.to_bytes()));
        // A variable that was inherited has no zero in it, and neither has a stem.
        let variable = CString::new(environment_mark::variable(&value)).ok();
        others.cloned().chain(variable).collect()
    }

    /// Watches a process; answers whether it was not watched before.
    ///
    /// One that cannot be watched has ended, which the next look shows.
    pub(super) fn watch(&mut self, entry: &Entry) -> bool {
        if self.watched.get(&entry.pid) == Some(&entry.unique) {
            return false;
        }
        let watched = Pid::new(entry.pid).map(|pid| self.ends.watch(pid));
        if let Some(Ok(())) = watched {
            self.watched.insert(entry.pid, entry.unique);
        }
        true
    }

    /// Watches a leader. Its end is waited for in short rounds where that cannot be told.
    pub(super) fn watch_leader(&mut self, id: u64, leader: &Entry) {
        self.watch(leader);
        if self.watched.get(&leader.pid) != Some(&leader.unique) {
            self.ending.insert(id);
        }
        self.pace.at(Instant::now());
    }
}

impl Serve {
    /// Something has happened to members: a look is due.
    pub(crate) fn system_told(&mut self, _: u64) {
        let now = Instant::now();
        // What cannot be read now is read when the watcher says so again.
        for happened in self
            .system
            .ends
            .wait(Some(Duration::ZERO))
            .unwrap_or_default()
        {
            match happened {
                Happened::Forked(_) => self.system.pace.forked(now),
                Happened::Ended(pid) => {
                    self.system.ended.extend(self.system.watched.remove(&pid));
                    self.system.ending.extend(self.leader_with(pid));
                    self.system.pace.at(now);
                }
            }
        }
    }

    /// The tree whose living leader has this number.
    fn leader_with(&self, pid: i32) -> Option<u64> {
        let ours = self.by_pid.get(&pid).copied();
        let adopted = || {
            let mut trees = self.trees.iter();
            let found = trees.find(|(_, tree)| tree.pidfd.is_some() && tree.session == pid);
            found.map(|(id, _)| *id)
        };
        ours.or_else(adopted)
    }

    /// All trees of a lost reaper were handed over: ends what carries the mark of any other.
    pub(crate) fn settle(&self) {
        let stem = &self.system.stem;
        let numbers = self.trees.values().map(|tree| tree.hold.number);
        let known = numbers.map(|number| mark(stem, number)).collect();
        // What resists is for the next look of somebody.
        let mark = Mark::Manager(stem.clone(), known);
        let _ = macos::sweep(&mut Lineage::by_mark(), &mark, SETTLE_PATIENCE);
    }

    /// Nothing is made ahead of time: a start takes a fork and no more.
    pub(crate) fn prepare(&mut self) {}

    /// Nothing is left of a tree once its processes have ended.
    pub(crate) fn clear_away(&mut self) {}
}

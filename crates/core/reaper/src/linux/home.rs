//! The manager's own cgroup, below which each tree has one.
//!
//! Made, tried, refilled and removed here and nowhere else. No group's number is used twice, and what
//! is in a group that belongs to no tree is ended, so that nothing lives in one that nobody watches.

use super::enter::not_ready;
use super::sweep;
use super::waiting::Waiting;
use crate::start::{Failure, Ground, Launch};
use crate::wire::{Hello, NotReady, Start, Step, group_name, group_number};
use handfast_sys::child::{self, Forked, Into};
use handfast_sys::tree::linux::cgroup::{Cgroup, own_group};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The manager's own cgroup, below which each tree has one.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) group: Cgroup,
    base: Cgroup,
    name: String,
    path: PathBuf,
    /// The number of the next group: none is used twice.
    next: u64,
    spare: Option<Spare>,
}

/// A group made ahead of time, and the process in it.
#[derive(Debug)]
struct Spare {
    number: u64,
    group: Cgroup,
    waiting: Waiting,
}

/// How long one stray group may take to be empty while the loop waits for it.
const SETTLE_PATIENCE: Duration = Duration::from_millis(100);

/// The group in which it is tried whether groups work.
const PROBE: &str = "probe";

/// The group of the reaper itself, where it needs one.
const OWN: &str = "reaper";

impl Home {
    /// Makes the group, or opens again what a lost reaper had.
    pub(crate) fn make(hello: &Hello, ground: &Ground, probe: bool) -> Result<Home, NotReady> {
        let home = match &hello.group {
            Some(path) => Home::reopen(Path::new(OsStr::from_bytes(path))),
            None => Home::create(hello),
        };
        let home = home.map_err(|error| not_ready("make a cgroup", &error))?;
        if probe {
            home.probe(ground).inspect_err(|_| home.remove())?;
        }
        Ok(home)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn create(hello: &Hello) -> io::Result<Home> {
        let path = own_group()?;
        let base = Cgroup::open(&path)?;
        sweep::sweep(&base);
        let stem = sweep::name(hello)?;
        let group = base.make(&stem)?;
        group.hold()?;
        Ok(Home {
            group,
            base,
            path: path.join(&stem),
            name: stem,
            next: 0,
            spare: None,
        })
    }

    fn reopen(path: &Path) -> io::Result<Home> {
        let odd = || io::Error::from(io::ErrorKind::InvalidInput);
        let name = path
            .file_name()
            .and_then(OsStr::to_str)
            .ok_or_else(odd)?
            .to_owned();
        let base = Cgroup::open(path.parent().ok_or_else(odd)?)?;
        let group = base.child(&name)?;
        group.hold()?;
        let names = group.below()?;
        let used = names.iter().filter_map(|name| group_number(name));
        Ok(Home {
            group,
            base,
            name,
            path: path.to_owned(),
            next: used.max().map_or(0, |last| last + 1),
            spare: None,
        })
    }

    /// Starts one process into a group below and kills it there.
    ///
    /// Since Linux 6.9 a process that is cloned into a cgroup is killed at its birth if the cgroup
    /// of its *parent* was ever killed as a whole (`cgroup.kill`) and its own was not as often. Then
    /// the reaper moves to a new group, which never was.
    pub(crate) fn probe(&self, ground: &Ground) -> Result<(), NotReady> {
        if self.starts_live(ground)? {
            return Ok(());
        }
        self.move_in()
            .map_err(|e| not_ready("move to another cgroup", &e))?;
        if self.starts_live(ground)? {
            return Ok(());
        }
        let killed = io::Error::from(io::ErrorKind::ConnectionAborted);
        Err(not_ready("start a process into a cgroup", &killed))
    }

    /// Whether a process that is started into a group below lives until it is killed there.
    fn starts_live(&self, ground: &Ground) -> Result<bool, NotReady> {
        let group = self
            .probe_group()
            .map_err(|e| not_ready("make a cgroup", &e))?;
        let into = Into {
            cgroup: Some(group.as_fd()),
            ..Into::default()
        };
        let (up, said) = child::pipe().map_err(|e| not_ready("make a pipe", &e))?;
        let (ours, held) = child::pipe().map_err(|e| not_ready("make a pipe", &e))?;
        let done = match child::fork(&ground.proof, &into) {
            Ok(Forked::Child) => {
                drop(held);
                let _ = File::from(said).write_all(b".");
                // Waits to be killed, or for the end of its parent.
                let _ = File::from(ours).read(&mut [0]);
                child::exit_now(0)
            }
            Ok(Forked::Parent { pidfd, .. }) => {
                drop(said);
                let lived = File::from(up).read(&mut [0]).is_ok_and(|read| read == 1);
                let killed = group.kill();
                if killed.is_err() {
                    let _ = child::signal_pidfd(pidfd.as_fd(), 9);
                }
                let reaped = child::reap_pidfd(pidfd.as_fd());
                killed
                    .and(reaped.map(|_| lived))
                    .map_err(|e| not_ready("kill a cgroup", &e))
            }
            Err(error) => Err(not_ready("start a process into a cgroup", &error)),
        };
        let removed = self
            .group
            .remove(PROBE)
            .map_err(|e| not_ready("remove a cgroup", &e));
        done.and_then(|lived| removed.map(|()| lived))
    }

    /// A new group to try things in; what a reaper that died in its own trial left is removed.
    fn probe_group(&self) -> io::Result<Cgroup> {
        match self.group.make(PROBE) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let left = self.group.child(PROBE)?;
                left.kill()?;
                left.wait_empty(Duration::from_secs(1))?;
                self.group.remove(PROBE)?;
                self.group.make(PROBE)
            }
            made => made,
        }
    }

    /// Moves this process to a group of its own beside those of the trees.
    fn move_in(&self) -> io::Result<()> {
        let group = match self.group.make(OWN) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.group.child(OWN),
            made => made,
        };
        group?.take(0)
    }

    /// Starts a leader in a group of its own: in the spare one, whose process is there already,
    /// or where that is missing or was killed, in a new one.
    pub(crate) fn launch(
        &mut self,
        ground: &Ground,
        start: &Start,
        descriptors: &[OwnedFd],
    ) -> Result<(u64, Cgroup, Launch), Failure> {
        if let Some(Spare {
            number,
            group,
            waiting,
        }) = self.spare.take()
        {
            match waiting.launch(start, descriptors) {
                Ok(launch) => return Ok((number, group, launch)),
                Err(waiting) => waiting.end(),
            }
            let _ = self.group.remove(&group_name(number));
        }
        let (number, group) = self.next_group().map_err(|error| (Step::Contain, error))?;
        let into = Into {
            cgroup: Some(group.as_fd()),
            ..Into::default()
        };
        let launch = ground.launch(start, descriptors, |proof| child::fork(proof, &into));
        let launch = launch.inspect_err(|_| {
            let _ = self.group.remove(&group_name(number));
        })?;
        Ok((number, group, launch))
    }

    fn next_group(&mut self) -> io::Result<(u64, Cgroup)> {
        let number = self.next;
        self.next += 1;
        Ok((number, self.group.make(&group_name(number))?))
    }

    /// Makes the next group, with a process in it that waits to become a leader, ahead of time:
    /// both cost more than everything else about a start.
    pub(crate) fn refill(&mut self, ground: &Ground) {
        if self.spare.is_some() {
            return;
        }
        let Ok((number, group)) = self.next_group() else {
            return;
        };
        let into = Into {
            cgroup: Some(group.as_fd()),
            ..Into::default()
        };
        match ground.wait(&into) {
            Ok(waiting) => {
                self.spare = Some(Spare {
                    number,
                    group,
                    waiting,
                })
            }
            // The start itself will say what is wrong.
            Err(_) => {
                let _ = self.group.remove(&group_name(number));
            }
        }
    }

    /// Ends what is in a group that belongs to none of the trees that are `known`.
    pub(crate) fn settle(&self, known: impl Fn(u64) -> bool) {
        let spare = self.spare.as_ref().map(|spare| spare.number);
        for name in self.group.below().unwrap_or_default() {
            // Others are the reaper's own.
            let stray = |number: u64| !known(number) && spare != Some(number);
            if !group_number(&name).is_some_and(stray) {
                continue;
            }
            // What resists is swept when the manager's group is.
            let _ = self.group.child(&name).and_then(|group| {
                group.kill()?;
                group.wait_empty(SETTLE_PATIENCE)?;
                self.group.remove(&name)
            });
        }
    }

    /// Ends the process that waits, with its group.
    pub(crate) fn discard_spare(&mut self) {
        if let Some(spare) = self.spare.take() {
            spare.waiting.end();
            let _ = self.group.remove(&group_name(spare.number));
        }
    }

    /// Removes the manager's group, which must be empty.
    pub(crate) fn remove(&self) {
        // A group with this process in it cannot be removed.
        if self.group.child(OWN).is_ok() {
            let _ = self.base.take(0);
        }
        // Where it is not empty, the next start of a manager of this user sweeps it.
        let _ = self.base.remove(&self.name);
    }
}

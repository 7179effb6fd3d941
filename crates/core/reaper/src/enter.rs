//! Becoming what the manager asked for: in a namespace, over a cgroup, a subreaper, or plain.
//!
//! Each is probed by doing it once, here, with the real calls. What fails is said by its step, so
//! that a refusal can name it; nothing weaker is taken instead.

use crate::start::{Failure, Ground, Launch, Waiting};
use crate::wire::{Hello, NotReady, Ready, Start, Step, group_name, group_number};
use handfast_sys::child::{self, Forked, Into};
use handfast_sys::proc::{Identity, boot_id};
use handfast_sys::tree::Rung;
use handfast_sys::tree::linux::cgroup::{Cgroup, own_group};
use handfast_sys::tree::linux::namespace::{self, Failed};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How trees are held by this reaper.
#[derive(Debug)]
pub(crate) enum Place {
    /// A cgroup for each.
    Cgroups(Home),
    /// A shim for each: the init of a namespace of its own, or a subreaper.
    Shims {
        /// Whether shims are namespace inits.
        nested: bool,
    },
    /// A session for each.
    Groups,
    /// This is a shim: everything below it is the one tree.
    Below {
        /// Whether it is a namespace's init.
        init: bool,
    },
}

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

/// What was reached.
#[derive(Debug)]
pub(crate) struct Entered {
    pub(crate) place: Place,
    /// Whether we are the init of a namespace of our own.
    pub(crate) namespace: bool,
    pub(crate) user_namespace: bool,
}

impl Entered {
    pub(crate) fn ready(&self) -> Ready {
        let group = match &self.place {
            Place::Cgroups(home) => Some(home.path.as_os_str().as_bytes().to_vec()),
            Place::Shims { .. } | Place::Groups | Place::Below { .. } => None,
        };
        Ready {
            group,
            user_namespace: self.user_namespace,
            namespace: self.namespace,
        }
    }
}

fn not_ready(step: &str, error: &io::Error) -> NotReady {
    NotReady {
        step: step.as_bytes().to_vec(),
        errno: error.raw_os_error().unwrap_or(0),
    }
}

impl From<Failed> for NotReady {
    fn from(failed: Failed) -> Self {
        not_ready(failed.step, &failed.error)
    }
}

/// Becomes what `hello` asks for. On the namespace rung only the namespace's init returns; the
/// process that was started first has ended then.
pub(crate) fn enter(hello: &Hello, ground: &Ground) -> Result<Entered, NotReady> {
    match Rung::LADDER.get(usize::from(hello.rung)) {
        Some(Rung::Namespace) => enter_namespace(hello, ground),
        Some(Rung::Cgroup) => {
            namespace::become_subreaper()?;
            let home = Home::make(hello, ground, true)?;
            Ok(Entered {
                place: Place::Cgroups(home),
                namespace: false,
                user_namespace: false,
            })
        }
        Some(Rung::Subreaper) => {
            namespace::become_subreaper()?;
            let place = Place::Shims { nested: false };
            Ok(Entered {
                place,
                namespace: false,
                user_namespace: false,
            })
        }
        Some(Rung::Group) => Ok(Entered {
            place: Place::Groups,
            namespace: false,
            user_namespace: false,
        }),
        _ => Err(not_ready(
            "understand the rung that was asked for",
            &io::Error::other(""),
        )),
    }
}

fn enter_namespace(hello: &Hello, ground: &Ground) -> Result<Entered, NotReady> {
    // The hierarchy is found and the group is made while the host's view is still ours. Without
    // one, trees are told apart by a namespace for each, below this one.
    let home = Home::make(hello, ground, false).ok();
    let user_namespace = namespace::prepare()?;
    let into = Into {
        sibling: true,
        ..Into::default()
    };
    match child::fork(&ground.proof, &into) {
        Ok(Forked::Parent { .. }) => child::exit_now(0),
        Ok(Forked::Child) => {}
        Err(error) => {
            remove(home.as_ref());
            return Err(not_ready("start the namespace's init", &error));
        }
    }
    if let Err(failed) = namespace::mount_proc() {
        remove(home.as_ref());
        return Err(failed.into());
    }
    // From inside a user namespace the host may refuse what it allowed from outside.
    let home = home.filter(|home| match home.probe(ground) {
        Ok(()) => true,
        Err(_) => {
            home.remove();
            false
        }
    });
    let place = match home {
        Some(home) => Place::Cgroups(home),
        None => {
            probe_nested(ground)?;
            Place::Shims { nested: true }
        }
    };
    Ok(Entered {
        place,
        namespace: true,
        user_namespace,
    })
}

fn remove(home: Option<&Home>) {
    if let Some(home) = home {
        home.remove();
    }
}

/// Makes one namespace below ours, with its `/proc`, and lets it end.
fn probe_nested(ground: &Ground) -> Result<(), NotReady> {
    let step = "make a namespace for each tree";
    let into = Into {
        namespace: true,
        ..Into::default()
    };
    match child::fork(&ground.proof, &into).map_err(|error| not_ready(step, &error))? {
        Forked::Child => child::exit_now(i32::from(namespace::mount_proc().is_err())),
        Forked::Parent { pidfd, .. } => match child::reap_pidfd(pidfd.as_fd()) {
            Ok(child::Exit::Code(0)) => Ok(()),
            Ok(_) => Err(not_ready(
                "mount /proc for each tree",
                &io::Error::other(""),
            )),
            Err(error) => Err(not_ready(step, &error)),
        },
    }
}

/// How long one stray group may take to be empty while the loop waits for it.
const SETTLE_PATIENCE: Duration = Duration::from_millis(100);

/// How the name of every manager's group begins.
const PREFIX: &str = "handfast.";

/// The group in which it is tried whether groups work.
const PROBE: &str = "probe";

/// The group of the reaper itself, where it needs one.
const OWN: &str = "reaper";

impl Home {
    fn make(hello: &Hello, ground: &Ground, probe: bool) -> Result<Home, NotReady> {
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

    fn create(hello: &Hello) -> io::Result<Home> {
        let path = own_group()?;
        let base = Cgroup::open(&path)?;
        sweep(&base);
        let boot = boot_id()?;
        let us = Identity::of(i32::try_from(std::process::id()).map_err(io::Error::other)?)?;
        let (pid, started) = (hello.manager_pid, hello.manager_started);
        let stem = format!(
            "{PREFIX}{boot:016x}.{pid}.{started}.{}.{}",
            us.pid, us.started
        );
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
    fn probe(&self, ground: &Ground) -> Result<(), NotReady> {
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
                left.wait_empty(std::time::Duration::from_secs(1))?;
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
        let launch = ground.launch(start, descriptors, &into);
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

/// Ends what managers left here that were killed together with their reapers.
///
/// A group is left over when its maker's user is ours, when neither the manager nor the reaper of
/// its name (boot, pid and start time) is alive, and when nobody holds its lock: the last is true
/// across PID namespaces, in which the others cannot be seen.
fn sweep(base: &Cgroup) {
    let names = base.below().unwrap_or_default();
    let left = names
        .iter()
        .filter(|name| owners(name).is_some_and(|owners| !any_alive(&owners)));
    for name in left {
        let _ = sweep_one(base, name);
    }
}

fn sweep_one(base: &Cgroup, name: &str) -> io::Result<()> {
    let group = base.child(name)?;
    if group.owner()? != child::effective_user() || !group.claim() {
        return Ok(());
    }
    group.kill()?;
    group.wait_empty(Duration::from_secs(1))?;
    base.remove(name)
}

fn owners(name: &str) -> Option<[Identity; 2]> {
    let mut parts = name.strip_prefix(PREFIX)?.split('.');
    let boot = u64::from_str_radix(parts.next()?, 16).ok()?;
    let mut identity = || {
        let pid = parts.next()?.parse().ok()?;
        Some(Identity {
            boot,
            pid,
            started: parts.next()?.parse().ok()?,
        })
    };
    let found = [identity()?, identity()?];
    if parts.next().is_some() {
        None
    } else {
        Some(found)
    }
}

fn any_alive(owners: &[Identity]) -> bool {
    owners.iter().any(Identity::is_alive)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_our_own_form_are_ever_swept() {
        let owner = owners("handfast.00000000000000ff.12.34.56.78").unwrap();
        assert_eq!(
            owner[1],
            Identity {
                boot: 255,
                pid: 56,
                started: 78
            }
        );
        for name in [
            "handfast",
            "handfast.",
            "handfast.ff.1.2.3",
            "handfast.ff.1.2.3.4.5",
            "x.ff.1.2.3.4",
        ] {
            assert!(owners(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_group_of_this_very_process_is_in_use() {
        let us = Identity::of(i32::try_from(std::process::id()).unwrap()).unwrap();
        let Identity { boot, pid, started } = us;
        let name = format!("handfast.{boot:016x}.{pid}.{started}.1.1");
        assert!(any_alive(&owners(&name).unwrap()));
        let reused = format!("handfast.{boot:016x}.{pid}.{}.{pid}.1", started + 1);
        assert!(!any_alive(&owners(&reused).unwrap()));
    }
}

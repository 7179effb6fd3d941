//! A net under a test: a cgroup of its own, killed whole when the test is over.
//!
//! Negative controls let processes survive on purpose, and a failing test lets them survive by
//! accident; a cgroup holds them whatever they do. It is made before the command starts and entered
//! by the command itself (a puppet that writes itself into it and then executes), so nothing can
//! slip out in between. Where no cgroup v2 can be written there is no net, and the cage says so.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};
use std::{io, thread};

use rustix::event::PollFlags;
use rustix::fs::{FlockOperation, flock};

use crate::{locate, ready};

/// How the name of every cage begins.
const PREFIX: &str = "testkit-";

/// Holds everything that is started through [`Cage::command`], and kills it when dropped.
#[derive(Debug)]
#[must_use = "dropping a cage kills all that is in it"]
pub struct Cage {
    group: Result<PathBuf, String>,
    /// Says that somebody still needs the group: see [`sweep`].
    _in_use: Option<File>,
}

impl Cage {
    /// Makes a cage: a fresh cgroup below the first writable one of ours and its parents.
    ///
    /// Where there is none the cage holds nothing and says so on stderr.
    pub fn new() -> Self {
        let group = make_group();
        let in_use = group.as_deref().ok().map(|group| {
            let lock = File::open(group).expect("our own cgroup can be opened");
            flock(&lock, FlockOperation::LockShared).expect("and locked");
            lock
        });
        if let Err(why) = &group {
            let mut stderr = io::stderr();
            drop(io::Write::write_all(
                &mut stderr,
                format!("this test runs without a cage: {why}\n").as_bytes(),
            ));
        }
        Self {
            group,
            _in_use: in_use,
        }
    }

    /// Makes a cage that holds, or `None` (after saying why) where there is no cgroup to be had.
    #[must_use]
    pub fn strong() -> Option<Self> {
        Some(Self::new()).filter(Self::holds)
    }

    /// Whether there is a cgroup; without it a cage is a name only.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.group.is_ok()
    }

    /// Why the cage holds nothing, where it does not.
    #[must_use]
    pub fn why_not(&self) -> Option<&str> {
        self.group.as_ref().err().map(String::as_str)
    }

    /// The directory of the cgroup, where the cage holds.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.group.as_deref().ok()
    }

    /// A command that enters the cage and becomes `program`; the pid stays the same.
    #[must_use]
    pub fn command(&self, program: &Path) -> Command {
        let Ok(group) = &self.group else {
            return Command::new(program);
        };
        let mut command = Command::new(locate::puppet());
        command
            .arg("enter-cgroup")
            .arg(group)
            .arg("exec")
            .arg(program);
        command
    }

    /// The pids in the cage and in groups nested in it, each with its name: for messages only.
    #[must_use]
    pub fn members(&self) -> Vec<String> {
        let mut found = Vec::new();
        if let Ok(group) = &self.group {
            list(group, &mut found);
        }
        found
    }

    /// Kills all that is in the cage, groups nested in it included; it can be used again.
    ///
    /// # Panics
    /// When the kernel refuses to kill a group that we made.
    pub fn kill(&self) {
        if let Ok(group) = &self.group {
            fs::write(group.join("cgroup.kill"), "1").expect("our own cgroup can be killed");
        }
    }

    /// Waits until nothing alive is in the cage (zombies do not count); false after `within`.
    ///
    /// # Panics
    /// When the group was removed by someone else.
    #[must_use]
    pub fn wait_empty(&self, within: Duration) -> bool {
        let deadline = Instant::now() + within;
        let Ok(group) = &self.group else { return true };
        let events = File::open(group.join("cgroup.events")).expect("our own cgroup has events");
        while is_populated(&events) {
            if !ready::wait(&events, PollFlags::PRI, deadline) {
                return false;
            }
        }
        true
    }
}

impl Default for Cage {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Cage {
    fn drop(&mut self) {
        self.kill();
        let empty = self.wait_empty(crate::PATIENCE);
        let removed = self.group.as_deref().map_or(Ok(()), remove_deepest_first);
        // A second panic while a test is failing would hide the first.
        assert!(
            thread::panicking() || (empty && removed.is_ok()),
            "the cage cannot be emptied: {removed:?}"
        );
    }
}

fn list(group: &Path, found: &mut Vec<String>) {
    let members = fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default();
    found.extend(members.lines().map(|pid| {
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        format!("{pid} {} in {}", name.trim(), group.display())
    }));
    for entry in fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            list(&entry.path(), found);
        }
    }
}

/// Reads from the start each time: that is also what rearms the poll.
fn is_populated(events: &File) -> bool {
    let mut text = [0; 256];
    let read = rustix::io::pread(events, &mut text, 0).expect("cgroup.events is readable");
    String::from_utf8_lossy(&text[..read])
        .lines()
        .any(|line| line == "populated 1")
}

fn remove_deepest_first(group: &Path) -> io::Result<()> {
    for entry in fs::read_dir(group)?.flatten() {
        if entry.file_type()?.is_dir() {
            remove_deepest_first(&entry.path())?;
        }
    }
    fs::remove_dir(group)
}

/// How long a cage may be without its lock before it counts as left over.
const UNLOCKED: Duration = Duration::from_secs(60);

/// Empties and removes the cages of tests that were killed: a tree that forks for ever would go on
/// until the machine has no pid left.
fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let (name, path) = (entry.file_name(), entry.path());
        let old = |made: SystemTime| made.elapsed().is_ok_and(|age| age > UNLOCKED);
        let made = entry.metadata().and_then(|found| found.modified());
        if !name.to_string_lossy().starts_with(PREFIX) || !made.is_ok_and(old) {
            continue;
        }
        let left = File::open(&path)
            .is_ok_and(|lock| flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok());
        if left && fs::write(path.join("cgroup.kill"), "1").is_ok() {
            // One that is not empty yet goes with a later sweep.
            let _ = remove_deepest_first(&path);
        }
    }
}

fn make_group() -> Result<PathBuf, String> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").map_err(|error| error.to_string())?;
    let own = fs::read_to_string("/proc/self/cgroup").map_err(|error| error.to_string())?;
    let own = own
        .lines()
        .find_map(|line| line.strip_prefix("0::/"))
        .unwrap_or("");
    let mut refused = String::from("no cgroup2 mount in /proc/self/mountinfo");
    for mount in mounts.lines().filter_map(cgroup2_mount) {
        let start = mount.join(own);
        for parent in start
            .ancestors()
            .take_while(|path| path.starts_with(&mount))
        {
            match try_group(parent) {
                Ok(group) => return Ok(group),
                Err(error) => refused = format!("{}: {error}", parent.display()),
            }
        }
    }
    Err(refused)
}

/// The mount point of a mountinfo line, where its type is cgroup2 (proc_pid_mountinfo(5)).
fn cgroup2_mount(line: &str) -> Option<PathBuf> {
    let (mount, filesystem) = line.split_once(" - ")?;
    let is_cgroup2 = filesystem.starts_with("cgroup2 ");
    mount
        .split(' ')
        .nth(4)
        .filter(|_| is_cgroup2)
        .map(PathBuf::from)
}

/// Makes a group below `parent` and shows that a process can enter it and be killed by it.
fn try_group(parent: &Path) -> io::Result<PathBuf> {
    let mut name = [0; 8];
    getrandom::fill(&mut name).map_err(io::Error::other)?;
    let group = parent.join(format!("{PREFIX}{:016x}", u64::from_ne_bytes(name)));
    fs::create_dir(&group)?;
    sweep(parent);
    let entered = Command::new(locate::puppet())
        .arg("enter-cgroup")
        .arg(&group)
        .status();
    let usable = match entered {
        Ok(status) if status.success() => fs::write(group.join("cgroup.kill"), "1"),
        Ok(status) => Err(io::Error::other(format!(
            "a process cannot enter a group there ({status})"
        ))),
        Err(error) => Err(error),
    };
    if usable.is_err() {
        fs::remove_dir(&group)?;
    }
    usable.map(|()| group)
}

//! Counts live members without pids.
//!
//! Every member creates a file in one directory and locks it; the kernel gives the lock back when
//! the last holder of that open file is gone, however it went. A pid answers for seconds after its
//! process is dead (until someone reaps it), a lock does not.
//!
//! What must stay true: a member's file appears under its final name only *after* it is locked, so a
//! final name without a lock is a dead member, for good; and watchers take shared locks only, so they
//! never take each other for members. Forked and executed children inherit the lock, so a lineage
//! that does not join again counts as one until its last process is gone.

use std::fs::{self, File, Permissions, TryLockError};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::fs::inotify;
use rustix::io::FdFlags;
use tempfile::TempDir;

use crate::ready;

/// The names of joined members begin with this; a file not yet locked has another name.
const MEMBER: &str = "member-";

/// Members hold their lock above the descriptors that their programs number themselves.
const LOWEST_DESCRIPTOR: i32 = 10;

/// Joins the oracle in `dir`: creates a file there, locks it and returns what holds the lock.
///
/// The descriptor survives exec. Whoever forks hands its lock on too: a forked member joins first,
/// then closes what it inherited, so that there is no moment in which it is not counted.
///
/// # Errors
/// When the directory is gone or cannot be written.
pub fn join(dir: &Path) -> io::Result<OwnedFd> {
    let mut name = [0; 8];
    getrandom::fill(&mut name).map_err(io::Error::other)?;
    let name = format!("{MEMBER}{:016x}", u64::from_ne_bytes(name));
    let unlocked = dir.join(format!("new-{name}"));
    let file = File::create_new(&unlocked)?;
    file.set_permissions(Permissions::from_mode(0o666))?;
    file.try_lock()?;
    let held = rustix::io::fcntl_dupfd_cloexec(&file, LOWEST_DESCRIPTOR)?;
    rustix::io::fcntl_setfd(&held, FdFlags::empty())?;
    fs::rename(unlocked, dir.join(name))?;
    Ok(held)
}

/// A directory in which members are counted by their locks.
#[derive(Debug)]
pub struct Oracle {
    dir: TempDir,
}

impl Default for Oracle {
    fn default() -> Self {
        Self::new()
    }
}

impl Oracle {
    /// Makes an oracle that members of any user may join.
    ///
    /// # Panics
    /// When no temporary directory can be made.
    #[must_use]
    pub fn new() -> Self {
        let dir = tempfile::Builder::new()
            .prefix("oracle-")
            .tempdir()
            .expect("a temporary directory can be made");
        fs::set_permissions(dir.path(), Permissions::from_mode(0o777))
            .expect("our own directory can be opened");
        Self { dir }
    }

    /// The directory to join.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// How many members joined, dead ones included.
    #[must_use]
    pub fn joined(&self) -> usize {
        members(self.dir()).len()
    }

    /// How many members (lineages that joined) are alive.
    ///
    /// # Panics
    /// When a member's file cannot be opened or asked for its lock.
    #[must_use]
    pub fn alive(&self) -> usize {
        members(self.dir())
            .iter()
            .filter(|path| is_held(path))
            .count()
    }

    /// Waits until at least `n` members joined; false when fewer had after `within`.
    ///
    /// # Panics
    /// When the directory cannot be watched.
    #[must_use]
    pub fn wait_joined(&self, n: usize, within: Duration) -> bool {
        let deadline = Instant::now() + within;
        let flags = inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK;
        let watch = inotify::init(flags).expect("the system has an inotify instance for a test");
        inotify::add_watch(&watch, self.dir(), inotify::WatchFlags::MOVED_TO)
            .expect("our own directory is watchable");
        loop {
            if self.joined() >= n {
                return true;
            }
            if !ready::wait(&watch, PollFlags::IN, deadline) {
                return false;
            }
            // Only that something happened matters: the directory itself is counted again.
            let mut events = [0; 4096];
            while rustix::io::read(&watch, &mut events).is_ok() {}
        }
    }

    /// Waits until no member is alive; false when one still was after `within`.
    ///
    /// Members that join meanwhile are waited for too. No polling: a helper thread blocks on one
    /// lock after the other (after a `false` it stays on that member's lock until it is free).
    #[must_use]
    pub fn wait_empty(&self, within: Duration) -> bool {
        let dir = self.dir().to_path_buf();
        let (empty, is_empty) = mpsc::channel();
        thread::spawn(move || {
            wait_for_all(&dir);
            // Nobody listens any more when the deadline has passed.
            let _unheard = empty.send(());
        });
        is_empty.recv_timeout(within).is_ok()
    }
}

/// Blocks until every member, those that join meanwhile included, has let go.
fn wait_for_all(dir: &Path) {
    let mut free = 0;
    loop {
        let all = members(dir);
        if all.len() == free {
            return;
        }
        for path in &all {
            // The directory is gone when the test gave up; then there is nobody to tell.
            let Ok(file) = File::open(path) else { return };
            if file.lock_shared().is_err() {
                return;
            }
        }
        free = all.len();
    }
}

fn members(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else {
        return Vec::new();
    };
    let is_member = |path: &PathBuf| {
        path.file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with(MEMBER))
    };
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(is_member)
        .collect()
}

fn is_held(path: &Path) -> bool {
    let file = File::open(path).expect("a member's file stays until the oracle is dropped");
    match file.try_lock_shared() {
        Ok(()) => false,
        Err(TryLockError::WouldBlock) => true,
        Err(TryLockError::Error(error)) => unreachable!("flock on a plain file: {error}"),
    }
}

//! A cgroup v2 directory that holds one tree (`cgroups(7)`).
//!
//! Plain files and no controller: `cgroup.procs`, `cgroup.kill`, `cgroup.freeze`, `cgroup.events`.
//! The hierarchy is looked up in `/proc/self/mountinfo`, since on hybrid hosts it is not at
//! `/sys/fs/cgroup` itself.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags, flock, mkdirat, open, openat, unlinkat};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// An open cgroup directory. Dropping it closes the descriptor and changes nothing else.
#[derive(Debug)]
pub struct Cgroup {
    directory: OwnedFd,
}

/// The directory of the cgroup v2 group that the calling process is in.
///
/// # Errors
///
/// `NotFound` where no cgroup v2 hierarchy is mounted, or the process is outside of what is mounted.
pub fn own_group() -> io::Result<PathBuf> {
    let mounts = fs::read("/proc/self/mountinfo")?;
    let groups = fs::read("/proc/self/cgroup")?;
    locate(&mounts, &groups)
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no cgroup v2 hierarchy is mounted"))
}

fn locate(mounts: &[u8], groups: &[u8]) -> Option<PathBuf> {
    let own = groups
        .split(|byte| *byte == b'\n')
        .find_map(|line| line.strip_prefix(b"0::"))?;
    let own = Path::new(OsStr::from_bytes(own));
    mounts
        .split(|byte| *byte == b'\n')
        .filter_map(cgroup2_mount)
        .find_map(|(root, point)| {
            let below = own.strip_prefix(&root).ok()?;
            Some(if below.as_os_str().is_empty() {
                point
            } else {
                point.join(below)
            })
        })
}

/// Root and mount point of a line of `mountinfo` (`proc_pid_mountinfo(5)`) of type `cgroup2`.
fn cgroup2_mount(line: &[u8]) -> Option<(PathBuf, PathBuf)> {
    let fields: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let dash = fields.iter().position(|field| *field == b"-")?;
    if *fields.get(dash + 1)? != b"cgroup2" {
        return None;
    }
    Some((unescape(fields.get(3)?), unescape(fields.get(4)?)))
}

/// Undoes the octal escapes of `mountinfo` (`\040` for a space).
fn unescape(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&first, tail)) = rest.split_first() {
        let code = tail
            .get(..3)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) if first == b'\\' => {
                bytes.push(byte);
                rest = &tail[3..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    PathBuf::from(OsStr::from_bytes(&bytes))
}

const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC);

impl Cgroup {
    /// Opens a group by path.
    ///
    /// # Errors
    ///
    /// What `open(2)` says.
    pub fn open(path: &Path) -> io::Result<Cgroup> {
        Ok(Cgroup {
            directory: open(path, DIRECTORY, Mode::empty())?,
        })
    }

    /// Makes a group below this one and opens it.
    ///
    /// # Errors
    ///
    /// `EACCES` or `EROFS` where the hierarchy is not ours to change; `EEXIST`.
    pub fn make(&self, name: &str) -> io::Result<Cgroup> {
        mkdirat(&self.directory, name, Mode::from_raw_mode(0o755))?;
        self.child(name)
    }

    /// Opens a group below this one.
    ///
    /// # Errors
    ///
    /// What `openat(2)` says.
    pub fn child(&self, name: &str) -> io::Result<Cgroup> {
        let flags = DIRECTORY | OFlags::NOFOLLOW;
        Ok(Cgroup {
            directory: openat(&self.directory, name, flags, Mode::empty())?,
        })
    }

    fn file(&self, name: &str, flags: OFlags) -> io::Result<File> {
        let flags = flags | OFlags::CLOEXEC;
        Ok(File::from(openat(
            &self.directory,
            name,
            flags,
            Mode::empty(),
        )?))
    }

    fn write(&self, name: &str, text: &[u8]) -> io::Result<()> {
        self.file(name, OFlags::WRONLY)?.write_all(text)
    }

    fn text(&self, name: &str) -> io::Result<String> {
        let mut text = String::new();
        self.file(name, OFlags::RDONLY)?.read_to_string(&mut text)?;
        Ok(text)
    }

    /// Kills every process of this group and of all groups below, at once and without a gap.
    ///
    /// Before Linux 5.14, which has no `cgroup.kill`: freezes, kills each, and thaws.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn kill(&self) -> io::Result<()> {
        match self.write("cgroup.kill", b"1") {
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.kill_frozen(),
            done => done,
        }
    }

    fn kill_frozen(&self) -> io::Result<()> {
        self.freeze(true)?;
        for pid in self
            .members()?
            .into_iter()
            .filter_map(crate::child::Pid::new)
        {
            // Frozen, so it cannot end and leave its number to another.
            let _ = crate::child::signal_process(pid, 9);
        }
        self.freeze(false)
    }

    /// Stops or continues all members.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn freeze(&self, frozen: bool) -> io::Result<()> {
        self.write("cgroup.freeze", if frozen { b"1" } else { b"0" })
    }

    /// Moves a process into this group; 0 is the caller.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn take(&self, pid: i32) -> io::Result<()> {
        self.write("cgroup.procs", pid.to_string().as_bytes())
    }

    /// Whether a live process is in this group or below; zombies are not counted.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn is_populated(&self) -> io::Result<bool> {
        self.events()?.is_populated()
    }

    /// The events of this group, to be watched.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn events(&self) -> io::Result<Events> {
        self.file("cgroup.events", OFlags::RDONLY).map(Events)
    }

    /// Waits until no live process is in this group or below.
    ///
    /// # Errors
    ///
    /// `TimedOut` where one still is after `most`.
    pub fn wait_empty(&self, most: Duration) -> io::Result<()> {
        let events = self.events()?;
        let end = Instant::now() + most;
        while events.is_populated()? {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            let left = Timespec::try_from(left).map_err(io::Error::other)?;
            poll(&mut [PollFd::new(&events, PollFlags::PRI)], Some(&left))?;
        }
        Ok(())
    }

    /// The pids in this group and below, in the namespace of the caller (0 for those it cannot see).
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn members(&self) -> io::Result<Vec<i32>> {
        let mut found: Vec<i32> = self
            .text("cgroup.procs")?
            .lines()
            .filter_map(|l| l.parse().ok())
            .collect();
        for name in self.below()? {
            if let Ok(child) = self.child(&name) {
                found.extend(child.members().unwrap_or_default());
            }
        }
        Ok(found)
    }

    /// The names of the groups directly below.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn below(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.directory)? {
            let entry = entry?;
            let name = entry.file_name().to_str().map_err(io::Error::other)?;
            if entry.file_type() == rustix::fs::FileType::Directory && name != "." && name != ".." {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    /// Removes a group below this one that has neither members nor groups.
    ///
    /// # Errors
    ///
    /// `EBUSY` where it has either. A group that is not there is no error.
    pub fn remove_leaf(&self, name: &str) -> io::Result<()> {
        match unlinkat(&self.directory, name, AtFlags::REMOVEDIR) {
            Ok(()) | Err(rustix::io::Errno::NOENT) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Removes a group below this one with all groups below that, none of which may have members.
    ///
    /// # Errors
    ///
    /// `EBUSY` where a process is still in it. A group that is not there is no error.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        if self.remove_leaf(name).is_ok() {
            return Ok(());
        }
        let child = self.child(name)?;
        for below in child.below()? {
            child.remove(&below)?;
        }
        self.remove_leaf(name)
    }

    /// Holds this group as in use for as long as this value lives, together with other holders.
    ///
    /// # Errors
    ///
    /// What `flock(2)` says.
    pub fn hold(&self) -> io::Result<()> {
        Ok(flock(
            &self.directory,
            FlockOperation::NonBlockingLockShared,
        )?)
    }

    /// Whether nobody holds this group. While the answer is true and this value lives, nobody can.
    #[must_use]
    pub fn claim(&self) -> bool {
        flock(&self.directory, FlockOperation::NonBlockingLockExclusive).is_ok()
    }

    /// The user who made the group.
    ///
    /// # Errors
    ///
    /// What `fstat(2)` says.
    pub fn owner(&self) -> io::Result<u32> {
        Ok(rustix::fs::fstat(&self.directory)?.st_uid)
    }
}

/// The `cgroup.events` file of a group. Ready as `Changed` from each change until the next reading.
#[derive(Debug)]
pub struct Events(File);

impl Events {
    /// Whether a live process is in the group or below; zombies are not counted.
    ///
    /// # Errors
    ///
    /// `ENODEV` where the group was removed.
    pub fn is_populated(&self) -> io::Result<bool> {
        let mut text = [0; 256];
        let length = self.0.read_at(&mut text, 0)?;
        Ok(text[..length]
            .split(|byte| *byte == b'\n')
            .any(|line| line == b"populated 1"))
    }
}

impl AsFd for Events {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl AsFd for Cgroup {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.directory.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HYBRID: &[u8] = b"31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n\
        35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";
    const CONTAINER: &[u8] =
        b"9 1 0:38 /docker/ab /sys/fs/my\\040cgroup rw shared:1 - cgroup2 cgroup rw\n";

    #[test]
    fn the_hierarchy_is_found_on_hybrid_hosts_and_in_containers() {
        let found = locate(HYBRID, b"9:name=systemd:/\n0::/\n");
        assert_eq!(found, Some("/sys/fs/cgroup/unified".into()));
        let found = locate(HYBRID, b"0::/user.slice/a b\n");
        assert_eq!(found, Some("/sys/fs/cgroup/unified/user.slice/a b".into()));
        let found = locate(CONTAINER, b"0::/docker/ab/app\n");
        assert_eq!(found, Some("/sys/fs/my cgroup/app".into()));
    }

    #[test]
    fn a_group_outside_of_what_is_mounted_is_not_found() {
        assert_eq!(locate(CONTAINER, b"0::/docker/other\n"), None);
        assert_eq!(
            locate(
                b"35 31 0:32 / /sys/fs/cgroup rw - cgroup cgroup rw\n",
                b"0::/\n"
            ),
            None
        );
        assert_eq!(locate(HYBRID, b"4:memory:/\n"), None);
    }
}

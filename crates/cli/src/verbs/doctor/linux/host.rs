//! What this host is, as far as it explains what the rungs do. Nothing is concluded from it.

use handfast_sys::child;
use handfast_sys::tree::linux::cgroup::own_group;
use schemars::JsonSchema;
use serde::Serialize;
use std::fs;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};

/// How the name of every manager's group begins.
const GROUP: &str = "handfast.";

/// What was looked up.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Host {
    /// The kernel's release.
    pub(super) kernel: String,
    /// Who we are.
    pub(super) uid: u32,
    /// What `HANDFAST_FORCE` says, if it is set.
    pub(super) forced: Option<String>,
    /// The reaper's program.
    pub(super) reaper: Option<PathBuf>,
    pub(super) cgroups: Cgroups,
}

/// The control groups.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Cgroups {
    /// `unified`, `hybrid`, `legacy` (version 1 only) or `none`.
    pub(super) hierarchy: &'static str,
    /// The directory of the group that we are in.
    pub(super) own: Option<PathBuf>,
    /// Groups of managers that were killed together with their reapers, found before the rungs
    /// were tried, which sweeps them.
    pub(super) leftovers: Vec<PathBuf>,
}

impl Host {
    pub(super) fn look() -> Host {
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let own = own_group().ok();
        let leftovers = own.as_deref().map(handfast_reaper::leftovers);
        Host {
            kernel: kernel.trim().to_owned(),
            uid: child::effective_user(),
            forced: std::env::var("HANDFAST_FORCE")
                .ok()
                .filter(|word| !word.is_empty()),
            reaper: handfast::reaper::program().ok(),
            cgroups: Cgroups {
                hierarchy: hierarchy(&mounts),
                own,
                leftovers: leftovers.unwrap_or_default(),
            },
        }
    }
}

fn hierarchy(mounts: &str) -> &'static str {
    let kinds = mounts.lines().filter_map(|line| {
        let (_, about) = line.split_once(" - ")?;
        about.split(' ').next()
    });
    let (mut second, mut first) = (false, false);
    for kind in kinds {
        second |= kind == "cgroup2";
        first |= kind == "cgroup";
    }
    match (second, first) {
        (true, false) => "unified",
        (true, true) => "hybrid",
        (false, true) => "legacy",
        (false, false) => "none",
    }
}

/// The directory in which the manager of this leader has its group, where it has one.
pub(super) fn managers_group(leader: BorrowedFd<'_>) -> Option<PathBuf> {
    let pid = child::pid_behind(leader).ok()??;
    let group = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
    let group = group.lines().find_map(|line| line.strip_prefix("0::"))?;
    let manager = Path::new(group).ancestors().find(|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with(GROUP))
    })?;
    let (own, ours) = (own_group().ok()?, own_line()?);
    // What is below the mount point is the same for both.
    let depth = ours.components().count().saturating_sub(1);
    let mount = own.ancestors().nth(depth)?;
    let below = manager.parent()?.strip_prefix("/").ok()?;
    // Components, as a joined empty path would leave a slash at the end.
    Some(mount.components().chain(below.components()).collect())
}

fn own_line() -> Option<PathBuf> {
    let own = fs::read_to_string("/proc/self/cgroup").ok()?;
    own.lines()
        .find_map(|line| line.strip_prefix("0::"))
        .map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hierarchies_are_told_apart() {
        let second = "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
        let first = "31 1 0:27 / /sys/fs/cgroup/pids rw shared:9 - cgroup cgroup rw,pids\n";
        assert_eq!(hierarchy(second), "unified");
        assert_eq!(hierarchy(&format!("{first}{second}")), "hybrid");
        assert_eq!(hierarchy(first), "legacy");
        assert_eq!(hierarchy("22 1 0:5 / /proc rw - proc cgroup2 rw\n"), "none");
    }
}

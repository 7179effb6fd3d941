//! Linux: a cgroup.

use crate::tree::linux::cgroup::Cgroup;
use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

/// How long emptied groups are waited for before they are left to the next sweep.
const EMPTY_PATIENCE: Duration = Duration::from_millis(500);

/// The lock on a manager's group: without it, it could be swept while there is no reaper.
#[derive(Debug)]
pub struct HeldGroup(#[expect(dead_code, reason = "it is held")] Cgroup);

/// Takes the lock; `None` where it cannot be had.
#[must_use]
pub fn hold(group: &Path) -> Option<HeldGroup> {
    let group = Cgroup::open(group).ok()?;
    group.hold().ok()?;
    Some(HeldGroup(group))
}

pub(super) fn end(group: &Path) {
    let _ = Cgroup::open(group).and_then(|group| group.kill());
    remove(group);
}

pub(super) fn remove(group: &Path) {
    let parent = group.parent().map(Cgroup::open);
    let name = group.file_name().and_then(OsStr::to_str);
    if let (Some(Ok(parent)), Some(name)) = (parent, name) {
        if let Ok(group) = parent.child(name) {
            let _ = group.wait_empty(EMPTY_PATIENCE);
        }
        // What is still busy is swept by the next start of a manager of this user.
        let _ = parent.remove(name);
    }
}

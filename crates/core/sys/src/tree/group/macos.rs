//! macOS: whoever carries a mark of the manager. The group's path is that mark's stem, and is no place in
//! any file system: it takes no lock, and nothing is left of it once its processes have ended.

use crate::tree::lineage::Lineage;
use crate::tree::macos::{Mark, sweep};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

/// How long those that are killed are waited for before they are left to the next sweep.
const EMPTY_PATIENCE: Duration = Duration::from_millis(500);

/// Nobody has one: the name itself says whose it is, and whether they live.
#[derive(Debug)]
pub struct HeldGroup(Infallible);

/// There is no lock to take.
#[must_use]
pub fn hold(_: &Path) -> Option<HeldGroup> {
    None
}

pub(super) fn end(group: &Path) {
    let mark = Mark::Manager(group.as_os_str().as_bytes().to_vec(), BTreeSet::new());
    // What is left is swept by the next start of a manager of this user.
    let _ = sweep(&mut Lineage::by_mark(), &mark, EMPTY_PATIENCE);
}

pub(super) fn remove(group: &Path) {
    // It is gone when its processes are.
    end(group);
}

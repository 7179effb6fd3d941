//! The place that a manager has for its trees, seen from the manager: held while it lives, removed when
//! all is over.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod os;

pub use os::{HeldGroup, hold};

use std::path::Path;

/// Kills everything in a manager's group, and removes it.
pub fn end(group: &Path) {
    os::end(group);
}

/// Removes a manager's group, whose processes have ended or are about to.
pub fn remove(group: &Path) {
    os::remove(group);
}

//! What names a tree that runs for its manager, which is another one than its reaper: where its members
//! are listed, and how it is killed when no reaper is left.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod os;

pub use os::{Hold, Place};

//! What a program that starts others, or serves them, asks of the system for itself: its streams, its parent,
//! its session, and how it ends or becomes another.
//!
//! It is apart from `child`, which is about the processes that are started. The names are those of what happens;
//! where a system has nothing of the kind, the function says what that means there.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod os;
#[cfg(unix)]
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
mod unlike;

pub use os::{
    STARTS_IN_TWO_STEPS, become_program, begin_session, default_signals, die_of, end,
    handed_down_for_writing, is_same_file, let_go, lock_down, null, own_program, parent, peer,
    put_stream, set_umask, stop_self, tell_manager,
};

use crate::descriptor::Descriptor;

/// Whoever started this process.
#[derive(Debug)]
pub enum Parent {
    /// There is none that could be watched.
    Unknown,
    /// It has ended.
    Gone,
    /// This one: its end can be waited for.
    Lives(Descriptor),
}

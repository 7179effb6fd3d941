//! Processes on Linux: `clone3(2)` with a pidfd, straight into the cgroup; `execve(2)`; `waitpid(2)`.

mod descriptors;
mod fork;
mod image;
mod signals;
mod user;
mod wait;

pub use descriptors::{
    handed_down_for_writing, has_room, keep_only, let_go, lock_down_descriptors, pipe,
    raise_descriptor_limit,
};
pub use fork::{Forked, Into, SingleThreaded, exit_now, fork};
pub use image::{Image, become_image, enter_directory, put_stream, take_terminal};
pub use signals::{
    CONTINUE, STOP, TERMINAL_STOP, block_child_signal, child_signal_descriptor, default_signals,
    die_of, drain_child_signals, ignore_terminal_signals, ignore_what_is_sent, is_ignored,
    listen_to_signals, open_pidfd, own_pidfd, restore_child_signals, signal_all, signal_group,
    signal_pidfd, signal_process, stop_self,
};
pub use user::{
    Resource, become_user, clear_session, effective_user, keep_private, lead_group, resource,
    set_limit, set_nice, set_umask,
};
pub use wait::{
    Change, exit_behind, has_children, is_gone, next_change, peek_child, pid_behind, reap_any,
    reap_one, reap_peek, reap_pidfd,
};

use std::fmt;

/// A process id of this process's own namespace: never 0, 1 or negative, so that no call can
/// reach a whole group, everything, or init by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pid(i32);

impl Pid {
    /// A pid that may be signalled; `None` for 0, 1 and negative numbers.
    #[must_use]
    pub const fn new(raw: i32) -> Option<Pid> {
        if raw > 1 { Some(Pid(raw)) } else { None }
    }

    /// The number, for people and for files below `/proc`.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }
}

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

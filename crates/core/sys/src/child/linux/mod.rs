//! Processes on Linux: `clone3(2)` with a pidfd, straight into the cgroup; `execve(2)`; `waitpid(2)`.

mod descriptors;
mod fork;
mod signals;
mod user;
mod wait;

pub use super::image::{
    Image, NOT_A_PROGRAM, become_image, enter_directory, put_stream, take_terminal,
};
pub use super::pid::Pid;
pub use descriptors::{
    handed_down_for_writing, has_room, keep_only, let_go, lock_down_descriptors, pipe,
    raise_descriptor_limit,
};
pub use fork::{Forked, Into, SingleThreaded, exit_now, fork, fork_anywhere};
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
    Change, end_of, exit_behind, has_children, is_gone, next_change, peek_child, pid_behind,
    reap_any, reap_one, reap_peek, reap_pidfd,
};

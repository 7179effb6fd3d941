//! Processes on macOS: `fork(2)`, `execve(2)`, `waitpid(2)`, and names for what has no pidfd.
//!
//! `posix_spawn(2)` could make the session and close every descriptor by itself
//! (`POSIX_SPAWN_SETSID`, `POSIX_SPAWN_CLOEXEC_DEFAULT`), but it sets no limit, mask, priority, user
//! or controlling terminal. So a start is a fork and an execution, as on Linux, by a process of ours that has
//! one thread: then the child is a whole process between the two and may allocate. It calls nothing but
//! the C library's system calls there, since Apple's frameworks do not work in a forked child
//! (`fork(2)`, CAVEATS), and the reaper loads none of them.
//!
//! There is no pidfd. What keeps a child's number from becoming a stranger's is that its parent, who is the
//! caller here, has not reaped it yet; so an end is looked at first and taken last. Whoever is no parent
//! is given a [name](open_pidfd). Checked by the compiler and clippy only: nobody has run this yet.

mod children;
mod descriptors;
mod fork;
mod named;
mod signals;
mod user;
mod wait;

pub use super::image::{
    Image, NOT_A_PROGRAM, become_image, enter_directory, put_stream, take_terminal,
};
pub use super::pid::Pid;
pub use children::{block_child_signal, child_signal_descriptor, drain_child_signals};
pub use descriptors::{
    handed_down_for_writing, has_room, keep_only, let_go, lock_down_descriptors, pipe,
    raise_descriptor_limit,
};
pub use fork::{Forked, SingleThreaded, exit_now, fork_anywhere};
pub use named::{end_of, is_gone, open_pidfd, own_pidfd, pid_behind, process_behind, signal_pidfd};
pub use signals::{
    CONTINUE, STOP, TERMINAL_STOP, default_signals, die_of, ignore_terminal_signals,
    ignore_what_is_sent, is_ignored, listen_to_signals, restore_child_signals, signal_group,
    signal_process, stop_self,
};
pub use user::{
    Resource, become_user, clear_session, effective_user, lead_group, resource, set_limit,
    set_nice, set_umask,
};
pub use wait::{
    Change, exit_behind, next_change, peek_child, reap, reap_any, reap_one, reap_pidfd,
};

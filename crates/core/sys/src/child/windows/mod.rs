//! Processes on Windows: created suspended, straight into their job, with nothing inherited but the
//! three streams.
//!
//! There is no fork and no reaping here: a handle names a process for as long as it is held, and
//! its exit code can be asked at any time after its end. So everything may be done by the host
//! itself, from any thread.

mod ask;
mod attributes;
pub(crate) mod calls;
#[cfg(feature = "async")]
pub(crate) mod detached;
mod end;
mod inherited;
mod named;
mod process;
mod spawn;
mod system;
mod wide;

pub(crate) mod stage;
#[cfg(test)]
mod tests;

pub use super::pid::Pid;
pub use ask::{break_group, close_windows};
pub use end::EndWatch;
pub use inherited::pipe;
#[cfg(feature = "async")]
pub(crate) use named::wait_for;
pub use named::{CONTINUE, NOT_A_PROGRAM, Resource, pid_behind, reap_pidfd, this_thread};
pub(crate) use process::milliseconds;
pub use process::{Process, own_start};
pub use spawn::{Console, NotStarted, Priority, Spawn, Started, Step, Way};
pub use system::{Kind, compare_names, kind, system_root};
pub(crate) use system::{image_of, open_process};
pub(crate) use wide::wide;

//! Starting, watching and signalling operating-system processes.
//!
//! On Unix only the reaper forks: it is single-threaded and small, so a child may allocate between
//! fork and exec, and the cost of a start does not depend on the size of the host. `SingleThreaded` is
//! the proof of that which `fork` asks for. Windows does not fork: there a process is created whole.
//!
//! How Windows writes arguments, variables and names of programs is pure, so it is here for every
//! system and tested on each.

pub mod command_line;
pub mod environment_block;
#[cfg(unix)]
mod image;
#[cfg_attr(target_os = "linux", path = "linux/mod.rs")]
#[cfg_attr(target_os = "macos", path = "macos/mod.rs")]
#[cfg_attr(windows, path = "windows/mod.rs")]
mod os;
mod pid;
pub mod program_search;
pub mod wtf8;

pub use os::*;

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// It returned this code (0 to 255 on Unix; on Windows all 32 bits, as a signed number).
    Code(i32),
    /// This signal ended it.
    Signal(i32),
    /// It ended while nobody who may ask was its parent (the reaper was lost).
    Unknown,
}

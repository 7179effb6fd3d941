//! Starting, watching and signalling operating-system processes.
//!
//! Only the reaper forks: it is single-threaded and small, so a child may allocate between fork and
//! exec, and the cost of a start does not depend on the size of the host. [`SingleThreaded`] is the
//! proof of that which [`fork`] asks for.

#[cfg_attr(target_os = "linux", path = "linux/mod.rs")]
mod os;

pub use os::*;

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// It returned this code (0 to 255 on Unix).
    Code(i32),
    /// This signal ended it.
    Signal(i32),
    /// It ended while nobody who may ask was its parent (the reaper was lost).
    Unknown,
}

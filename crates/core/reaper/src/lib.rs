//! The small helper of handfast that starts every process, watches its owner and ends what is left.
//!
//! It is a program of its own so that it outlives its host: the end of the host closes the host's
//! end of one socket, by whatever cause, and what was not declared to survive is killed. It forks
//! from a tiny single-threaded process, so a start costs the same however large the host is, and
//! nothing of the host gets into a child.
//!
//! On Windows the kernel does most of that by itself. There the same requests are obeyed by a thread
//! of the host, and the program is only the helper that asks others to end.
//!
//! Users of the library do not call this crate; `handfast::reaper::run_if_asked` does.

#![forbid(unsafe_code)]

pub mod ledger;
pub mod wire;

#[cfg_attr(target_os = "linux", path = "linux/mod.rs")]
#[cfg_attr(target_os = "macos", path = "macos/mod.rs")]
#[cfg_attr(windows, path = "windows/mod.rs")]
mod os;
#[cfg(unix)]
mod program;
#[cfg(unix)]
mod serve;
#[cfg(unix)]
mod start;
#[cfg(unix)]
mod stem;

pub use os::*;

/// The first argument by which a program is asked to be the reaper.
pub const ASKED: &str = "--handfast-reaper";

/// Runs the reaper and does not return, where this process was started to be one; else returns at
/// once and has done nothing.
///
/// Call it first in `main`, before any thread is started.
pub fn run_if_asked() {
    if std::env::args_os().nth(1).is_some_and(|word| word == ASKED) {
        std::process::exit(run());
    }
}

//! The system calls of handfast.
//!
//! Everything that differs between operating systems, and everything `unsafe`, is in this crate and
//! nowhere else. Each folder is a *face* (`mod.rs`, portable, documented) with one file per system
//! behind it under the same names, so that a missing piece is a compile error on that system only.
//!
//! What unsafe code here may assume is said beside each block. Nothing here knows of configs,
//! owners or policies: those live in the crate `handfast`.

#[cfg(feature = "async")]
pub mod apart;
pub mod asked;
pub mod channel;
pub mod child;
#[cfg(feature = "async")]
pub mod connection;
#[cfg(windows)]
pub mod console;
pub mod console_input;
pub mod descriptor;
#[cfg(any(windows, target_os = "macos"))]
#[cfg_attr(target_os = "macos", path = "edition_macos.rs")]
pub mod edition;
pub mod files;
pub mod fork_lock;
#[cfg(feature = "async")]
pub mod heard;
pub mod host;
#[cfg_attr(windows, path = "local_windows.rs")]
pub mod local;
#[cfg(windows)]
pub mod local_pipe;
#[cfg_attr(target_os = "macos", path = "proc_macos/mod.rs")]
#[cfg_attr(windows, path = "proc_windows.rs")]
pub mod proc;
#[cfg(any(target_os = "macos", test))]
mod process_answers;
#[cfg(all(feature = "puppetry", target_os = "linux"))]
pub mod puppetry;
#[cfg(feature = "async")]
#[cfg_attr(windows, path = "ready_windows.rs")]
pub mod ready;
#[cfg(feature = "async")]
pub mod seat;
pub mod signals;
#[cfg(feature = "async")]
pub mod stream;
#[cfg(any(unix, all(feature = "async", windows)))]
#[cfg_attr(windows, path = "terminal_windows.rs")]
pub mod terminal;
pub mod text;
pub mod tree;
#[cfg(unix)]
pub mod watch;
#[cfg(windows)]
mod wine;

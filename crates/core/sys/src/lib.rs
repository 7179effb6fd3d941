//! The system calls of handfast.
//!
//! Everything that differs between operating systems, and everything `unsafe`, is in this crate and
//! nowhere else. Each folder is a *face* (`mod.rs`, portable, documented) with one file per system
//! behind it under the same names, so that a missing piece is a compile error on that system only.
//!
//! What unsafe code here may assume is said beside each block. Nothing here knows of configs,
//! owners or policies: those live in the crate `handfast`.

#[cfg(all(feature = "async", any(target_os = "linux", windows)))]
pub mod apart;
#[cfg(any(target_os = "linux", windows))]
pub mod asked;
#[cfg(any(target_os = "linux", windows))]
pub mod channel;
pub mod child;
#[cfg(all(feature = "async", any(target_os = "linux", windows)))]
pub mod connection;
#[cfg(windows)]
pub mod console;
pub mod console_input;
pub mod descriptor;
#[cfg(windows)]
pub mod edition;
pub mod files;
#[cfg(all(feature = "async", any(target_os = "linux", windows)))]
pub mod heard;
#[cfg(any(target_os = "linux", windows))]
pub mod host;
#[cfg(any(target_os = "linux", windows))]
#[cfg_attr(windows, path = "local_windows.rs")]
pub mod local;
#[cfg(windows)]
pub mod local_pipe;
#[cfg(any(target_os = "linux", windows))]
#[cfg_attr(windows, path = "proc_windows.rs")]
pub mod proc;
#[cfg(all(feature = "puppetry", target_os = "linux"))]
pub mod puppetry;
#[cfg(all(feature = "async", any(target_os = "linux", windows)))]
#[cfg_attr(windows, path = "ready_windows.rs")]
pub mod ready;
#[cfg(all(feature = "async", any(target_os = "linux", windows)))]
pub mod seat;
pub mod signals;
#[cfg(all(feature = "async", any(target_os = "linux", windows)))]
pub mod stream;
#[cfg(any(target_os = "linux", all(feature = "async", windows)))]
#[cfg_attr(windows, path = "terminal_windows.rs")]
pub mod terminal;
pub mod text;
pub mod tree;
#[cfg(target_os = "linux")]
pub mod watch;
#[cfg(windows)]
mod wine;

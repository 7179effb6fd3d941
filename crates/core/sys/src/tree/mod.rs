//! A leader and everything it starts: how it is held, and how surely.
//!
//! The words here (`Rung`, `Grade`) are shown to users in every status and every report, so they
//! are plain data and the same on all systems. What holds a tree differs too much between systems
//! to be flattened into one set of calls, so each system's own names are used by the reaper's half
//! for that system.

pub mod environment_mark;
pub mod group;
pub mod hold;
pub mod hunt;
mod ladder;
pub mod lineage;
pub mod pace;
mod rung;

#[cfg(target_os = "linux")]
pub mod linux;
#[cfg(target_os = "macos")]
pub mod macos;
#[cfg(windows)]
pub mod windows;

pub use rung::{Grade, Rung, UnknownWord};

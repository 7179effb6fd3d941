//! Starts processes and holds the whole tree of each to its owner.
//!
//! Placeholder.

#![forbid(unsafe_code)]

pub mod blocking;
pub mod config;
pub mod exec;
pub mod manager;
pub mod output;
pub mod plugins;
mod process;
pub mod reaper;
pub mod session;
pub mod tree;

pub use config::ProcessConfig;
pub use handfast_reaper::wire::Scope;
pub use manager::{Changes, ManagerBuilder, ManagerError, Missed, ProcessManager};
pub use plugins::ConfigurationPlugin;
pub use process::*;
pub use tree::{Containment, Grade, Rung};

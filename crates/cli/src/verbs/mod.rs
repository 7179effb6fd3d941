//! What `handfast` can do: one folder or file for each verb.

pub(crate) mod attach;
pub(crate) mod bridge;
pub(crate) mod clean;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod daemon;
pub(crate) mod doctor;
pub(crate) mod events;
pub(crate) mod exec;
pub(crate) mod info;
pub(crate) mod logs;
pub(crate) mod mcp;
pub(crate) mod ps;
pub(crate) mod run;
pub(crate) mod send;
pub(crate) mod setup;
pub(crate) mod signal;
pub(crate) mod start;
pub(crate) mod stop;
mod talk;
pub(crate) mod token;
pub(crate) mod top;
pub(crate) mod transfer;
pub(crate) mod wait;

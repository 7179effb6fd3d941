//! What `handfast` can do: one folder or file for each verb.

pub(crate) mod completions;
pub(crate) mod daemon;
pub(crate) mod doctor;
pub(crate) mod mcp;
pub(crate) mod run;
pub(crate) mod setup;

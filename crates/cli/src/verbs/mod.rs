//! What `handfast` can do: one folder or file for each verb.

pub(crate) mod completions;
pub(crate) mod daemon;
pub(crate) mod doctor;
pub(crate) mod info;
pub(crate) mod logs;
pub(crate) mod ps;
pub(crate) mod run;
pub(crate) mod start;
pub(crate) mod stop;
mod talk;
pub(crate) mod wait;

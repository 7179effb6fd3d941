//! `handfast doctor`: what this host offers, found by doing it.
//!
//! What there is to try differs from system to system, so each has a doctor of its own under the same names. Those with
//! one rung share how it is tried and told, which is in `one_rung`. What must stay true of all: nothing is concluded
//! from a version or a setting, which are told only to explain; and nothing is left running, however doctor ends.

#[cfg_attr(target_os = "linux", path = "linux/mod.rs")]
#[cfg_attr(target_os = "macos", path = "macos/mod.rs")]
#[cfg_attr(windows, path = "windows/mod.rs")]
mod os;

pub(crate) use os::{Report, hidden, run};

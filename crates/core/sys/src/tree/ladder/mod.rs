//! Which rungs a system has.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod os;

pub(super) use os::{LADDER, WORDS};

//! What is asked of this process from outside: to end, and how urgently.
//!
//! Only a host that wants it listens; nothing here is installed by being linked. What must stay
//! true: no other module knows a signal's number for this; a request that was ignored when we were
//! started (`nohup`), or that the host handles itself, is left alone; and who ends because of a
//! request dies of that very one, so that whoever waits for us sees it.

mod escalation;
#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod os;
#[cfg(unix)]
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
mod untouched_errno;

pub use escalation::{Asked, Escalation};
pub use os::{By, Listener, Nudge};

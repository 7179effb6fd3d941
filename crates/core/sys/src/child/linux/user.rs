//! Who a process is and what it may use: user, limits, priority, session.

use rustix::process::{DumpableBehavior, Rlimit};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use std::io;

pub use rustix::process::Resource;

/// Becomes another user completely: supplementary groups, real, effective and saved ids.
///
/// The order matters: groups and group ids go while the user id still allows it. Leaving uid 0
/// makes the kernel clear the capability sets (`capabilities(7)`).
///
/// # Errors
///
/// `EPERM` where the caller may not; the caller must then end, since it may be half changed.
pub fn become_user(uid: u32, gid: u32, groups: &[u32]) -> io::Result<()> {
    let gids: Vec<_> = groups
        .iter()
        .map(|gid| rustix::fs::Gid::from_raw(*gid))
        .collect();
    set_thread_groups(&gids)?;
    let gid = rustix::fs::Gid::from_raw(gid);
    set_thread_res_gid(gid, gid, gid)?;
    let uid = rustix::fs::Uid::from_raw(uid);
    Ok(set_thread_res_uid(uid, uid, uid)?)
}

/// Leaves the caller's session and terminal: a new session, a new group, no controlling terminal.
///
/// # Errors
///
/// `EPERM` where the caller leads a group already.
pub fn clear_session() -> io::Result<()> {
    rustix::process::setsid()?;
    Ok(())
}

/// Makes the calling process the leader of a group of its own, within its session.
///
/// # Errors
///
/// `EPERM` for the leader of a session, which leads a group already.
pub fn lead_group() -> io::Result<()> {
    Ok(rustix::process::setpgid(None, None)?)
}

/// Limits one resource of the calling process; `None` is no limit.
///
/// # Errors
///
/// `EPERM` for raising a hard limit without the right to do so.
pub fn set_limit(resource: Resource, soft: Option<u64>, hard: Option<u64>) -> io::Result<()> {
    Ok(rustix::process::setrlimit(
        resource,
        Rlimit {
            current: soft,
            maximum: hard,
        },
    )?)
}

/// The resource with this number of the system (`RLIMIT_…`, `getrlimit(2)`).
#[must_use]
pub fn resource(number: u32) -> Option<Resource> {
    ALL_RESOURCES
        .into_iter()
        .find(|resource| *resource as u32 == number)
}

const ALL_RESOURCES: [Resource; 16] = [
    Resource::Cpu,
    Resource::Fsize,
    Resource::Data,
    Resource::Stack,
    Resource::Core,
    Resource::Rss,
    Resource::Nproc,
    Resource::Nofile,
    Resource::Memlock,
    Resource::As,
    Resource::Locks,
    Resource::Sigpending,
    Resource::Msgqueue,
    Resource::Nice,
    Resource::Rtprio,
    Resource::Rttime,
];

/// The effective user id of this process.
#[must_use]
pub fn effective_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Sets which permission bits new files do not get.
pub fn set_umask(mask: u32) {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(mask));
}

/// Sets the priority, -20 (first) to 19 (last).
///
/// # Errors
///
/// `EACCES` for a higher priority without the right to it.
pub fn set_nice(nice: i32) -> io::Result<()> {
    Ok(rustix::process::setpriority_process(None, nice)?)
}

/// Forbids others of the same user to trace this process or to read its memory.
///
/// # Errors
///
/// What `prctl(2)` says.
pub fn keep_private() -> io::Result<()> {
    Ok(rustix::process::set_dumpable_behavior(
        DumpableBehavior::NotDumpable,
    )?)
}

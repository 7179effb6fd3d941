//! Who a process is and what it may use: user, limits, priority, session.

use super::descriptors::takeable;
use rustix::process::Rlimit;
use std::io;

pub use rustix::process::Resource;

fn check(answer: i32) -> io::Result<()> {
    if answer == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// Becomes another user completely: supplementary groups, real, effective and saved ids.
///
/// The order matters: groups and group ids go while the user id still allows it. For the superuser
/// `setgid(2)` and `setuid(2)` set all three ids.
///
/// # Errors
///
/// `EPERM` where the caller may not; `EINVAL` for more groups than `NGROUPS_MAX` (16). The caller must
/// then end, since it may be half changed.
pub fn become_user(uid: u32, gid: u32, groups: &[u32]) -> io::Result<()> {
    let count = i32::try_from(groups.len()).map_err(io::Error::other)?;
    // SAFETY: the list has that many numbers and is only read.
    check(unsafe { libc::setgroups(count, groups.as_ptr()) })?;
    // SAFETY: a call with one number; this process has one thread.
    check(unsafe { libc::setgid(gid) })?;
    // SAFETY: as above.
    check(unsafe { libc::setuid(uid) })
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

/// Limits one resource of the calling process; `None` is no limit. The soft limit of descriptors is at
/// most `OPEN_MAX` (10240) here, which no limit and a higher one become.
///
/// # Errors
///
/// `EPERM` for raising a hard limit without the right to do so.
pub fn set_limit(resource: Resource, soft: Option<u64>, hard: Option<u64>) -> io::Result<()> {
    let soft = match resource {
        Resource::Nofile => takeable(soft),
        _ => soft,
    };
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

/// On macOS the limit of the address space and that of the resident set are one.
const ALL_RESOURCES: [Resource; 9] = [
    Resource::Cpu,
    Resource::Fsize,
    Resource::Data,
    Resource::Stack,
    Resource::Core,
    Resource::Rss,
    Resource::Memlock,
    Resource::Nproc,
    Resource::Nofile,
];

/// The effective user id of this process.
#[must_use]
pub fn effective_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Sets which permission bits new files do not get.
pub fn set_umask(mask: u32) {
    // A mask has nine bits.
    let mask = u16::try_from(mask & 0o777).unwrap_or(0o777);
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

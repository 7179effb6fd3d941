//! Who a process is and what it may use: user, limits, priority, session.

use super::descriptors::takeable;
use rustix::process::{Resource as System, Rlimit};
use std::io;

/// What can be limited, by the numbers of `sys/resource.h`. Those from 100 on are other systems' (but for
/// `Rss`, which is the same limit as `As` here), so that a request for one is understood and refused.
#[expect(
    missing_docs,
    reason = "the names are those of getrlimit(2), which says what they are"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    Cpu = 0,
    Fsize = 1,
    Data = 2,
    Stack = 3,
    Core = 4,
    As = 5,
    Memlock = 6,
    Nproc = 7,
    Nofile = 8,
    Rss = 100,
    Locks = 101,
    Sigpending = 102,
    Msgqueue = 103,
    Nice = 104,
    Rtprio = 105,
    Rttime = 106,
}

impl Resource {
    /// What the system has for it.
    fn system(self) -> Option<System> {
        Some(match self {
            Resource::Cpu => System::Cpu,
            Resource::Fsize => System::Fsize,
            Resource::Data => System::Data,
            Resource::Stack => System::Stack,
            Resource::Core => System::Core,
            Resource::As | Resource::Rss => System::As,
            Resource::Memlock => System::Memlock,
            Resource::Nproc => System::Nproc,
            Resource::Nofile => System::Nofile,
            Resource::Locks
            | Resource::Sigpending
            | Resource::Msgqueue
            | Resource::Nice
            | Resource::Rtprio
            | Resource::Rttime => return None,
        })
    }
}

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
/// `EPERM` for raising a hard limit without the right to do so; `EINVAL` for a resource that is not
/// limited here.
pub fn set_limit(resource: Resource, soft: Option<u64>, hard: Option<u64>) -> io::Result<()> {
    let soft = match resource {
        Resource::Nofile => takeable(soft),
        _ => soft,
    };
    let refused = || io::Error::from_raw_os_error(libc::EINVAL);
    Ok(rustix::process::setrlimit(
        resource.system().ok_or_else(refused)?,
        Rlimit {
            current: soft,
            maximum: hard,
        },
    )?)
}

/// The resource with this number.
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
    Resource::As,
    Resource::Memlock,
    Resource::Nproc,
    Resource::Nofile,
    Resource::Rss,
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

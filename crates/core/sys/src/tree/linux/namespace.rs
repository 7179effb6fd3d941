//! A PID namespace of our own, with `/proc` to match (`pid_namespaces(7)`, `user_namespaces(7)`).
//!
//! When its init ends, by whatever cause, the kernel kills every process in it.

use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_change};
use rustix::thread::UnshareFlags;
use std::fs;
use std::io;

/// A step of entering that failed.
#[derive(Debug)]
pub struct Failed {
    /// What was tried, as a verb with its object.
    pub step: &'static str,
    /// What the system said.
    pub error: io::Error,
}

fn at(step: &'static str) -> impl FnOnce(io::Error) -> Failed {
    move |error| Failed { step, error }
}

/// Lets the *next child* of the caller be the init of a new PID namespace with mounts of its own;
/// without privilege in a new user namespace in which the caller keeps its ids.
///
/// Answers whether a user namespace was made.
///
/// # Errors
///
/// The step that the host refused.
pub fn prepare() -> Result<bool, Failed> {
    let wanted = UnshareFlags::NEWPID | UnshareFlags::NEWNS;
    match unshare(wanted) {
        Ok(()) => return Ok(false),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
        Err(error) => return Err(at("make a PID namespace")(error)),
    }
    let uid = rustix::process::geteuid().as_raw();
    let gid = rustix::process::getegid().as_raw();
    unshare(wanted | UnshareFlags::NEWUSER).map_err(at("make a user namespace"))?;
    fs::write("/proc/self/setgroups", "deny").map_err(at("write /proc/self/setgroups"))?;
    let uids = format!("{uid} {uid} 1");
    fs::write("/proc/self/uid_map", uids).map_err(at("write /proc/self/uid_map"))?;
    let gids = format!("{gid} {gid} 1");
    fs::write("/proc/self/gid_map", gids).map_err(at("write /proc/self/gid_map"))?;
    Ok(true)
}

fn unshare(flags: UnshareFlags) -> io::Result<()> {
    // SAFETY: the flags never hold FILES, so the descriptor table stays shared as it was.
    Ok(unsafe { rustix::thread::unshare_unsafe(flags) }?)
}

/// Shows the processes of this namespace, and only them, below `/proc`. Mounts of the host still
/// arrive here; mounts made here do not leave.
///
/// # Errors
///
/// `EPERM` where parts of the host's `/proc` are masked, as in many containers.
pub fn mount_proc() -> Result<(), Failed> {
    let inward = MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC;
    mount_change("/", inward).map_err(|errno| at("keep mounts to ourselves")(errno.into()))?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    mount("proc", "/proc", "proc", flags, c"").map_err(|errno| at("mount /proc")(errno.into()))
}

/// Makes the caller the one to which orphaned descendants return.
///
/// # Errors
///
/// What `prctl(2)` says.
pub fn become_subreaper() -> Result<(), Failed> {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
        .map_err(|errno| at("become a subreaper")(errno.into()))
}

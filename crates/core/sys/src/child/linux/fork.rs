//! Forking, with a pidfd from the first instant and straight into the right cgroup and namespaces.
//!
//! `clone3(2)` does all of it in one step, so there is no moment in which a child exists that is
//! not yet contained. Where a filter refuses `clone3`, the child itself joins before it does
//! anything else.

use super::Pid;
use rustix::fs::{Mode, OFlags, openat};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// Proof that this process has one thread, so that a forked child may allocate and take locks.
#[derive(Debug)]
pub struct SingleThreaded(());

impl SingleThreaded {
    /// Looks once; the holder must start no thread afterwards.
    ///
    /// # Errors
    ///
    /// Where `/proc` cannot be read, or where there are more threads than one.
    pub fn check() -> io::Result<Self> {
        match std::fs::read_dir("/proc/self/task")?.count() {
            1 => Ok(Self(())),
            n => Err(io::Error::other(format!(
                "{n} threads run, so forking is not safe"
            ))),
        }
    }
}

/// Who returns from [`fork`].
#[derive(Debug)]
pub enum Forked {
    /// The new process.
    Child,
    /// The old one, with the child's pid and a pidfd of it.
    Parent {
        /// The child's pid in the namespace of the parent; 1 for a namespace's init is not one of these.
        pid: Pid,
        /// Names this child for as long as it is held.
        pidfd: OwnedFd,
    },
}

/// Where a forked child is put.
#[derive(Debug, Default)]
pub struct Into<'a> {
    /// A cgroup v2 directory.
    pub cgroup: Option<BorrowedFd<'a>>,
    /// A new PID and mount namespace of its own.
    pub namespace: bool,
    /// As a child of the caller's parent, not of the caller.
    pub sibling: bool,
}

/// Forks.
///
/// # Errors
///
/// What the system says; nothing is left running. `EBUSY` or `EACCES` for a cgroup that does not
/// take processes.
pub fn fork(_proof: &SingleThreaded, into: &Into<'_>) -> io::Result<Forked> {
    match clone3(into) {
        Err(error) if refused(&error) && !into.namespace && !into.sibling => plain(into),
        done => done,
    }
}

/// Forks a child that is put nowhere in particular.
///
/// # Errors
///
/// What the system says; nothing is left running.
pub fn fork_anywhere(proof: &SingleThreaded) -> io::Result<Forked> {
    fork(proof, &Into::default())
}

/// Whether `clone3` itself is missing (`ENOSYS`, also what container filters answer).
fn refused(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ENOSYS)
}

fn clone3(into: &Into<'_>) -> io::Result<Forked> {
    let mut pidfd: RawFd = -1;
    // SAFETY: `clone_args` is plain numbers, for which all zeroes is the documented default.
    let mut args: libc::clone_args = unsafe { std::mem::zeroed() };
    let mut flags = libc::CLONE_PIDFD;
    args.pidfd = std::ptr::from_mut(&mut pidfd) as u64;
    if let Some(cgroup) = into.cgroup {
        args.flags = CLONE_INTO_CGROUP;
        args.cgroup = u64::try_from(cgroup.as_raw_fd()).map_err(io::Error::other)?;
    }
    if into.namespace {
        flags |= libc::CLONE_NEWPID | libc::CLONE_NEWNS;
    }
    if into.sibling {
        flags |= libc::CLONE_PARENT;
    } else {
        args.exit_signal = libc::SIGCHLD as u64;
    }
    args.flags |= u64::from(flags.cast_unsigned());
    // SAFETY: without CLONE_VM this is a fork; the caller proved that one thread runs, so no lock
    // is held by a thread that the child does not have. The kernel writes `pidfd` and reads `args`,
    // both alive here.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_clone3,
            &raw mut args,
            size_of::<libc::clone_args>(),
        )
    };
    match i32::try_from(answer).map_err(io::Error::other)? {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(Forked::Child),
        // SAFETY: the kernel has just made this descriptor for us alone.
        raw => parent(raw, unsafe { OwnedFd::from_raw_fd(pidfd) }),
    }
}

/// `CLONE_INTO_CGROUP` of `linux/sched.h`; libc's constant does not fit its own type.
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;

fn parent(raw: i32, pidfd: OwnedFd) -> io::Result<Forked> {
    let pid = Pid::new(raw).ok_or_else(|| io::Error::other("the child's pid is not usable"))?;
    Ok(Forked::Parent { pid, pidfd })
}

fn plain(into: &Into<'_>) -> io::Result<Forked> {
    // SAFETY: one thread runs, as for `clone3`.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            if let Some(Err(_)) = into.cgroup.map(join) {
                exit_now(126);
            }
            Ok(Forked::Child)
        }
        raw => {
            let pid = Pid::new(raw).ok_or_else(|| io::Error::other("unusable pid"))?;
            // Not a race: we are the parent and have not waited, so the pid is still this child's.
            parent(raw, super::open_pidfd(pid)?)
        }
    }
}

/// Puts the calling process into a cgroup.
fn join(group: BorrowedFd<'_>) -> io::Result<()> {
    let procs = openat(
        group.as_fd(),
        "cgroup.procs",
        OFlags::WRONLY | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    File::from(procs).write_all(b"0")
}

/// Ends this process at once: no destructor, no exit handler, no flush.
///
/// For forked children, whose destructors belong to the parent.
pub fn exit_now(code: i32) -> ! {
    // SAFETY: `_exit` may be called at any time and does not return.
    unsafe { libc::_exit(code) }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The test harness has threads, so a fork is safe here only because the child exits at once.
    #[test]
    fn a_forked_child_is_named_by_its_pidfd_with_and_without_clone3() {
        for make in [clone3, plain] {
            match make(&Into::default()).unwrap() {
                Forked::Child => exit_now(7),
                Forked::Parent { pid, pidfd } => {
                    assert_eq!(
                        super::super::pid_behind(pidfd.as_fd()).unwrap(),
                        Some(pid.get())
                    );
                    let exit = super::super::reap_pidfd(pidfd.as_fd()).unwrap();
                    assert_eq!(exit, crate::child::Exit::Code(7));
                }
            }
        }
    }

    #[test]
    fn a_process_with_more_threads_does_not_get_the_proof() {
        let (done, wait) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || wait.recv());
        assert!(SingleThreaded::check().is_err());
        drop(done);
        thread.join().unwrap().unwrap_err();
    }
}

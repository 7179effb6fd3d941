//! Forking, by a process that has one thread.

use super::Pid;
use super::named::Name;
use std::io;
use std::os::fd::OwnedFd;

/// Proof that this process has one thread, so that a forked child may allocate and take locks.
#[derive(Debug)]
pub struct SingleThreaded(());

impl SingleThreaded {
    /// Looks once; the holder must start no thread afterwards.
    ///
    /// # Errors
    ///
    /// Where the system does not say, or where there are more threads than one.
    pub fn check() -> io::Result<Self> {
        match crate::tree::macos::own_threads()? {
            1 => Ok(Self(())),
            n => Err(io::Error::other(format!(
                "{n} threads run, so forking is not safe"
            ))),
        }
    }
}

/// Who returns from [`fork_anywhere`].
#[derive(Debug)]
pub enum Forked {
    /// The new process.
    Child,
    /// The old one, with the child's pid and a name of it.
    Parent {
        /// The child's pid.
        pid: Pid,
        /// Names this child for whoever is not its parent.
        pidfd: OwnedFd,
    },
}

/// Forks a child that is put nowhere in particular: there are no places to put one.
///
/// # Errors
///
/// What the system says; nothing is left running.
pub fn fork_anywhere(_proof: &SingleThreaded) -> io::Result<Forked> {
    // Whatever can fail comes before there is a child.
    let name = Name::new()?;
    // SAFETY: one thread runs, as the caller has proved, so no lock is held by a thread that the child
    // does not have.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(Forked::Child),
        raw => {
            let child = Pid::new(raw).ok_or_else(|| io::Error::other("unusable pid"))?;
            match name.write(child) {
                Ok(pidfd) => Ok(Forked::Parent { pid: child, pidfd }),
                Err(error) => {
                    // Nobody could be told of it.
                    let _ = super::signal_process(child, libc::SIGKILL);
                    let _ = super::wait::reap(child);
                    Err(error)
                }
            }
        }
    }
}

/// Ends this process at once: no destructor, no exit handler, no flush.
///
/// For forked children, whose destructors belong to the parent.
pub fn exit_now(code: i32) -> ! {
    // SAFETY: `_exit` may be called at any time and does not return.
    unsafe { libc::_exit(code) }
}

//! Signals: to others by pidfd where one is held, and the state that a child starts with.

use super::Pid;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// The highest signal number of Linux, real-time signals included.
const HIGHEST: i32 = 64;

/// What a helper in its own session has no use for: terminal signals, and polite requests to end,
/// which are for its owner to make.
const IGNORED: [i32; 10] = [
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGPIPE,
    libc::SIGALRM,
    libc::SIGTERM,
    libc::SIGTSTP,
    libc::SIGTTIN,
    libc::SIGTTOU,
    libc::SIGUSR1,
];

/// What is not ignored by [`ignore_what_is_sent`]: faults of the process itself, which cannot be
/// ignored when they happen, the ends of its children, and what does nothing or continues.
const KEPT: [i32; 9] = [
    libc::SIGILL,
    libc::SIGTRAP,
    libc::SIGABRT,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGSEGV,
    libc::SIGSYS,
    libc::SIGCHLD,
    libc::SIGCONT,
];

fn check(answer: i64) -> io::Result<()> {
    if answer == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// Opens a pidfd: from here on the process cannot be mistaken for another one.
///
/// # Errors
///
/// `ESRCH` where there is no such process.
pub fn open_pidfd(pid: Pid) -> io::Result<OwnedFd> {
    pidfd_of(pid.get())
}

/// A pidfd of the calling process itself, which may be a namespace's init.
///
/// # Errors
///
/// Where the system has no descriptor left.
pub fn own_pidfd() -> io::Result<OwnedFd> {
    pidfd_of(rustix::process::getpid().as_raw_nonzero().get())
}

fn pidfd_of(pid: i32) -> io::Result<OwnedFd> {
    // SAFETY: a system call with two numbers.
    let raw = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    check(raw)?;
    let raw = i32::try_from(raw).map_err(io::Error::other)?;
    // SAFETY: the kernel has just made this descriptor for us alone.
    Ok(unsafe { OwnedFd::from_raw_fd(raw) })
}

/// Signals exactly the process that the pidfd names.
///
/// # Errors
///
/// `ESRCH` where it has ended and was reaped, `EPERM` where it is not ours to signal.
pub fn signal_pidfd(pidfd: BorrowedFd<'_>, signal: i32) -> io::Result<()> {
    let none = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: numbers and a null pointer, which the call documents as allowed.
    check(unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            pidfd.as_raw_fd(),
            signal,
            none,
            0,
        )
    })
}

/// Signals a process by pid: only for children that the caller has not yet waited for.
///
/// # Errors
///
/// As [`signal_pidfd`].
pub fn signal_process(pid: Pid, signal: i32) -> io::Result<()> {
    // SAFETY: a system call with two numbers; `Pid` is neither a group nor everything.
    check(i64::from(unsafe { libc::kill(pid.get(), signal) }))
}

/// Signals a process group by its leader: only while the leader is known to be unreaped.
///
/// # Errors
///
/// `ESRCH` where the group is empty, `EPERM` where no member is ours to signal.
pub fn signal_group(leader: Pid, signal: i32) -> io::Result<()> {
    // SAFETY: a system call with two numbers; `Pid` is above 1, so never our own group or all.
    check(i64::from(unsafe { libc::killpg(leader.get(), signal) }))
}

/// Signals every process of the namespace that the caller is the init of.
///
/// # Errors
///
/// `ESRCH` where there is no other process; `InvalidInput`, and nothing was signalled, where the
/// caller is not pid 1.
pub fn signal_all(signal: i32) -> io::Result<()> {
    if rustix::process::getpid().as_raw_nonzero().get() != 1 {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a namespace's init",
        ));
    }
    // SAFETY: a system call with two numbers; as pid 1 it reaches only our own namespace.
    check(i64::from(unsafe { libc::kill(-1, signal) }))
}

fn dispose(signal: i32, how: libc::sighandler_t) {
    // SAFETY: only the two constant dispositions are passed, never a function. It fails for
    // SIGKILL, SIGSTOP and the C library's own signals, which have no other disposition.
    unsafe { libc::signal(signal, how) };
}

fn mask(how: i32, signals: &[i32]) -> io::Result<()> {
    // SAFETY: the set is initialized by `sigemptyset` before it is used.
    let answer = unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        for signal in signals {
            libc::sigaddset(&raw mut set, *signal);
        }
        libc::pthread_sigmask(how, &raw const set, std::ptr::null_mut())
    };
    if answer == 0 {
        Ok(())
    } else {
        Err(io::Error::from_raw_os_error(answer))
    }
}

/// Gives every signal its default disposition and unblocks all: what a child starts with, whatever
/// the host had ignored or blocked.
///
/// # Errors
///
/// What the system says of the mask.
pub fn default_signals() -> io::Result<()> {
    (1..=HIGHEST).for_each(default_by_kernel);
    mask(libc::SIG_SETMASK, &[])
}

/// The C library refuses to touch the two signals that it keeps for itself (32 and 33), but a host
/// may have been started with them ignored, and a child would be too.
fn default_by_kernel(signal: i32) {
    // The default disposition is zero, and so is all else in the kernel's structure, which is at
    // most this long on every architecture; the mask in it has eight bytes.
    let default = [0_u64; 8];
    // SAFETY: the kernel reads the structure and writes nothing; a default disposition runs no code
    // of ours. It fails for SIGKILL and SIGSTOP, which have no other disposition.
    unsafe {
        let none = std::ptr::null_mut::<u64>();
        libc::syscall(
            libc::SYS_rt_sigaction,
            signal,
            default.as_ptr(),
            none,
            size_of::<u64>(),
        );
    }
}

/// Undoes [`ignore_terminal_signals`] and [`block_child_signal`] in a forked child.
///
/// # Errors
///
/// What the system says of the mask.
pub fn restore_child_signals() -> io::Result<()> {
    IGNORED
        .into_iter()
        .for_each(|signal| dispose(signal, libc::SIG_DFL));
    mask(libc::SIG_SETMASK, &[])
}

/// Ignores what a terminal, a supervisor or a broken pipe may send to the helper.
pub fn ignore_terminal_signals() {
    IGNORED
        .into_iter()
        .for_each(|signal| dispose(signal, libc::SIG_IGN));
}

/// Ignores every signal that somebody could send and that is no fault of ours: for a process that
/// stands for another one and ends only when that does. [`default_signals`] undoes it in a child.
pub fn ignore_what_is_sent() {
    (1..=HIGHEST)
        .filter(|signal| !KEPT.contains(signal))
        .for_each(|signal| dispose(signal, libc::SIG_IGN));
}

/// Blocks SIGCHLD, which is then read from a descriptor.
///
/// # Errors
///
/// What the system says of the mask.
pub fn block_child_signal() -> io::Result<()> {
    mask(libc::SIG_SETMASK, &[libc::SIGCHLD])
}

/// A descriptor that becomes readable when a child ends; SIGCHLD must be blocked.
///
/// # Errors
///
/// Where the system has no descriptor left.
pub fn child_signal_descriptor() -> io::Result<OwnedFd> {
    // SAFETY: the set is initialized by `sigemptyset`; -1 asks for a new descriptor.
    let raw = unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, libc::SIGCHLD);
        libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK)
    };
    check(i64::from(raw))?;
    // SAFETY: the kernel has just made this descriptor for us alone.
    Ok(unsafe { OwnedFd::from_raw_fd(raw) })
}

/// Dies of a signal, as a program that was ended by it: for wrappers that pass an end on.
///
/// Writes no core file of its own. Returns only where the signal does not end a process.
pub fn die_of(signal: i32) {
    let none = rustix::process::Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
    dispose(signal, libc::SIG_DFL);
    let _ = mask(libc::SIG_UNBLOCK, &[signal]);
    // SAFETY: a system call with two numbers, to ourselves.
    unsafe { libc::kill(libc::getpid(), signal) };
}

/// The signal that stops a process and cannot be caught.
pub const STOP: i32 = libc::SIGSTOP;

/// The signal by which a terminal asks a process to stop.
pub const TERMINAL_STOP: i32 = libc::SIGTSTP;

/// The signal that wakes up a stopped process.
pub const CONTINUE: i32 = libc::SIGCONT;

/// Whether this process ignores a signal, as `nohup` and shells have their children do.
#[must_use]
pub fn is_ignored(signal: i32) -> bool {
    // SAFETY: without a new action the call only writes the present one to `now`.
    unsafe {
        let mut now: libc::sigaction = std::mem::zeroed();
        let answer = libc::sigaction(signal, std::ptr::null(), &raw mut now);
        answer == 0 && now.sa_sigaction == libc::SIG_IGN
    }
}

/// Unblocks every signal and gives SIGCHLD its default: for a program that listens to signals and
/// waits for children, whatever it was started with.
///
/// # Errors
///
/// What the system says of the mask.
pub fn listen_to_signals() -> io::Result<()> {
    dispose(libc::SIGCHLD, libc::SIG_DFL);
    mask(libc::SIG_SETMASK, &[])
}

/// Stops the calling process until somebody continues it.
pub fn stop_self() {
    // SAFETY: a system call with two numbers, to ourselves.
    unsafe { libc::kill(libc::getpid(), libc::SIGSTOP) };
}

/// Empties a descriptor of [`child_signal_descriptor`], so that it is not ready until the next end.
pub fn drain_child_signals(descriptor: BorrowedFd<'_>) {
    let mut buffer = [0_u8; 1024];
    while rustix::io::read(descriptor, &mut buffer).is_ok_and(|length| length > 0) {}
}

//! Signals: to children that were not reaped, and the state that a child starts with.

use super::Pid;
use std::io;

/// The highest signal number (`NSIG` - 1 of `sys/signal.h`).
const HIGHEST: i32 = 31;

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
const KEPT: [i32; 10] = [
    libc::SIGILL,
    libc::SIGTRAP,
    libc::SIGABRT,
    libc::SIGEMT,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGSEGV,
    libc::SIGSYS,
    libc::SIGCHLD,
    libc::SIGCONT,
];

fn check(answer: i32) -> io::Result<()> {
    if answer == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// Signals a process by pid: only for children that the caller has not yet waited for.
///
/// # Errors
///
/// `ESRCH` where it has ended, `EPERM` where it is not ours to signal.
pub fn signal_process(pid: Pid, signal: i32) -> io::Result<()> {
    // SAFETY: a system call with two numbers; `Pid` is neither a group nor everything.
    check(unsafe { libc::kill(pid.get(), signal) })
}

/// Signals a process group by its leader: only while the leader is known to be unreaped.
///
/// # Errors
///
/// `ESRCH` where the group is empty; `EPERM` where no member is ours to signal, or every one that is
/// left has ended.
pub fn signal_group(leader: Pid, signal: i32) -> io::Result<()> {
    // SAFETY: a system call with two numbers; `Pid` is above 1, so never our own group or all.
    check(unsafe { libc::killpg(leader.get(), signal) })
}

fn dispose(signal: i32, how: libc::sighandler_t) {
    // SAFETY: only the two constant dispositions are passed, never a function. It fails for
    // SIGKILL and SIGSTOP, which have no other disposition.
    unsafe { libc::signal(signal, how) };
}

/// Gives a signal its default disposition.
pub(super) fn reset(signal: i32) {
    dispose(signal, libc::SIG_DFL);
}

pub(super) fn mask(how: i32, signals: &[i32]) -> io::Result<()> {
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
    (1..=HIGHEST).for_each(|signal| dispose(signal, libc::SIG_DFL));
    mask(libc::SIG_SETMASK, &[])
}

/// Undoes [`ignore_terminal_signals`] in a forked child.
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

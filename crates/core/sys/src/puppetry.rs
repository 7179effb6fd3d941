//! What a puppet needs to build a hostile tree: forks, traces, signal answers, closed descriptors.
//!
//! Tests need processes that do everything a well-behaved program would not, and `unsafe` code lives
//! in this crate only, so these few calls are here, behind the feature `puppetry`. No shipped crate
//! may enable it. What must stay true: puppets have one thread (`fork` checks it), and no puppet
//! keeps an owned descriptor across `close_everything` or `close_descriptor`.

use std::ffi::{CString, OsStr, OsString};
use std::io;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rustix::process::Pid;

/// Which side of a fork this is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fork {
    /// The process that forked, with the child's id.
    Parent(Pid),
    /// The new process.
    Child,
}

/// The signals std takes or ignores before `main`, and whether each was ignored when we were started.
static AT_START: [(i32, AtomicBool); 3] = [
    (libc::SIGPIPE, AtomicBool::new(false)),
    (libc::SIGSEGV, AtomicBool::new(false)),
    (libc::SIGBUS, AtomicBool::new(false)),
];

/// One bit per signal that came and has not been taken by `wait_for_signals`.
static CAUGHT: AtomicU64 = AtomicU64::new(0);

// SAFETY: the section holds pointers to functions that libc calls before `main` on the only thread
// there is; `note_dispositions` only asks the kernel and stores into atomics.
#[used]
#[unsafe(link_section = ".init_array")]
static NOTE_DISPOSITIONS: extern "C" fn() = note_dispositions;

extern "C" fn note_dispositions() {
    for (signal, ignored) in &AT_START {
        let mut old = MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: a null new action only asks; `old` is valid for writing one sigaction, and all
        // zeroes is a valid value of it should the call fail.
        let handler = unsafe {
            libc::sigaction(*signal, ptr::null(), old.as_mut_ptr());
            old.assume_init().sa_sigaction
        };
        ignored.store(handler == libc::SIG_IGN, Ordering::Relaxed);
    }
}

fn check(result: i32) -> io::Result<i32> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

fn fork_result(pid: i32) -> io::Result<Fork> {
    Ok(Pid::from_raw(check(pid)?).map_or(Fork::Child, Fork::Parent))
}

/// Refuses when this process has more than one thread: a fork would then copy held locks.
fn check_alone() -> io::Result<()> {
    // SAFETY: with CLONE_THREAD alone unshare changes nothing: it succeeds with a single thread and
    // fails with EINVAL otherwise (unshare(2)).
    let alone = unsafe { libc::unshare(libc::CLONE_THREAD) };
    let refused = alone < 0 && io::Error::last_os_error().raw_os_error() == Some(libc::EINVAL);
    if refused {
        Err(io::Error::other(
            "a puppet forks only while it has one thread",
        ))
    } else {
        Ok(())
    }
}

/// Undoes what std did to SIGPIPE, SIGSEGV and SIGBUS before `main`, so that a puppet shows (and
/// hands on) exactly the signal state that it was started with.
pub fn restore_inherited_dispositions() {
    for (signal, ignored) in &AT_START {
        let action = if ignored.load(Ordering::Relaxed) {
            libc::SIG_IGN
        } else {
            libc::SIG_DFL
        };
        // SAFETY: ignoring or defaulting a signal runs no code of ours.
        unsafe { libc::signal(*signal, action) };
    }
}

/// Forks.
///
/// # Errors
/// When this process has several threads, or as fork(2).
pub fn fork() -> io::Result<Fork> {
    check_alone()?;
    // SAFETY: there is one thread, so the copy has no lock held by a thread that it lacks.
    fork_result(unsafe { libc::fork() })
}

/// Forks like [`fork`], but the parent stays in state D until the child has ended or executed.
///
/// The kernel's CLONE_VFORK without CLONE_VM: memory is copied, so the child may run anything.
///
/// # Errors
/// When this process has several threads, or as clone(2).
pub fn fork_and_hang() -> io::Result<Fork> {
    check_alone()?;
    let flags = libc::c_long::from(libc::CLONE_VFORK | libc::SIGCHLD);
    // SAFETY: without CLONE_VM and with a null stack this is fork(2) for the caller's memory; there
    // is one thread, so no lock is held by a thread that the copy lacks.
    let pid = unsafe { libc::syscall(libc::SYS_clone, flags, 0_usize, 0_usize, 0_usize, 0_usize) };
    fork_result(i32::try_from(pid).expect("the kernel gives pids and -1 as int"))
}

/// Forks and exits for ever, each link living `pause_micros` microseconds, so that no pid stays.
///
/// A pause matters where orphans are reaped late: at full speed a chain fills the pid table.
pub fn fork_chain(pause_micros: u32) -> ! {
    let pause = libc::timespec {
        tv_sec: libc::time_t::from(pause_micros / 1_000_000),
        tv_nsec: libc::c_long::from(pause_micros % 1_000_000) * 1_000,
    };
    loop {
        // SAFETY: the child runs only this loop, which touches neither the heap nor any lock;
        // `pause` outlives the call and a null remainder is allowed.
        unsafe {
            if libc::fork() > 0 {
                libc::_exit(0);
            }
            if pause_micros > 0 {
                libc::nanosleep(&raw const pause, ptr::null_mut());
            }
        }
    }
}

/// Asks to be traced by the parent; the next signal stops this process until the parent lets it go.
///
/// # Errors
/// As ptrace(2).
pub fn trace_me() -> io::Result<()> {
    // SAFETY: PTRACE_TRACEME takes no pointers.
    check(unsafe {
        libc::ptrace(
            libc::PTRACE_TRACEME,
            0,
            ptr::null_mut::<u8>(),
            ptr::null_mut::<u8>(),
        )
    } as i32)
    .map(drop)
}

/// Traces `pid` and waits until it is stopped.
///
/// # Errors
/// As ptrace(2) and waitpid(2).
pub fn attach(pid: Pid) -> io::Result<()> {
    let pid = pid.as_raw_pid();
    // SAFETY: PTRACE_ATTACH ignores both pointers.
    check(unsafe {
        libc::ptrace(
            libc::PTRACE_ATTACH,
            pid,
            ptr::null_mut::<u8>(),
            ptr::null_mut::<u8>(),
        )
    } as i32)?;
    // SAFETY: a null status is allowed.
    check(unsafe { libc::waitpid(pid, ptr::null_mut(), libc::__WALL) }).map(drop)
}

/// Leaves for a new user namespace; children made from now on live in a new PID namespace.
///
/// # Errors
/// As unshare(2): systems may refuse user namespaces to ordinary users.
pub fn enter_new_namespaces() -> io::Result<()> {
    // SAFETY: no CLONE_FILES or CLONE_VM, so no descriptor or memory that others rely on changes.
    check(unsafe { libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWPID) }).map(drop)
}

extern "C" fn note_signal(signal: i32) {
    CAUGHT.fetch_or(bit(signal), Ordering::SeqCst);
}

fn bit(signal: i32) -> u64 {
    1 << (signal - 1)
}

/// Catches `signal` from now on; [`wait_for_signals`] tells of it.
///
/// # Errors
/// As sigaction(2).
pub fn catch(signal: i32) -> io::Result<()> {
    set_action(signal, note_signal as *const () as libc::sighandler_t)
}

/// Ignores `signal` from now on, across exec too.
///
/// # Errors
/// As sigaction(2): SIGKILL and SIGSTOP cannot be ignored.
pub fn ignore(signal: i32) -> io::Result<()> {
    // The kernel's own structure: the handler comes first, and zero is right for all else. The C
    // library would refuse 32 and 33, which a host can hand on ignored all the same.
    let action = [libc::SIG_IGN as u64, 0, 0, 0];
    // SAFETY: the structure is as long as the kernel's, and ignoring a signal runs no code.
    let answer = unsafe {
        let none = ptr::null_mut::<u64>();
        libc::syscall(
            libc::SYS_rt_sigaction,
            signal,
            action.as_ptr(),
            none,
            MASK_BYTES,
        )
    };
    check(i32::try_from(answer).expect("the kernel gives 0 and -1")).map(drop)
}

/// The size of the kernel's signal mask.
const MASK_BYTES: usize = size_of::<u64>();

/// Gives `signal` its default action and lets it through the mask.
///
/// # Errors
/// As sigaction(2) and sigprocmask(2).
pub fn let_act(signal: i32) -> io::Result<()> {
    if signal != libc::SIGKILL && signal != libc::SIGSTOP {
        set_action(signal, libc::SIG_DFL)?;
    }
    change_mask(libc::SIG_UNBLOCK, bit(signal)).map(drop)
}

/// Blocks the signals whose bits (1 is signal 1) are set.
///
/// # Errors
/// As sigprocmask(2).
pub fn block(bits: u64) -> io::Result<()> {
    // Not by the C library, which leaves out its own two signals.
    // SAFETY: the mask is as long as is said; a null old mask is allowed.
    let answer = unsafe {
        let none = ptr::null_mut::<u64>();
        libc::syscall(
            libc::SYS_rt_sigprocmask,
            libc::SIG_BLOCK,
            &raw const bits,
            none,
            MASK_BYTES,
        )
    };
    check(i32::try_from(answer).expect("the kernel gives 0 and -1")).map(drop)
}

/// Sleeps without any wake-up until caught signals came, and returns their bits (1 is signal 1).
///
/// # Errors
/// As sigprocmask(2).
pub fn wait_for_signals() -> io::Result<u64> {
    // All blocked between looking and sleeping; sigsuspend opens the mask only while asleep.
    let before = change_mask(libc::SIG_BLOCK, u64::MAX)?;
    while CAUGHT.load(Ordering::SeqCst) == 0 {
        // SAFETY: `before` is a set that the kernel filled in.
        unsafe { libc::sigsuspend(&raw const before) };
    }
    let caught = CAUGHT.swap(0, Ordering::SeqCst);
    // SAFETY: `before` is a set that the kernel filled in; a null old set is allowed.
    check(unsafe { libc::sigprocmask(libc::SIG_SETMASK, &raw const before, ptr::null_mut()) })?;
    Ok(caught)
}

fn set_action(signal: i32, handler: libc::sighandler_t) -> io::Result<()> {
    // SAFETY: all zeroes is a valid sigaction (default action, empty mask, no flags).
    let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    action.sa_sigaction = handler;
    action.sa_flags = libc::SA_RESTART;
    // SAFETY: the handler is SIG_IGN, SIG_DFL or `note_signal`, which only sets an atomic; a null
    // old action is allowed.
    check(unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) }).map(drop)
}

fn change_mask(how: i32, bits: u64) -> io::Result<libc::sigset_t> {
    let mut set = MaybeUninit::<libc::sigset_t>::zeroed();
    let mut before = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: both sets are valid for writing, all zeroes is a valid sigset_t, and sigaddset refuses
    // numbers that it does not know.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for signal in (1..=64).filter(|signal| bits & bit(*signal) != 0) {
            libc::sigaddset(set.as_mut_ptr(), signal);
        }
        check(libc::sigprocmask(how, set.as_ptr(), before.as_mut_ptr()))?;
        Ok(before.assume_init())
    }
}

/// Closes every descriptor of this process, the standard three included.
///
/// The caller must own no descriptor any more (dropping one afterwards would close a stranger).
///
/// # Errors
/// As close_range(2), which came with Linux 5.9.
pub fn close_everything() -> io::Result<()> {
    // SAFETY: close_range takes no pointers; that nothing owned is closed is the caller's promise
    // above, and breaking it cannot touch memory.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, 0_u32, u32::MAX, 0_u32) };
    if closed < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// Closes one descriptor by its number, under the same promise as [`close_everything`].
///
/// # Errors
/// As close(2).
pub fn close_descriptor(number: i32) -> io::Result<()> {
    // SAFETY: close takes no pointers; see `close_everything` for the promise.
    check(unsafe { libc::close(number) }).map(drop)
}

/// Writes all of `bytes` to the descriptor with this number.
///
/// # Errors
/// As write(2).
pub fn write_descriptor(number: i32, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        // SAFETY: pointer and length are of one live slice.
        let wrote = unsafe { libc::write(number, bytes.as_ptr().cast(), bytes.len()) };
        let wrote = usize::try_from(wrote).map_err(|_| io::Error::last_os_error())?;
        bytes = &bytes[wrote..];
    }
    Ok(())
}

/// Becomes another program, keeping mask and dispositions as they are (std's `exec` resets both).
///
/// `program` is looked up in PATH when it has no slash. Returns only on failure.
pub fn execute(program: &OsStr, argv: &[OsString], keep_environment: bool) -> io::Error {
    let c_string = |word: &OsStr| CString::new(word.as_bytes()).map_err(io::Error::other);
    let words = argv
        .iter()
        .map(|word| c_string(word))
        .collect::<io::Result<Vec<_>>>();
    let (program, words) = match (c_string(program), words) {
        (Ok(program), Ok(words)) => (program, words),
        (Err(error), _) | (_, Err(error)) => return error,
    };
    let mut pointers: Vec<_> = words.iter().map(|word| word.as_ptr()).collect();
    pointers.push(ptr::null());
    let empty = [ptr::null()];
    // SAFETY: both arrays end with a null pointer and all strings live until the call returns.
    unsafe {
        if keep_environment {
            libc::execvp(program.as_ptr(), pointers.as_ptr());
        } else {
            libc::execve(program.as_ptr(), pointers.as_ptr(), empty.as_ptr());
        }
    }
    io::Error::last_os_error()
}

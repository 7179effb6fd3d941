//! The table of processes, by `libproc` and `sysctl(3)`.
//!
//! What must stay true: nothing here is believed for longer than it takes to use it. A number may be a
//! stranger's a moment later, so an [`Entry`] has the kernel's own unique number too, and whoever
//! signals asks for it again right before.

use crate::child::Pid;
use crate::tree::environment_mark;
use crate::tree::lineage::{Entry, Table};
use std::ffi::c_void;
use std::io;

/// `SZOMB` of `sys/proc.h`.
const ZOMBIE: u32 = 5;

/// The argument by which `proc_pidinfo` answers for zombies too (`findzomb` in XNU's `proc_info.c`).
const ZOMBIES_TOO: u64 = 1;

/// `PROC_PIDUNIQIDENTIFIERINFO` of XNU's `proc_info_private.h`. It is no public interface; where it is
/// not served, [`Table::name_by_birth`] makes up for it.
const UNIQUE_NUMBERS: i32 = 17;

/// `struct proc_uniqidentifierinfo` of the same header.
#[repr(C)]
#[derive(Clone, Copy)]
struct UniqueNumbers {
    executable: [u8; 16],
    unique: u64,
    parent: u64,
    versions: [i32; 2],
    reserved: [u64; 2],
}

const _: () = assert!(size_of::<UniqueNumbers>() == 56);

/// A plain structure that the system fills in.
///
/// # Safety
///
/// Zeroes, and whatever the system writes, must be good values of it.
pub(crate) unsafe trait Answer: Copy {
    /// The number of the question.
    const FLAVOR: i32;
}

// SAFETY: plain numbers.
unsafe impl Answer for libc::proc_bsdinfo {
    const FLAVOR: i32 = libc::PROC_PIDTBSDINFO;
}

// SAFETY: plain numbers.
unsafe impl Answer for libc::proc_bsdshortinfo {
    const FLAVOR: i32 = libc::PROC_PIDT_SHORTBSDINFO;
}

// SAFETY: plain numbers.
unsafe impl Answer for libc::proc_taskinfo {
    const FLAVOR: i32 = libc::PROC_PIDTASKINFO;
}

// SAFETY: plain numbers.
unsafe impl Answer for UniqueNumbers {
    const FLAVOR: i32 = UNIQUE_NUMBERS;
}

/// Asks about one process.
pub(crate) fn ask<T: Answer>(pid: i32) -> io::Result<T> {
    let size = i32::try_from(size_of::<T>()).map_err(io::Error::other)?;
    // SAFETY: zeroes are a good value, as the trait says.
    let mut answer: T = unsafe { std::mem::zeroed() };
    // SAFETY: the system writes at most as many bytes as the structure has.
    let written = unsafe {
        let place = (&raw mut answer).cast::<c_void>();
        libc::proc_pidinfo(pid, T::FLAVOR, ZOMBIES_TOO, place, size)
    };
    if written == size {
        Ok(answer)
    } else {
        Err(io::Error::last_os_error())
    }
}

/// How many threads this process has.
///
/// # Errors
///
/// What `proc_pidinfo` says.
pub(crate) fn own_threads() -> io::Result<usize> {
    let pid = std::process::id().cast_signed();
    let about: libc::proc_taskinfo = ask(pid)?;
    usize::try_from(about.pti_threadnum).map_err(io::Error::other)
}

/// What is known of one process.
///
/// # Errors
///
/// `ESRCH` where there is none; `EPERM` where we may not look.
pub fn entry(pid: i32) -> io::Result<Entry> {
    let entry = match ask::<libc::proc_bsdinfo>(pid) {
        Ok(about) => Entry {
            pid,
            parent: about.pbi_ppid.cast_signed(),
            group: about.pbi_pgid.cast_signed(),
            session: 0,
            user: about.pbi_uid,
            started: about.pbi_start_tvsec * 1_000_000 + about.pbi_start_tvusec,
            unique: 0,
            parent_unique: 0,
            zombie: about.pbi_status == ZOMBIE,
        },
        // Another user's: the time of its birth is not for us.
        Err(error) if error.raw_os_error() == Some(libc::EPERM) => {
            let about: libc::proc_bsdshortinfo = ask(pid)?;
            Entry {
                pid,
                parent: about.pbsi_ppid.cast_signed(),
                group: about.pbsi_pgid.cast_signed(),
                session: 0,
                user: about.pbsi_uid,
                started: 0,
                unique: 0,
                parent_unique: 0,
                zombie: about.pbsi_status == ZOMBIE,
            }
        }
        Err(error) => return Err(error),
    };
    let numbers = ask::<UniqueNumbers>(pid);
    let (unique, parent_unique) = numbers.map_or((0, 0), |found| (found.unique, found.parent));
    Ok(Entry {
        session: session(pid),
        unique,
        parent_unique,
        ..entry
    })
}

/// The session of a process; 0, which none has, where there is none.
pub(crate) fn session(pid: i32) -> i32 {
    // SAFETY: a call with one number.
    unsafe { libc::getsid(pid) }.max(0)
}

/// All processes that we may look at.
///
/// # Errors
///
/// Where the list cannot be had.
pub fn table() -> io::Result<Table> {
    let mut table = Table {
        entries: Vec::with_capacity(512),
        whole: true,
    };
    for pid in all()? {
        match entry(pid) {
            Ok(entry) => table.entries.push(entry),
            Err(error) => table.whole &= error.raw_os_error() != Some(libc::ESRCH),
        }
    }
    table.name_by_birth();
    Ok(table)
}

/// Sends a signal to exactly this process, where its number is still its own.
///
/// There is no pidfd: between the question and the signal lies a system call, in which the process would have to
/// end, be reaped, and its number come round again through all others.
///
/// # Errors
///
/// `ESRCH` where it has ended, `EPERM` where it is not ours to signal.
pub fn signal(target: &Entry, signal: i32) -> io::Result<()> {
    let gone = || io::Error::from_raw_os_error(libc::ESRCH);
    if !is_same(target) {
        return Err(gone());
    }
    let pid = Pid::new(target.pid).ok_or_else(gone)?;
    crate::child::signal_process(pid, signal)
}

/// Whether this process is still there, alive or not reaped.
#[must_use]
pub fn is_same(known: &Entry) -> bool {
    match ask::<UniqueNumbers>(known.pid) {
        Ok(now) => now.unique == known.unique,
        Err(_) => entry(known.pid).is_ok_and(|now| now.started == known.started),
    }
}

pub(crate) fn all() -> io::Result<Vec<i32>> {
    listed(|place, size| {
        // SAFETY: the system writes at most `size` bytes.
        unsafe { libc::proc_listallpids(place, size) }
    })
}

/// Calls until the list fits with room to spare: one that fills its place may have been cut.
fn listed(list: impl Fn(*mut c_void, i32) -> i32) -> io::Result<Vec<i32>> {
    let mut pids = vec![0_i32; 1024];
    loop {
        let size = i32::try_from(size_of_val(&pids[..])).map_err(io::Error::other)?;
        let count = list(pids.as_mut_ptr().cast(), size);
        let Ok(count) = usize::try_from(count) else {
            return Err(io::Error::last_os_error());
        };
        if count < pids.len() {
            pids.truncate(count);
            pids.retain(|pid| *pid > 0);
            return Ok(pids);
        }
        pids.resize(pids.len() * 2, 0);
    }
}

/// All marks of a process; none also where we may not look: another user's process, or a protected
/// program, of which the kernel shows the arguments only.
#[must_use]
pub fn marks(pid: i32) -> Vec<Vec<u8>> {
    let block = arguments(pid).unwrap_or_default();
    environment_mark::marks(&block)
        .map(<[u8]>::to_vec)
        .collect()
}

/// Whose trees a process shows to hold.
pub(super) fn holds(pid: i32) -> Option<Vec<u8>> {
    let block = arguments(pid).ok()?;
    environment_mark::holds(&block).map(<[u8]>::to_vec)
}

/// The arguments and the environment of a process, as the kernel has them.
pub(crate) fn arguments(pid: i32) -> io::Result<Vec<u8>> {
    let mut name = [libc::CTL_KERN, libc::KERN_PROCARGS2, pid];
    let mut block = vec![0_u8; longest()?];
    let mut length = block.len();
    // SAFETY: the name has three numbers; the system writes at most `length` bytes and then how many
    // they were; nothing is set.
    let answer = unsafe {
        libc::sysctl(
            name.as_mut_ptr(),
            3,
            block.as_mut_ptr().cast(),
            &raw mut length,
            std::ptr::null_mut(),
            0,
        )
    };
    if answer != 0 {
        return Err(io::Error::last_os_error());
    }
    block.truncate(length);
    Ok(block)
}

/// How long such a block can be.
fn longest() -> io::Result<usize> {
    // SAFETY: a call with one number.
    let most = unsafe { libc::sysconf(libc::_SC_ARG_MAX) };
    usize::try_from(most).map_err(|_| io::Error::last_os_error())
}

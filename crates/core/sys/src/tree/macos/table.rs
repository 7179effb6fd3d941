//! The table of processes, by `libproc` and `sysctl(3)`.
//!
//! What must stay true: nothing here is believed for longer than it takes to use it. A number may be a
//! stranger's a moment later, so an [`Entry`] has the time of birth too, and whoever signals asks for
//! it again right before.

use crate::tree::environment_mark;
use std::collections::BTreeSet;
use std::ffi::c_void;
use std::io;

/// What the system says of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub pid: i32,
    /// Its parent.
    pub parent: i32,
    /// Its group.
    pub group: i32,
    /// Its effective user.
    pub user: u32,
    /// When it began, in microseconds since 1970.
    pub started: u64,
    /// Whether it has ended and nobody has taken its status.
    pub zombie: bool,
}

/// `SZOMB` of `sys/proc.h`.
const ZOMBIE: u32 = 5;

/// What is known of one process; `None` where there is none, or where we may not look.
#[must_use]
pub fn entry(pid: i32) -> Option<Entry> {
    // SAFETY: the structure is plain numbers, for which zeroes are good values.
    let mut about: libc::proc_bsdinfo = unsafe { std::mem::zeroed() };
    let size = i32::try_from(size_of::<libc::proc_bsdinfo>()).ok()?;
    // SAFETY: the system writes at most as many bytes as the structure has.
    let written = unsafe {
        let place = (&raw mut about).cast::<c_void>();
        libc::proc_pidinfo(pid, libc::PROC_PIDTBSDINFO, 0, place, size)
    };
    if written != size {
        return None;
    }
    Some(Entry {
        pid,
        parent: about.pbi_ppid.cast_signed(),
        group: about.pbi_pgid.cast_signed(),
        user: about.pbi_uid,
        started: about.pbi_start_tvsec * 1_000_000 + about.pbi_start_tvusec,
        zombie: about.pbi_status == ZOMBIE,
    })
}

/// The children of a process.
///
/// # Errors
///
/// What `proc_listchildpids` says.
pub fn children(pid: i32) -> io::Result<Vec<i32>> {
    listed(|place, size| {
        // SAFETY: the system writes at most `size` bytes, or none where there is no place.
        unsafe { libc::proc_listchildpids(pid, place, size) }
    })
}

/// The members of a group, those included that have ended and were not reaped.
///
/// # Errors
///
/// What `proc_listpgrppids` says.
pub fn group(leader: i32) -> io::Result<Vec<i32>> {
    listed(|place, size| {
        // SAFETY: as in `children`.
        unsafe { libc::proc_listpgrppids(leader, place, size) }
    })
}

fn all() -> io::Result<Vec<i32>> {
    listed(|place, size| {
        // SAFETY: as in `children`.
        unsafe { libc::proc_listallpids(place, size) }
    })
}

/// Calls until the list fits with room to spare: one that fills its place may have been cut.
fn listed(list: impl Fn(*mut c_void, i32) -> i32) -> io::Result<Vec<i32>> {
    let mut pids = vec![0_i32; 256];
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

/// Whether the environment with which a process executed its program has this variable.
///
/// `false` also where we may not look: another user's process, or a protected one.
#[must_use]
pub fn is_marked(pid: i32, variable: &[u8]) -> bool {
    arguments(pid).is_ok_and(|block| environment_mark::is_in(&block, variable))
}

/// The arguments and the environment of a process, as the kernel has them.
fn arguments(pid: i32) -> io::Result<Vec<u8>> {
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

/// The live members of a tree: everything below these processes, and whatever of our own user carries
/// the mark, with everything below that. Look again until nobody new appears.
///
/// # Errors
///
/// Where the table cannot be read.
pub fn of_tree(roots: &[i32], variable: &[u8]) -> io::Result<Vec<Entry>> {
    // SAFETY: a call without arguments.
    let user = unsafe { libc::geteuid() };
    let table: Vec<Entry> = all()?.into_iter().filter_map(entry).collect();
    let marked = table
        .iter()
        .filter(|entry| entry.user == user && is_marked(entry.pid, variable));
    let mut members: BTreeSet<i32> = roots.iter().copied().collect();
    members.extend(marked.map(|entry| entry.pid));
    loop {
        let below = table.iter().filter(|entry| members.contains(&entry.parent));
        let more: Vec<i32> = below
            .map(|entry| entry.pid)
            .filter(|pid| !members.contains(pid))
            .collect();
        if more.is_empty() {
            break;
        }
        members.extend(more);
    }
    let is_member = |entry: &Entry| members.contains(&entry.pid) && !entry.zombie;
    Ok(table.into_iter().filter(is_member).collect())
}

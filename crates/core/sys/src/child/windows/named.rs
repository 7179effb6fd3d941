//! What a handle of a process or of a thread names, under the names that other systems have for it.

use super::calls::check;
use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use windows_sys::Win32::Foundation::{
    DUPLICATE_SAME_ACCESS, DuplicateHandle, FALSE, HANDLE, WAIT_OBJECT_0,
};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetCurrentThread, GetProcessId, GetProcessIdOfThread, INFINITE,
    WaitForSingleObject,
};

/// The number of the process behind a handle, or of the process whose thread is.
///
/// # Errors
///
/// What the system says of a handle of something else.
pub fn pid_behind(handle: BorrowedHandle<'_>) -> io::Result<Option<i32>> {
    // SAFETY: the handle is borrowed, so it is open; of another kind of thing the answer is 0.
    let pid = unsafe {
        match GetProcessId(handle.as_raw_handle()) {
            0 => GetProcessIdOfThread(handle.as_raw_handle()),
            pid => pid,
        }
    };
    match pid {
        0 => Err(io::Error::last_os_error()),
        pid => Ok(Some(pid.cast_signed())),
    }
}

/// Nothing is left of a process that has ended but the handles of it. It is here under the name of what
/// others must do.
///
/// # Errors
///
/// None.
pub fn reap_pidfd(_: BorrowedHandle<'_>) -> io::Result<()> {
    Ok(())
}

/// A handle of the thread that calls, which others may wait for.
///
/// # Errors
///
/// Where the system has no handle left.
pub fn this_thread() -> io::Result<OwnedHandle> {
    let mut copy: HANDLE = std::ptr::null_mut();
    // SAFETY: the pseudo handles need no closing; the system writes one handle.
    check(unsafe {
        let own = GetCurrentProcess();
        let thread = GetCurrentThread();
        DuplicateHandle(
            own,
            thread,
            own,
            &raw mut copy,
            0,
            FALSE,
            DUPLICATE_SAME_ACCESS,
        )
    })?;
    // SAFETY: the system has just made this handle for us alone.
    Ok(unsafe { OwnedHandle::from_raw_handle(copy) })
}

/// Blocks until a process or a thread has ended.
#[cfg(feature = "async")]
pub(crate) fn wait_for(handle: BorrowedHandle<'_>) -> io::Result<()> {
    // SAFETY: the handle is borrowed, so it is open.
    match unsafe { WaitForSingleObject(handle.as_raw_handle(), INFINITE) } {
        WAIT_OBJECT_0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Limits on resources, by the numbers that requests have: those of Linux.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
#[expect(missing_docs, reason = "the names of setrlimit(2)")]
pub enum Resource {
    Cpu = 0,
    Fsize = 1,
    Data = 2,
    Stack = 3,
    Core = 4,
    Rss = 5,
    Nproc = 6,
    Nofile = 7,
    Memlock = 8,
    As = 9,
    Locks = 10,
    Sigpending = 11,
    Msgqueue = 12,
    Nice = 13,
    Rtprio = 14,
    Rttime = 15,
}

/// The number by which the system says that a file is no program (`ERROR_BAD_EXE_FORMAT`).
pub const NOT_A_PROGRAM: i32 = 193;

/// The number by which requests say that who is stopped is to go on. Nobody is stopped here, so no process
/// is ever sent it.
pub const CONTINUE: i32 = 18;

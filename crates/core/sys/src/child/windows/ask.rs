//! Asking programs to end: an event of their console, or the closing of their windows.
//!
//! Windows has no signals. A console program hears Ctrl-Break through its console, which only who is
//! attached to that console can send; and a process is attached to one console at most. So the first
//! call is for a small helper that has none of its own, never for a host.

use super::calls::check;
use std::io;
use windows_sys::Win32::Foundation::{HWND, LPARAM, TRUE};
use windows_sys::Win32::System::Console::{
    AttachConsole, CTRL_BREAK_EVENT, FreeConsole, GenerateConsoleCtrlEvent,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    EnumWindows, GetWindowThreadProcessId, PostMessageW, WM_CLOSE,
};
use windows_sys::core::BOOL;

/// Sends Ctrl-Break to the group that a process leads, on its own console.
///
/// For a process that has no console: it is attached to the other's for the time of the call.
///
/// # Errors
///
/// What `AttachConsole` says, where the other has no console or we have one; what
/// `GenerateConsoleCtrlEvent` says.
pub fn break_group(leader: u32) -> io::Result<()> {
    // SAFETY: a call with one number.
    check(unsafe { AttachConsole(leader) })?;
    // SAFETY: a call with two numbers; we are no member of that group.
    let sent = check(unsafe { GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, leader) });
    // SAFETY: we are attached to a console that is not ours, and nothing here holds a handle of it.
    check(unsafe { FreeConsole() })?;
    sent
}

/// Asks the windows of these processes to close, and answers how many there were.
///
/// # Errors
///
/// What `EnumWindows` says.
pub fn close_windows(pids: &[u32]) -> io::Result<usize> {
    let mut search = Search { pids, asked: 0 };
    // SAFETY: the function is called during this call only, with the pointer to what lives here.
    let answer = unsafe { EnumWindows(Some(close), std::ptr::from_mut(&mut search) as LPARAM) };
    check(answer)?;
    Ok(search.asked)
}

struct Search<'a> {
    pids: &'a [u32],
    asked: usize,
}

/// # Safety
///
/// `search` is the pointer that [`close_windows`] gave to the system.
unsafe extern "system" fn close(window: HWND, search: LPARAM) -> BOOL {
    // SAFETY: as the head says; nobody else uses it meanwhile, for the caller waits.
    let search = unsafe { &mut *(search as *mut Search<'_>) };
    let mut pid = 0;
    // SAFETY: the window was given by the system; one that is gone by now makes both calls fail.
    unsafe {
        GetWindowThreadProcessId(window, &raw mut pid);
        if search.pids.contains(&pid) && PostMessageW(window, WM_CLOSE, 0, 0) != 0 {
            search.asked += 1;
        }
    }
    TRUE
}

//! The code page of a console: how the bytes of programs that write bytes are read.

use crate::child::calls::check;
use std::io;
use windows_sys::Win32::Globalization::CP_UTF8;
use windows_sys::Win32::System::Console::{
    AttachConsole, FreeConsole, SetConsoleCP, SetConsoleOutputCP,
};

/// The number of the code page that is UTF-8.
pub const UTF_8: u32 = CP_UTF8;

/// Has the console of a process read and write bytes as UTF-8, whatever the system's default is.
///
/// For a process that has no console: it is attached to the other's for the time of the call.
///
/// # Errors
///
/// What `AttachConsole` says, where the other has no console or we have one; what the two calls for
/// the code pages say.
pub fn speak_utf8(member: u32) -> io::Result<()> {
    // SAFETY: a call with one number.
    check(unsafe { AttachConsole(member) })?;
    // SAFETY: a call with one number.
    let read = check(unsafe { SetConsoleCP(UTF_8) });
    // SAFETY: a call with one number.
    let written = check(unsafe { SetConsoleOutputCP(UTF_8) });
    // SAFETY: we are attached to a console that is not ours, and nothing here holds a handle of it.
    check(unsafe { FreeConsole() })?;
    read.and(written)
}

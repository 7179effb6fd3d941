//! The side that knows the name.

use super::Connection;
use super::peer::{admit, server};
use crate::child::calls::{check, handle};
use crate::child::{milliseconds, wide};
use std::ffi::OsStr;
use std::io;
use std::os::windows::io::{AsHandle, FromRawHandle, OwnedHandle};
use std::time::{Duration, Instant};
use windows_sys::Win32::Foundation::{ERROR_PIPE_BUSY, GENERIC_READ, GENERIC_WRITE};
use windows_sys::Win32::Storage::FileSystem::{
    CreateFileW, FILE_FLAG_OVERLAPPED, OPEN_EXISTING, SECURITY_IDENTIFICATION,
    SECURITY_SQOS_PRESENT,
};
use windows_sys::Win32::System::Pipes::WaitNamedPipeW;

/// Connects to a pipe by its name: `\\.\pipe\…`. Waits at most so long where all its instances are
/// taken.
///
/// Whoever has the pipe may learn who we are and may not act as us.
///
/// # Errors
///
/// `NotFound` where nobody has that name; `TimedOut`; `PermissionDenied` where another user has it,
/// to whom nothing was said; what the system says.
pub fn connect(name: &OsStr, most: Duration) -> io::Result<Connection> {
    let name = wide(name)?;
    let end = Instant::now().checked_add(most);
    let pipe = loop {
        match open(&name) {
            Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY.cast_signed()) => {}
            done => break done?,
        }
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        // SAFETY: the name ends with a zero. Whatever it answers, the next attempt says more.
        let _ = check(unsafe { WaitNamedPipeW(name.as_ptr(), milliseconds(left).max(1)) });
    };
    let peer = admit(server(pipe.as_handle())?)?;
    Ok(Connection { pipe, peer })
}

fn open(name: &[u16]) -> io::Result<OwnedHandle> {
    // SAFETY: the name ends with a zero; no attributes, so the handle is not inherited.
    let raw = unsafe {
        CreateFileW(
            name.as_ptr(),
            GENERIC_READ | GENERIC_WRITE,
            0,
            std::ptr::null(),
            OPEN_EXISTING,
            FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION,
            std::ptr::null_mut(),
        )
    };
    // SAFETY: the system has just made this handle for us alone.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle(raw)?) })
}

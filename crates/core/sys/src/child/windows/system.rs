//! What only the system itself can say: how it compares names, and where it lies.

use std::cmp::Ordering;
use std::ffi::OsString;
use std::io;
use std::os::windows::ffi::OsStringExt;
use windows_sys::Win32::Foundation::TRUE;
use windows_sys::Win32::Globalization::{CSTR_EQUAL, CSTR_LESS_THAN, CompareStringOrdinal};
use windows_sys::Win32::System::SystemInformation::GetSystemWindowsDirectoryW;

/// Compares the names of variables as the system does.
///
/// For names of more than `i32::MAX` units, which no block can hold, it compares plainly.
#[must_use]
pub fn compare_names(one: &[u16], other: &[u16]) -> Ordering {
    let lengths = i32::try_from(one.len()).and_then(|one| Ok((one, i32::try_from(other.len())?)));
    let Ok((first, second)) = lengths else {
        return one.cmp(other);
    };
    // SAFETY: both are read for exactly their lengths, and nothing is written.
    match unsafe { CompareStringOrdinal(one.as_ptr(), first, other.as_ptr(), second, TRUE) } {
        CSTR_LESS_THAN => Ordering::Less,
        CSTR_EQUAL => Ordering::Equal,
        _ => Ordering::Greater,
    }
}

/// The folder of the system, which is the value of `SystemRoot`.
///
/// # Errors
///
/// What `GetSystemWindowsDirectoryW` says.
pub fn system_root() -> io::Result<OsString> {
    let mut path = [0_u16; 1024];
    let room = u32::try_from(path.len()).map_err(io::Error::other)?;
    // SAFETY: the system writes at most as many units as the buffer has.
    let length = unsafe { GetSystemWindowsDirectoryW(path.as_mut_ptr(), room) };
    let path = usize::try_from(length)
        .ok()
        .and_then(|length| path.get(..length));
    match path {
        Some(path) if !path.is_empty() => Ok(OsString::from_wide(path)),
        _ => Err(io::Error::last_os_error()),
    }
}

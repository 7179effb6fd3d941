//! What only the system itself can say: how it compares names, where it lies, what a process is.

use super::calls::{check, handle};
use super::process::Process;
use std::cmp::Ordering;
use std::ffi::OsString;
use std::io;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::path::PathBuf;
use windows_sys::Win32::Foundation::{FALSE, TRUE};
use windows_sys::Win32::Globalization::{CSTR_EQUAL, CSTR_LESS_THAN, CompareStringOrdinal};
use windows_sys::Win32::System::SystemInformation::GetSystemWindowsDirectoryW;
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_NAME_WIN32, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE,
    QueryFullProcessImageNameW,
};

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
pub fn system_root() -> io::Result<PathBuf> {
    let mut path = [0_u16; 1024];
    let room = u32::try_from(path.len()).map_err(io::Error::other)?;
    // SAFETY: the system writes at most as many units as the buffer has.
    let length = unsafe { GetSystemWindowsDirectoryW(path.as_mut_ptr(), room) };
    let path = usize::try_from(length)
        .ok()
        .and_then(|length| path.get(..length));
    match path {
        Some(path) if !path.is_empty() => Ok(OsString::from_wide(path).into()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// What a process is for the tree that it is listed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It has ended; it may be listed for as long as anybody has a handle of it.
    Ended,
    /// It is the host of a console. The system starts one for a program that gets a console of its own,
    /// into the program's job, where it ends after it.
    ConsoleHost,
    /// Anything else that lives.
    Program,
}

/// What the process of this number is, as far as we may look at it; who forbids it is a program.
#[must_use]
pub fn kind(pid: u32) -> Kind {
    let process = match open_process(pid) {
        Ok(process) => process,
        Err(error) if error.raw_os_error() == Some(NO_SUCH_PROCESS) => return Kind::Ended,
        Err(_) => return Kind::Program,
    };
    let host = system_root().map(|root| root.join("System32").join("conhost.exe"));
    let image = image_of(process.as_handle());
    let is_host = match (host, image) {
        (Ok(host), Ok(image)) => {
            let host: Vec<u16> = host.as_os_str().encode_wide().collect();
            compare_names(&host, &image).is_eq()
        }
        _ => false,
    };
    // Asked last: one that has ended may have no image any more.
    match process.exit_code() {
        Ok(Some(_)) => Kind::Ended,
        _ if is_host => Kind::ConsoleHost,
        _ => Kind::Program,
    }
}

/// Opens a process to look at it, and to wait for its end.
pub(crate) fn open_process(pid: u32) -> io::Result<Process> {
    // SAFETY: a call with three numbers.
    let process = handle(unsafe { OpenProcess(LOOK_AND_WAIT, FALSE, pid) })?;
    // SAFETY: the system has just made this handle for us alone.
    Ok(Process::new(
        unsafe { OwnedHandle::from_raw_handle(process) },
        pid,
    ))
}

/// What [`open_process`] must be allowed.
const LOOK_AND_WAIT: u32 = PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE;

/// `ERROR_INVALID_PARAMETER`, which `OpenProcess` answers where nobody has the number.
const NO_SUCH_PROCESS: i32 = 87;

/// The path of the file that a process runs.
pub(crate) fn image_of(process: BorrowedHandle<'_>) -> io::Result<Vec<u16>> {
    let mut path = [0_u16; 1024];
    let mut length = u32::try_from(path.len()).map_err(io::Error::other)?;
    // SAFETY: the handle is open; the system writes at most as many units as it is told.
    check(unsafe {
        let (process, path) = (process.as_raw_handle(), path.as_mut_ptr());
        QueryFullProcessImageNameW(process, PROCESS_NAME_WIN32, path, &raw mut length)
    })?;
    let length = usize::try_from(length).map_err(io::Error::other)?;
    Ok(path.get(..length).unwrap_or_default().to_vec())
}

//! Which Windows this is, whether it is Wine, and in what job we are. Told to explain; nothing is concluded from it.

use crate::child::calls::check;
use std::ffi::{CStr, c_char};
use std::io;
use windows_sys::Win32::Foundation::{FALSE, NTSTATUS};
use windows_sys::Win32::System::JobObjects::{
    IsProcessInJob, JOB_OBJECT_LIMIT_BREAKAWAY_OK, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
    JobObjectExtendedLimitInformation, QueryInformationJobObject,
};
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
use windows_sys::Win32::System::SystemInformation::OSVERSIONINFOW;
use windows_sys::Win32::System::Threading::GetCurrentProcess;

/// The first build with pseudoconsoles.
pub const FIRST_WITH_PSEUDOCONSOLES: u32 = 17_763;

/// A version of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// As in 10.0.19045.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number, which says what there is.
    pub build: u32,
}

/// A job that we are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnJob {
    /// It ends its members with its last handle.
    pub ends_its_members: bool,
    /// A member may start a program outside of it.
    pub lets_go: bool,
}

type GetVersion = unsafe extern "system" fn(*mut OSVERSIONINFOW) -> NTSTATUS;
type WineVersion = unsafe extern "C" fn() -> *const c_char;

/// The version of this system, whatever our manifest says.
///
/// # Errors
///
/// `Unsupported` where the system does not say.
pub fn version() -> io::Result<Version> {
    let size = u32::try_from(size_of::<OSVERSIONINFOW>()).map_err(io::Error::other)?;
    let mut about = OSVERSIONINFOW {
        dwOSVersionInfoSize: size,
        ..OSVERSIONINFOW::default()
    };
    // SAFETY: both names end with a zero; the library is loaded in every process for all its life.
    let found = unsafe {
        let library = GetModuleHandleW(windows_sys::w!("ntdll.dll"));
        GetProcAddress(library, windows_sys::s!("RtlGetVersion"))
    };
    let found = found.ok_or(io::ErrorKind::Unsupported)?;
    // SAFETY: the function of this name has this type; it writes one structure of the size that it is told.
    let status = unsafe {
        let get: GetVersion = std::mem::transmute(found);
        get(&raw mut about)
    };
    if status != 0 {
        return Err(io::ErrorKind::Unsupported.into());
    }
    Ok(Version {
        major: about.dwMajorVersion,
        minor: about.dwMinorVersion,
        build: about.dwBuildNumber,
    })
}

/// The version of Wine, where this is no Windows.
#[must_use]
pub fn wine() -> Option<String> {
    // SAFETY: as in `version`.
    let found = unsafe {
        let library = GetModuleHandleW(windows_sys::w!("ntdll.dll"));
        GetProcAddress(library, windows_sys::s!("wine_get_version"))
    }?;
    // SAFETY: the function of this name has this type, and answers with a text of its own that stays.
    let version = unsafe {
        let get: WineVersion = std::mem::transmute(found);
        CStr::from_ptr(get())
    };
    Some(version.to_string_lossy().into_owned())
}

/// The job that we are in; of several the innermost one.
///
/// # Errors
///
/// What the system says.
pub fn own_job() -> io::Result<Option<OwnJob>> {
    let mut inside = FALSE;
    // SAFETY: the pseudo handle is always open; without a job any is meant; the system writes one number.
    check(unsafe { IsProcessInJob(GetCurrentProcess(), std::ptr::null_mut(), &raw mut inside) })?;
    if inside == FALSE {
        return Ok(None);
    }
    let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
    let size = u32::try_from(size_of_val(&limits)).map_err(io::Error::other)?;
    // SAFETY: without a job our own is meant; the system writes one structure of this class.
    check(unsafe {
        QueryInformationJobObject(
            std::ptr::null_mut(),
            JobObjectExtendedLimitInformation,
            (&raw mut limits).cast(),
            size,
            std::ptr::null_mut(),
        )
    })?;
    let flags = limits.BasicLimitInformation.LimitFlags;
    let lets = JOB_OBJECT_LIMIT_BREAKAWAY_OK | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;
    Ok(Some(OwnJob {
        ends_its_members: flags & JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE != 0,
        lets_go: flags & lets != 0,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_says_what_it_is() {
        assert!(version().unwrap().major >= 6);
        assert_eq!(wine().is_some(), crate::wine::is_here());
        own_job().unwrap();
    }
}

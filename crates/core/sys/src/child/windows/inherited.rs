//! The three streams of a child, and that nothing else gets into it.
//!
//! A handle is inherited if it is marked so *and* the list of the start names it. Ours are never
//! marked: for each start they are duplicated, and the duplicates are closed right after. A start by
//! somebody else in this process at that very instant, by `CreateProcessW` with inheritance and
//! without a list, gets them as well: Windows has no lock for that.

use super::calls::{check, made};
use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use windows_sys::Win32::Foundation::{DUPLICATE_SAME_ACCESS, DuplicateHandle, HANDLE, TRUE};
use windows_sys::Win32::System::Pipes::CreatePipe;
use windows_sys::Win32::System::Threading::GetCurrentProcess;

/// Duplicates that a child inherits; dropping them closes ours.
#[derive(Debug)]
pub(super) struct Inherited {
    /// Input, output, error output.
    streams: Vec<OwnedHandle>,
}

impl Inherited {
    /// Duplicates three streams; one that is not given is the null device.
    pub(super) fn new(given: &[Option<BorrowedHandle<'_>>; 3]) -> io::Result<Inherited> {
        let mut streams = Vec::with_capacity(given.len());
        for stream in given {
            let stream = match stream {
                Some(stream) => inheritable(*stream)?,
                None => inheritable(std::os::windows::io::AsHandle::as_handle(&null()?))?,
            };
            streams.push(stream);
        }
        Ok(Inherited { streams })
    }

    /// The handles, in the order of the streams.
    pub(super) fn raw(&self) -> Vec<HANDLE> {
        self.streams
            .iter()
            .map(AsRawHandle::as_raw_handle)
            .collect()
    }
}

fn null() -> io::Result<std::fs::File> {
    made("open the null device", || {
        let mut options = std::fs::OpenOptions::new();
        options.read(true).write(true).open("NUL")
    })
}

fn inheritable(handle: BorrowedHandle<'_>) -> io::Result<OwnedHandle> {
    made("DuplicateHandle", || {
        let mut copy: HANDLE = std::ptr::null_mut();
        // SAFETY: the handle is borrowed, so it is open; the process's own pseudo handle needs no
        // closing; the system writes one handle.
        let answer = unsafe {
            let own = GetCurrentProcess();
            let source = handle.as_raw_handle();
            DuplicateHandle(
                own,
                source,
                own,
                &raw mut copy,
                0,
                TRUE,
                DUPLICATE_SAME_ACCESS,
            )
        };
        check(answer)?;
        // SAFETY: the system has just made this handle for us alone.
        Ok(unsafe { OwnedHandle::from_raw_handle(copy) })
    })
}

/// A pipe, neither end inheritable: (read, write).
///
/// # Errors
///
/// Where the system has no handle or memory left.
pub fn pipe() -> io::Result<(OwnedHandle, OwnedHandle)> {
    let (mut read, mut write): (HANDLE, HANDLE) = (std::ptr::null_mut(), std::ptr::null_mut());
    // SAFETY: the system writes two handles; without attributes neither is inherited.
    check(unsafe { CreatePipe(&raw mut read, &raw mut write, std::ptr::null(), 0) })?;
    // SAFETY: the system has just made both for us alone.
    Ok(unsafe {
        (
            OwnedHandle::from_raw_handle(read),
            OwnedHandle::from_raw_handle(write),
        )
    })
}

//! Windows: a process without a console, and outside of the job that we are in, where that lets go.
//!
//! What must stay true: it inherits the null device and its output and nothing else.

use super::{Apart, Tie};
use crate::child::calls::check;
use crate::child::{detached, system_root};
use std::ffi::OsString;
use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle};
use windows_sys::Win32::Foundation::{ERROR_ACCESS_DENIED, FALSE};
use windows_sys::Win32::System::JobObjects::{
    IsProcessInJob, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
    JobObjectExtendedLimitInformation, QueryInformationJobObject,
};

/// There is no first step.
#[derive(Debug)]
pub(super) struct First;

pub(super) fn start(what: Apart<'_>) -> io::Result<(First, Option<Tie>)> {
    let what = detached::Detached::new(&what)?;
    let denied =
        |error: &io::Error| error.raw_os_error() == Some(ERROR_ACCESS_DENIED.cast_signed());
    let (child, lets_go) = match what.create(detached::Leave::Job) {
        // So it is said that the job lets nobody go; what else is denied is denied once more.
        Err(error) if denied(&error) => (what.create(detached::Leave::Nothing)?, false),
        created => (created?, true),
    };
    if !is_in_a_job(child.as_handle())? {
        return Ok((First, None));
    }
    // Of a job around ours nobody tells us; and the one that it has left is not ours to ask about any more.
    let tie = match !lets_go && own_job_ends_its_members()? {
        true => Tie::Job,
        false => Tie::UnknownJob,
    };
    Ok((First, Some(tie)))
}

fn is_in_a_job(process: BorrowedHandle<'_>) -> io::Result<bool> {
    let mut inside = FALSE;
    // SAFETY: the process is open; without a job any is meant; the system writes one number.
    check(unsafe {
        IsProcessInJob(
            process.as_raw_handle(),
            std::ptr::null_mut(),
            &raw mut inside,
        )
    })?;
    Ok(inside != FALSE)
}

/// Whether the job in which we are ends its members when it is closed.
fn own_job_ends_its_members() -> io::Result<bool> {
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
    Ok(flags & JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE != 0)
}

#[expect(
    clippy::unused_async,
    reason = "elsewhere there is something to wait for"
)]
pub(super) async fn got_away(_: First) -> io::Result<()> {
    Ok(())
}

pub(super) fn usual_path() -> OsString {
    let Ok(root) = system_root() else {
        return OsString::new();
    };
    let folders = [root.join("System32"), root];
    // No folder of the system has a separator in its name; without any path programs of the system are found.
    std::env::join_paths(folders).unwrap_or_default()
}

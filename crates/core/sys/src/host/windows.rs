//! Windows: handles, of which nobody inherits any that is not named, and processes without sessions.

use super::Parent;
use crate::child::calls::{check, handle};
use crate::child::{open_process, own_start};
use crate::descriptor::{BorrowedDescriptor, Descriptor};
use crate::local_pipe::Peer;
use std::fs::File;
use std::io;
use std::os::windows::io::{
    AsHandle, AsRawHandle, FromRawHandle, IntoRawHandle, OwnedHandle, RawHandle,
};
use std::path::PathBuf;
use std::process::Command;
use windows_sys::Win32::Foundation::{ERROR_NO_MORE_FILES, FALSE};
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, GetFileInformationByHandle,
};
use windows_sys::Win32::System::Console::{
    GetStdHandle, STD_ERROR_HANDLE, STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, SetStdHandle,
};
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
};
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_SYNCHRONIZE, PROCESS_TERMINATE, TerminateProcess,
};

/// The exit code of a process that is ended by another of its user.
const ENDED: u32 = 1;

/// What takes everything and has nothing, open both ways.
///
/// # Errors
///
/// What the system says.
pub fn null() -> io::Result<File> {
    File::options().read(true).write(true).open("NUL")
}

/// Nothing of ours gets into a program here: each inherits the handles that its start names, and no others.
///
/// # Errors
///
/// None.
pub fn lock_down() -> io::Result<()> {
    Ok(())
}

/// There are no signals whose actions could be handed down.
///
/// # Errors
///
/// None.
pub fn default_signals() -> io::Result<()> {
    Ok(())
}

/// There are no sessions of processes: who is started apart has no console, which is what one is for.
pub fn begin_session() {}

/// New files have the rights of their folder.
pub fn set_umask(_: u32) {}

/// Nothing stops a process but a debugger.
pub fn stop_self() {}

/// There is no end by signal: who is to tell of one exits with a code.
pub fn die_of(_: i32) {}

/// A handle that this process was started with, by number: the numbers of handles are the system's own, so
/// nobody can hand one down by a number of their choice.
///
/// # Errors
///
/// `Unsupported`.
pub fn handed_down_for_writing(_: i32) -> io::Result<Descriptor> {
    let why = "a handle has no number on Windows that could be chosen: give a file";
    Err(io::Error::new(io::ErrorKind::Unsupported, why))
}

/// A handle refers to one thing for as long as it is open, so it cannot be let go without being closed.
///
/// # Errors
///
/// `Unsupported`.
pub fn let_go(_: BorrowedDescriptor<'_>) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether a program that is to go on apart from who starts it takes a second step by itself: it is started apart.
pub const STARTS_IN_TWO_STEPS: bool = false;

/// Puts a copy of a handle in the place of standard stream 0, 1 or 2, and closes what was there.
///
/// # Errors
///
/// What the system says; `InvalidInput` for another number.
pub fn put_stream(number: u8, descriptor: BorrowedDescriptor<'_>) -> io::Result<()> {
    let which = match number {
        0 => STD_INPUT_HANDLE,
        1 => STD_OUTPUT_HANDLE,
        2 => STD_ERROR_HANDLE,
        _ => return Err(io::ErrorKind::InvalidInput.into()),
    };
    let copy = descriptor.try_clone_to_owned()?.into_raw_handle();
    // SAFETY: a call with one number.
    let before = unsafe { GetStdHandle(which) };
    // SAFETY: the copy is open, and is left to the process for as long as it lives.
    check(unsafe { SetStdHandle(which, copy) })?;
    let streams = [STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE];
    // SAFETY: as above, for each.
    let is_named = streams
        .map(|which| unsafe { GetStdHandle(which) })
        .contains(&before);
    if !is_named && let Ok(before) = handle(before) {
        // SAFETY: it was a stream of this process, which nothing names any more: the standard library asks for
        // the handle of a stream each time.
        drop(unsafe { OwnedHandle::from_raw_handle(before) });
    }
    Ok(())
}

/// The parent that we have now. A number is given again, and one who is younger than we are has not started us; who
/// has ended before we ask cannot be told from nobody, as on Unix.
#[must_use]
pub fn parent() -> Parent {
    let Ok(Some(pid)) = parent_id() else {
        return Parent::Unknown;
    };
    let Ok(process) = open_process(pid) else {
        return Parent::Unknown;
    };
    let (Ok(created), Ok(ours)) = (process.created(), own_start()) else {
        return Parent::Unknown;
    };
    if created > ours {
        return Parent::Unknown;
    }
    let named = process.as_handle().try_clone_to_owned();
    named.map_or(Parent::Unknown, Parent::Lives)
}

fn parent_id() -> io::Result<Option<u32>> {
    // SAFETY: a call with two numbers.
    let all = handle(unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0) })?;
    // SAFETY: the system has just made this handle for us alone.
    let all = unsafe { OwnedHandle::from_raw_handle(all) };
    let size = u32::try_from(size_of::<PROCESSENTRY32W>()).map_err(io::Error::other)?;
    let mut one = PROCESSENTRY32W {
        dwSize: size,
        ..PROCESSENTRY32W::default()
    };
    // SAFETY: the list is open; the system writes one structure of the size that it is told.
    let mut found = check(unsafe { Process32FirstW(all.as_raw_handle(), &raw mut one) });
    while found.is_ok() {
        if one.th32ProcessID == std::process::id() {
            return Ok(Some(one.th32ParentProcessID));
        }
        // SAFETY: as above.
        found = check(unsafe { Process32NextW(all.as_raw_handle(), &raw mut one) });
    }
    match found {
        Err(error) if error.raw_os_error() != Some(ERROR_NO_MORE_FILES.cast_signed()) => Err(error),
        _ => Ok(None),
    }
}

/// The process at the other end of a connection, which is alive as long as the connection to it is.
///
/// # Errors
///
/// What the system says.
pub fn peer(peer: Peer) -> io::Result<Descriptor> {
    // SAFETY: a call with three numbers.
    let process = unsafe { OpenProcess(PROCESS_SYNCHRONIZE | PROCESS_TERMINATE, FALSE, peer.pid) };
    let process: RawHandle = handle(process)?;
    // SAFETY: the system has just made this handle for us alone.
    Ok(unsafe { OwnedHandle::from_raw_handle(process) })
}

/// Ends a process that has no other way to be asked; the jobs that it holds end with it.
///
/// # Errors
///
/// What the system says.
pub fn end(process: BorrowedDescriptor<'_>) -> io::Result<()> {
    // SAFETY: the handle is borrowed, so it is open.
    check(unsafe { TerminateProcess(process.as_raw_handle(), ENDED) })
}

/// Becomes another program, in the same process: a process has one program here.
pub fn become_program(_: &mut Command) -> io::Error {
    let why = "a process cannot become another program on Windows";
    io::Error::new(io::ErrorKind::Unsupported, why)
}

/// This program: nobody can put another in the place of one that runs.
///
/// # Errors
///
/// What the system says.
pub fn own_program() -> io::Result<PathBuf> {
    std::env::current_exe()
}

/// Whether two open files are one.
///
/// # Errors
///
/// What the system says.
pub fn is_same_file(one: &File, other: &File) -> io::Result<bool> {
    Ok(identity(one)? == identity(other)?)
}

fn identity(file: &File) -> io::Result<(u32, u32, u32)> {
    let mut about = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the file is open; the system writes one structure.
    check(unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut about) })?;
    Ok((
        about.dwVolumeSerialNumber,
        about.nFileIndexHigh,
        about.nFileIndexLow,
    ))
}

/// Nobody waits for a word here.
///
/// # Errors
///
/// None.
pub fn tell_manager(_: &str) -> io::Result<()> {
    Ok(())
}

//! The side that has the name.

use super::Connection;
use super::peer::{admit, client};
use super::security::OwnerOnly;
use crate::child::calls::{check, handle};
use crate::child::{milliseconds, wide};
use std::ffi::OsStr;
use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::time::Duration;
use windows_sys::Win32::Foundation::{
    ERROR_IO_PENDING, ERROR_PIPE_CONNECTED, FALSE, TRUE, WAIT_OBJECT_0,
};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_FIRST_PIPE_INSTANCE, FILE_FLAG_OVERLAPPED, PIPE_ACCESS_DUPLEX,
};
use windows_sys::Win32::System::IO::{CancelIoEx, GetOverlappedResult, OVERLAPPED};
use windows_sys::Win32::System::Pipes::{
    ConnectNamedPipe, CreateNamedPipeW, PIPE_READMODE_BYTE, PIPE_REJECT_REMOTE_CLIENTS,
    PIPE_TYPE_BYTE, PIPE_UNLIMITED_INSTANCES, PIPE_WAIT,
};
use windows_sys::Win32::System::Threading::{CreateEventW, WaitForSingleObject};

/// What the system keeps of each direction before a writer waits, in bytes.
const BUFFER: u32 = 64 << 10;

/// Has a name, and takes connections.
///
/// One instance of the pipe that nobody has connected to is always there, so the name is never free.
#[derive(Debug)]
pub struct Listener {
    name: Vec<u16>,
    waiting: OwnedHandle,
}

impl Listener {
    /// Takes a name: `\\.\pipe\…`.
    ///
    /// # Errors
    ///
    /// Access is denied where somebody has a pipe of that name, ourselves included.
    pub fn new(name: &OsStr) -> io::Result<Listener> {
        let name = wide(name)?;
        let waiting = instance(&name, First::Yes)?;
        Ok(Listener { name, waiting })
    }

    /// Waits for the next connection, at most so long.
    ///
    /// # Errors
    ///
    /// `TimedOut`; `PermissionDenied` for a process of another user, whose connection is closed
    /// without a word; what the system says. After an error the listener goes on.
    pub fn accept(&mut self, most: Option<Duration>) -> io::Result<Connection> {
        connected(self.waiting.as_handle(), most)?;
        // The next one first, so that the name stays taken whatever becomes of this connection.
        let next = instance(&self.name, First::No)?;
        let pipe = std::mem::replace(&mut self.waiting, next);
        let peer = admit(client(pipe.as_handle())?)?;
        Ok(Connection { pipe, peer })
    }
}

/// Whether nobody may have a pipe of that name yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum First {
    /// Nobody may.
    Yes,
    /// We have one.
    No,
}

/// One more instance of a pipe, by its name, which ends with a zero.
pub(crate) fn instance(name: &[u16], first: First) -> io::Result<OwnedHandle> {
    let first = match first {
        First::Yes => FILE_FLAG_FIRST_PIPE_INSTANCE,
        First::No => 0,
    };
    let security = OwnerOnly::new()?;
    let attributes = security.attributes()?;
    // SAFETY: the name ends with a zero; the attributes and what they point at live during the call.
    let raw = unsafe {
        CreateNamedPipeW(
            name.as_ptr(),
            PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | first,
            PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS,
            PIPE_UNLIMITED_INSTANCES,
            BUFFER,
            BUFFER,
            0,
            &raw const attributes,
        )
    };
    // SAFETY: the system has just made this handle for us alone.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle(raw)?) })
}

/// Waits until somebody is connected to this instance.
fn connected(pipe: BorrowedHandle<'_>, most: Option<Duration>) -> io::Result<()> {
    // SAFETY: no attributes and no name; what comes back is checked.
    let event = unsafe { CreateEventW(std::ptr::null(), TRUE, FALSE, std::ptr::null()) };
    // SAFETY: the system has just made this handle for us alone.
    let event = unsafe { OwnedHandle::from_raw_handle(handle(event)?) };
    let mut about = OVERLAPPED {
        hEvent: event.as_raw_handle(),
        ..OVERLAPPED::default()
    };
    // SAFETY: the pipe is overlapped; the structure stays where it is until the operation is over,
    // which this function waits for in every case below.
    match check(unsafe { ConnectNamedPipe(pipe.as_raw_handle(), &raw mut about) }) {
        Err(error) if is(&error, ERROR_PIPE_CONNECTED) => return Ok(()),
        Err(error) if is(&error, ERROR_IO_PENDING) => {}
        done => return done,
    }
    // SAFETY: the event is ours and open.
    let waited = unsafe { WaitForSingleObject(event.as_raw_handle(), milliseconds(most)) };
    if waited != WAIT_OBJECT_0 {
        // SAFETY: the operation is one of this pipe and of this structure.
        unsafe { CancelIoEx(pipe.as_raw_handle(), &raw const about) };
    }
    let mut none = 0;
    // SAFETY: as above; the call waits until the operation is over, cancelled or not.
    let done = check(unsafe {
        GetOverlappedResult(pipe.as_raw_handle(), &raw const about, &raw mut none, TRUE)
    });
    match done {
        Err(_) if waited != WAIT_OBJECT_0 => Err(io::ErrorKind::TimedOut.into()),
        done => done,
    }
}

fn is(error: &io::Error, code: u32) -> bool {
    error.raw_os_error().map(i32::cast_unsigned) == Some(code)
}

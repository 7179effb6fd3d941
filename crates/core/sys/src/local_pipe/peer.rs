//! Who is at the other end.

use crate::child::calls::{check, handle};
use std::fmt;
use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use windows_sys::Win32::Foundation::{FALSE, HANDLE, LocalFree};
use windows_sys::Win32::Security::Authorization::ConvertSidToStringSidW;
use windows_sys::Win32::Security::{
    GetTokenInformation, PSID, SECURITY_MAX_SID_SIZE, TOKEN_QUERY, TOKEN_USER, TokenUser,
};
use windows_sys::Win32::System::Pipes::{GetNamedPipeClientProcessId, GetNamedPipeServerProcessId};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, OpenProcess, OpenProcessToken, PROCESS_QUERY_LIMITED_INFORMATION,
};

/// A user: the system's identity of it, as text (`S-1-…`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct User(String);

/// The process at the other end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its number, for people.
    pub pid: u32,
    /// Whose it is.
    pub user: User,
}

impl User {
    /// The user of this process.
    ///
    /// # Errors
    ///
    /// What the system says of our own token.
    pub fn own() -> io::Result<User> {
        // SAFETY: a call without arguments; the pseudo handle needs no closing.
        let own = unsafe { GetCurrentProcess() };
        // SAFETY: the pseudo handle is good for as long as the process lives.
        User::of(unsafe { BorrowedHandle::borrow_raw(own) })
    }

    /// The user of a process.
    fn of(process: BorrowedHandle<'_>) -> io::Result<User> {
        let mut token: HANDLE = std::ptr::null_mut();
        // SAFETY: the process is open, as its type says; the system writes one handle.
        check(unsafe { OpenProcessToken(process.as_raw_handle(), TOKEN_QUERY, &raw mut token) })?;
        // SAFETY: the system has just made this handle for us alone.
        let token = unsafe { OwnedHandle::from_raw_handle(token) };
        // The structure and the longest identity, in words, so that it is aligned.
        let bytes = size_of::<TOKEN_USER>() + SECURITY_MAX_SID_SIZE as usize;
        let mut buffer = vec![0_usize; bytes.div_ceil(size_of::<usize>())];
        let room = u32::try_from(size_of_val(&buffer[..])).map_err(io::Error::other)?;
        let mut length = 0;
        // SAFETY: the token is open; the system writes at most as many bytes as the buffer has.
        check(unsafe {
            let place = buffer.as_mut_ptr().cast();
            GetTokenInformation(
                token.as_raw_handle(),
                TokenUser,
                place,
                room,
                &raw mut length,
            )
        })?;
        // SAFETY: the system has filled the buffer, which is aligned and long enough, with this
        // structure; its pointer is into the buffer, which lives until the end of this function.
        let identity = unsafe { (*buffer.as_ptr().cast::<TOKEN_USER>()).User.Sid };
        text(identity).map(User)
    }

    /// By the system's own form of it.
    ///
    /// # Safety
    ///
    /// `identity` points at a whole one, which lives during the call.
    pub(crate) unsafe fn from_identity(identity: PSID) -> io::Result<User> {
        text(identity).map(User)
    }
}

/// An identity as text. `identity` points at a whole one.
fn text(identity: PSID) -> io::Result<String> {
    let mut text: *mut u16 = std::ptr::null_mut();
    // SAFETY: the caller's pointer is at an identity that the system has written; the system
    // allocates the text and writes where it is.
    check(unsafe { ConvertSidToStringSidW(identity, &raw mut text) })?;
    // SAFETY: the text ends with a zero, and is freed once and not used after that.
    unsafe {
        let length = (0..).take_while(|at| *text.add(*at) != 0).count();
        let string = String::from_utf16_lossy(std::slice::from_raw_parts(text, length));
        LocalFree(text.cast());
        Ok(string)
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The number of the process at the other end of a pipe.
pub(super) type AskPid = unsafe extern "system" fn(HANDLE, *mut u32) -> windows_sys::core::BOOL;

/// The process that has connected to this end.
pub(crate) fn client(pipe: BorrowedHandle<'_>) -> io::Result<Peer> {
    peer(pipe, GetNamedPipeClientProcessId)
}

/// The process that has made the pipe.
pub(crate) fn server(pipe: BorrowedHandle<'_>) -> io::Result<Peer> {
    peer(pipe, GetNamedPipeServerProcessId)
}

fn peer(pipe: BorrowedHandle<'_>, ask: AskPid) -> io::Result<Peer> {
    let mut pid = 0;
    // SAFETY: the pipe is open, as its type says; the system writes one number.
    check(unsafe { ask(pipe.as_raw_handle(), &raw mut pid) })?;
    // SAFETY: a call with three numbers.
    let process = unsafe { OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, pid) };
    // SAFETY: the system has just made this handle for us alone.
    let process = unsafe { OwnedHandle::from_raw_handle(handle(process)?) };
    let user = User::of(std::os::windows::io::AsHandle::as_handle(&process))?;
    Ok(Peer { pid, user })
}

/// Takes only processes of our own user.
pub(super) fn admit(peer: Peer) -> io::Result<Peer> {
    if peer.user == User::own()? {
        return Ok(peer);
    }
    let why = format!(
        "process {} belongs to another user, {}",
        peer.pid, peer.user
    );
    Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
}

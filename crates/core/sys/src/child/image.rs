//! What a process becomes: program, arguments, environment. Nothing else gets into it.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::BorrowedFd;

/// The number by which the system says that a file is no program: `ENOEXEC`.
pub const NOT_A_PROGRAM: i32 = 8;

/// A program with its arguments and its whole environment (`KEY=value`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The absolute path of the file to execute.
    pub program: CString,
    /// The arguments, the first of which is the program's own name.
    pub arguments: Vec<CString>,
    /// The complete environment; empty is empty.
    pub environment: Vec<CString>,
}

/// Replaces the calling process by the image; returns only where that failed.
pub fn become_image(image: &Image) -> io::Error {
    let arguments = pointers(&image.arguments);
    let environment = pointers(&image.environment);
    // SAFETY: both lists end in a null pointer and point at strings that live until the call ends.
    unsafe {
        libc::execve(
            image.program.as_ptr(),
            arguments.as_ptr(),
            environment.as_ptr(),
        );
    }
    io::Error::last_os_error()
}

fn pointers(strings: &[CString]) -> Vec<*const libc::c_char> {
    let strings = strings.iter().map(|string| string.as_ptr());
    strings.chain(std::iter::once(std::ptr::null())).collect()
}

/// Enters a directory.
///
/// # Errors
///
/// What `chdir(2)` says.
pub fn enter_directory(directory: &CStr) -> io::Result<()> {
    Ok(rustix::process::chdir(directory)?)
}

/// Puts a descriptor in the place of standard stream 0, 1 or 2.
///
/// # Errors
///
/// What `dup2(2)` says; `InvalidInput` for another number.
pub fn put_stream(number: u8, descriptor: BorrowedFd<'_>) -> io::Result<()> {
    let put = match number {
        0 => rustix::stdio::dup2_stdin(descriptor),
        1 => rustix::stdio::dup2_stdout(descriptor),
        2 => rustix::stdio::dup2_stderr(descriptor),
        _ => return Err(io::ErrorKind::InvalidInput.into()),
    };
    Ok(put?)
}

/// Makes a terminal the controlling one of the calling session leader.
///
/// # Errors
///
/// What `TIOCSCTTY` says (`ioctl_tty(2)`).
pub fn take_terminal(terminal: BorrowedFd<'_>) -> io::Result<()> {
    Ok(rustix::process::ioctl_tiocsctty(terminal)?)
}

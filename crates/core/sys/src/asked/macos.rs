//! macOS: system calls go through the C library, which sets `errno`; the code that the signal came into
//! may be about to read it.

use std::os::fd::BorrowedFd;

/// Writes a byte, if there is room.
pub(super) fn write_byte(pipe: BorrowedFd<'_>, byte: u8) {
    // SAFETY: the place of this thread's `errno`, which is there for as long as the thread is; nobody else
    // has a reference to it.
    unsafe {
        let errno = libc::__error();
        let before = *errno;
        let _ = rustix::io::write(pipe, &[byte]);
        *errno = before;
    }
}

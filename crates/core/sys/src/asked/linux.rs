//! Linux: the bare system call, which knows nothing of `errno`.

use std::os::fd::BorrowedFd;

/// Writes a byte, if there is room.
pub(super) fn write_byte(pipe: BorrowedFd<'_>, byte: u8) {
    let _ = rustix::io::write(pipe, &[byte]);
}

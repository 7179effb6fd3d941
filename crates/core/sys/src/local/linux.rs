//! Linux: sockets by `/proc/self/fd`, peers by `unix(7)`.

use super::Peer;
use rustix::fs::Stat;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::path::PathBuf;

/// `SO_PEERPIDFD` (`asm-generic/socket.h`), since Linux 6.5; the crate `libc` has it not for all.
const SO_PEERPIDFD: i32 = 77;

/// A path to a name in a folder, short enough for the address of a socket however long that of the folder is.
pub(super) fn address(folder: BorrowedFd<'_>, name: &str) -> io::Result<PathBuf> {
    Ok(format!("/proc/self/fd/{}/{name}", folder.as_raw_fd()).into())
}

/// Who may do what with a file, and what it is.
pub(super) fn mode(stat: &Stat) -> u32 {
    stat.st_mode
}

pub(super) fn peer(socket: BorrowedFd<'_>) -> io::Result<Peer> {
    // Not by `rustix`, for which a pid cannot be 0.
    let unknown = libc::ucred {
        pid: 0,
        uid: u32::MAX,
        gid: u32::MAX,
    };
    let named = option(socket, libc::SO_PEERCRED, unknown)?;
    Ok(Peer {
        user: named.uid,
        group: named.gid,
        pid: named.pid.unsigned_abs(),
        pidfd: pidfd(socket)?,
    })
}

fn pidfd(socket: BorrowedFd<'_>) -> io::Result<Option<OwnedFd>> {
    match option(socket, SO_PEERPIDFD, -1) {
        // SAFETY: the kernel has just made this descriptor for us, and nobody else knows of it.
        Ok(descriptor) if descriptor >= 0 => Ok(Some(unsafe { OwnedFd::from_raw_fd(descriptor) })),
        Ok(_) => Ok(None),
        Err(error) => match error.raw_os_error() {
            // An older kernel; a peer that is gone, or that never was a process.
            Some(libc::ENOPROTOOPT | libc::ESRCH | libc::ENODATA | libc::EINVAL) => Ok(None),
            _ => Err(error),
        },
    }
}

/// Plain numbers in the layout of the system, which any bytes are.
trait Plain: Copy {}

impl Plain for libc::c_int {}
impl Plain for libc::ucred {}

/// Reads an option of a socket; what the kernel leaves out stays as it was given.
fn option<T: Plain>(socket: BorrowedFd<'_>, name: libc::c_int, unset: T) -> io::Result<T> {
    let mut value = unset;
    let mut length = libc::socklen_t::try_from(size_of::<T>()).map_err(io::Error::other)?;
    // SAFETY: both pointers are to values that live for the call, the kernel writes no more than the
    // length that it is told, and every pattern of bytes is a value of a `Plain` type.
    let done = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            name,
            (&raw mut value).cast(),
            &raw mut length,
        )
    };
    if done == 0 {
        Ok(value)
    } else {
        Err(io::Error::last_os_error())
    }
}

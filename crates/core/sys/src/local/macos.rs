//! macOS: sockets by the path that a folder has now, peers by `unix(4)`.
//!
//! There is no `/proc`, so a socket in a folder is reached by a path, which the kernel is asked for
//! (`F_GETPATH`). That is as good as the descriptor: nobody but the user and root may change the way there, which
//! was looked at when the folder was opened, or what is in it. Checked by the compiler and clippy only: nobody
//! has run this yet.

use super::Peer;
use rustix::fs::Stat;
use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// `sizeof(sun_path)` of `sys/un.h`, without the byte that ends it.
const LONGEST_ADDRESS: usize = 103;

/// A path to a name in a folder that is short enough for the address of a socket.
pub(super) fn address(folder: BorrowedFd<'_>, name: &str) -> io::Result<PathBuf> {
    let path = rustix::fs::getpath(folder)?;
    let path = Path::new(OsStr::from_bytes(path.as_bytes())).join(name);
    if path.as_os_str().len() > LONGEST_ADDRESS {
        let path = path.display();
        let words = format!("{path} is longer than the {LONGEST_ADDRESS} bytes that macOS allows");
        return Err(io::Error::new(io::ErrorKind::InvalidFilename, words));
    }
    Ok(path)
}

/// Who may do what with a file, and what it is.
pub(super) fn mode(stat: &Stat) -> u32 {
    u32::from(stat.st_mode)
}

/// `LOCAL_PEERCRED` says who it was when it connected or began to listen, `LOCAL_PEERPID` by which process.
pub(super) fn peer(socket: BorrowedFd<'_>) -> io::Result<Peer> {
    let nobody = libc::xucred {
        cr_version: u32::MAX,
        cr_uid: u32::MAX,
        cr_ngroups: 0,
        cr_groups: [u32::MAX; 16],
    };
    let named = option(socket, libc::LOCAL_PEERCRED, nobody)?;
    if named.cr_version != libc::XUCRED_VERSION || named.cr_ngroups < 1 {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "macOS does not say who is at the other end",
        ));
    }
    let pid = option(socket, libc::LOCAL_PEERPID, 0)?;
    Ok(Peer {
        user: named.cr_uid,
        // The first one is the effective group (`sys/ucred.h`).
        group: named.cr_groups[0],
        pid: pid.unsigned_abs(),
        pidfd: None,
    })
}

/// Plain numbers in the layout of the system, which any bytes are.
trait Plain: Copy {}

impl Plain for libc::pid_t {}
impl Plain for libc::xucred {}

/// Reads an option of a local socket; what the kernel leaves out stays as it was given.
fn option<T: Plain>(socket: BorrowedFd<'_>, name: libc::c_int, unset: T) -> io::Result<T> {
    let mut value = unset;
    let mut length = libc::socklen_t::try_from(size_of::<T>()).map_err(io::Error::other)?;
    // SAFETY: both pointers are to values that live for the call, the kernel writes no more than the
    // length that it is told, and every pattern of bytes is a value of a `Plain` type.
    let done = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_LOCAL,
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

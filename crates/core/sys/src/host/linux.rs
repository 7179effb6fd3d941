//! What of it is Linux's own: a program by its process, and names of sockets that are no paths.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::SocketAddr;
use std::path::PathBuf;

/// This very program, whatever lies in its place by now.
///
/// # Errors
///
/// None here.
pub fn own_program() -> io::Result<PathBuf> {
    Ok(PathBuf::from("/proc/self/exe"))
}

/// The address that a service manager has named: a path, or after `@` a name that is none (`sd_notify(3)`).
pub(super) fn manager_address(name: &OsStr) -> io::Result<SocketAddr> {
    match name.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(name),
    }
}

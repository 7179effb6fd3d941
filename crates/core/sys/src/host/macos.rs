//! What of it is macOS's own. launchd waits for no word; whoever else does names a path, since sockets have no
//! other names here.

use std::ffi::OsStr;
use std::io;
use std::os::unix::net::SocketAddr;
use std::path::PathBuf;

/// The path of this program, where another one may lie by now.
///
/// # Errors
///
/// What the system says.
pub fn own_program() -> io::Result<PathBuf> {
    std::env::current_exe()
}

/// The address that a service manager has named.
pub(super) fn manager_address(name: &OsStr) -> io::Result<SocketAddr> {
    SocketAddr::from_pathname(name)
}

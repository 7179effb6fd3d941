//! Unix: descriptors, signals, sessions, and the socket of a service manager.

use super::{Parent, unlike};
use crate::child::{self, Pid};
use crate::descriptor::{BorrowedDescriptor, Descriptor};
use crate::local::Peer;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::{CommandExt, parent_id};
use std::process::Command;

pub use crate::child::{
    default_signals, die_of, handed_down_for_writing, let_go, lock_down_descriptors as lock_down,
    put_stream, set_umask, stop_self,
};

pub use super::unlike::own_program;

/// The request to end in order.
const SIGTERM: i32 = 15;

/// What takes everything and has nothing, open both ways.
///
/// # Errors
///
/// What the system says.
pub fn null() -> io::Result<File> {
    File::options().read(true).write(true).open("/dev/null")
}

/// Whether a program that is to go on apart from who starts it takes a second step by itself, which ends the first.
pub const STARTS_IN_TWO_STEPS: bool = true;

/// A session of our own. Who leads a group already has one, or wants to stay in this one.
pub fn begin_session() {
    let _ = child::clear_session();
}

/// The parent that we have now. It is named by a pidfd, so its pid can be reused without harm; one that ends
/// between the question who it is and the pidfd is noticed by asking again.
#[must_use]
pub fn parent() -> Parent {
    let Some(pid) = i32::try_from(parent_id()).ok().and_then(Pid::new) else {
        return Parent::Unknown;
    };
    let named = child::open_pidfd(pid);
    if parent_id().cast_signed() != pid.get() {
        return Parent::Gone;
    }
    // One that lives and may not be named: a kernel without pidfds, or a seccomp filter.
    named.map_or(Parent::Unknown, Parent::Lives)
}

/// The process at the other end of a connection, which is alive as long as the connection to it is.
///
/// # Errors
///
/// Where it cannot be seen from here; what the system says.
pub fn peer(peer: Peer) -> io::Result<Descriptor> {
    match peer.pidfd {
        Some(pidfd) => Ok(pidfd),
        None => {
            let pid = i32::try_from(peer.pid).ok().and_then(Pid::new);
            let pid = pid.ok_or_else(|| io::Error::other("it cannot be seen from here"))?;
            child::open_pidfd(pid)
        }
    }
}

/// Asks a process to end, in its own order (SIGTERM).
///
/// # Errors
///
/// What the system says.
pub fn end(process: BorrowedDescriptor<'_>) -> io::Result<()> {
    child::signal_pidfd(process, SIGTERM)
}

/// Becomes another program, in the same process; answers only where that fails.
pub fn become_program(command: &mut Command) -> io::Error {
    command.exec()
}

/// Whether two open files are one.
///
/// # Errors
///
/// What the system says.
pub fn is_same_file(one: &File, other: &File) -> io::Result<bool> {
    let id = |file: &File| file.metadata().map(|about| (about.dev(), about.ino()));
    Ok(id(one)? == id(other)?)
}

/// Tells a service manager that waits for it (`sd_notify(3)`); nothing where none does.
///
/// # Errors
///
/// What the system says.
pub fn tell_manager(what: &str) -> io::Result<()> {
    let Some(name) = std::env::var_os("NOTIFY_SOCKET") else {
        return Ok(());
    };
    let address = unlike::manager_address(&name)?;
    let socket = UnixDatagram::unbound()?;
    socket.send_to_addr(what.as_bytes(), &address).map(drop)
}

//! Starting a program while other threads make descriptors.
//!
//! Linux and Windows make a descriptor so that it is not inherited from its first moment on. macOS has no
//! call for that: `pipe(2)`, `socketpair(2)`, `accept(2)` and `recvmsg(2)` make one that is inherited, and it
//! is marked afterwards. A program that is started in between would get it, and hold open what must
//! end with us. So there whoever makes one is a reader of one lock of the process, and whoever starts a
//! program is its writer. What must stay true: nothing that waits is done under the lock, and every start of a
//! program in a process with threads goes through [`spawn`].

#[cfg_attr(target_os = "macos", path = "macos.rs")]
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(windows, path = "windows.rs")]
pub(crate) mod os;

use std::io;
use std::process::{Child, Command};

/// Starts a program, at a moment at which no descriptor of ours is about to be marked close-on-exec.
///
/// # Errors
///
/// As [`Command::spawn`].
///
/// # Platforms
///
/// macOS: threads that do not make their descriptors by this crate are not waited for.
pub fn spawn(command: &mut Command) -> io::Result<Child> {
    os::spawn(command)
}

//! Windows: the same requests, obeyed by a thread of the host.
//!
//! There is no fork and no orphan here, and the kernel ends a job when its last handle goes, by
//! whatever end of the host. So trees are held where the manager is, and what remains of the program
//! is what a host cannot do for itself: to ask a console program to end, somebody without a console
//! must go to the other's; and to keep the jobs of trees that were declared to survive.
//!
//! Not here: other users, and survivors on a terminal, whose console ends with its host. Each is refused
//! by name and never left out in silence.

mod ask;
mod helper;
mod keep;
mod request;
mod serve;
mod stage;

#[cfg(test)]
mod tests;

pub use helper::run;
pub use serve::serve_here;

use handfast_sys::channel::Channel;
use std::io;
use std::path::Path;
use std::process::{Child, Command};

/// A reaper that was begun, as a thread of this process.
#[derive(Debug)]
pub struct Begun(());

impl Begun {
    /// There is no child: the thread ends by itself.
    #[must_use]
    pub fn into_child(self) -> Option<Child> {
        None
    }
}

/// Begins a reaper that serves this channel, in a thread of this process. The program asks others to end,
/// when that is wanted; the command, which would execute it, is not needed.
///
/// # Errors
///
/// Where the system has no thread or port left.
pub fn begin(program: &Path, _: Command, channel: Channel) -> io::Result<Begun> {
    let thread = serve_here(channel, Some(program.to_owned()))?;
    // It is joined by nobody: who waits for it has a handle of it from the thread itself.
    drop(thread);
    Ok(Begun(()))
}

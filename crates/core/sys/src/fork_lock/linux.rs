//! Linux makes and marks a descriptor in one step, so there is nothing to wait for.

use rustix::pipe::{PipeFlags, pipe_with};
use std::io;
use std::os::fd::OwnedFd;
use std::process::{Child, Command};

/// Nothing is held.
pub(crate) struct Making(());

/// There is nothing to keep back.
pub(crate) fn making() -> Making {
    Making(())
}

pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
    command.spawn()
}

/// A pipe whose ends do not block and are not inherited: reading, writing.
pub(crate) fn nonblocking_pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?)
}

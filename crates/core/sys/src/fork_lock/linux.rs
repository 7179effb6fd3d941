//! Linux makes and marks a descriptor in one step, so there is nothing to wait for.

use std::io;
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

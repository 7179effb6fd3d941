//! Windows inherits only the handles that a start names.

use std::io;
use std::process::{Child, Command};

pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
    command.spawn()
}

//! Unix: a child, which is over as soon as it has started the one that goes on.

use super::{Apart, Tie};
use crate::fork_lock;
use std::ffi::OsString;
use std::io;
use std::process::{Child, Command, Stdio};

/// The first step.
pub(super) type First = Child;

pub(super) fn start(what: Apart<'_>) -> io::Result<(Child, Option<Tie>)> {
    let mut command = Command::new(what.program);
    command.args(what.arguments).env_clear();
    command.envs(what.variables.iter().map(|(name, value)| (name, value)));
    command
        .current_dir(crate::files::root())
        .stdin(Stdio::null());
    command.stdout(what.output.try_clone()?).stderr(what.output);
    Ok((fork_lock::spawn(&mut command)?, None))
}

pub(super) async fn got_away(first: Child) -> io::Result<()> {
    crate::ready::reap(first).await
}

pub(super) fn usual_path() -> OsString {
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".into()
}

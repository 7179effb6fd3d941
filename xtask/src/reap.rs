//! `cargo xtask reap`: runs a command and takes the exit status of every orphan below it.

use anyhow::Context;
use rustix::process::{Pid, WaitOptions, getpid, set_child_subreaper, wait};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode, ExitStatus};

/// Runs the words as a command and ends with its exit code.
///
/// # Errors
///
/// Where there is no command, or it cannot be run.
pub fn run(words: &[String]) -> anyhow::Result<ExitCode> {
    let (program, arguments) = words.split_first().context("name a command")?;
    let status = status(Command::new(program).args(arguments)).context("run the command")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}

/// As [`Command::status`], while what is orphaned below the command comes here and is reaped.
pub(crate) fn status(command: &mut Command) -> io::Result<ExitStatus> {
    set_child_subreaper(Some(getpid()))?;
    let child = command.spawn()?;
    let child = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    loop {
        // Nobody else in this program waits for a child.
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, ended))) if Some(pid) == child => {
                return Ok(ExitStatus::from_raw(ended.as_raw()));
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

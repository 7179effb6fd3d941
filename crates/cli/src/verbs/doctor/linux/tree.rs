//! A tree that tries to get away: a leader, a daemon, and a member that ignores SIGTERM.
//!
//! Their standard input and output are one socket, the other end of which doctor has. Each writes
//! one line when it is up, and holds the socket until it ends, so that doctor's end-of-file says
//! that all are gone; and each ends at its own end-of-file, which says that doctor is gone. That
//! proves nothing for a rung, as doctor is there while it tries one.

use handfast_sys::child;
use std::io::{self, Read, Write};
use std::process::{Command, ExitCode};

/// The hidden verb; after it comes the role.
pub(super) const VERB: &str = "__tree";

/// The members that are waited for.
pub(super) const ROLES: [&str; 3] = [LEADER, DAEMON, IGNORER];

/// The role of the first process.
pub(super) const LEADER: &str = "leader";

/// The role of the member in a session of its own, whose parent has ended.
pub(super) const DAEMON: &str = "daemon";

const IGNORER: &str = "ignorer";

/// Starts the daemon and ends, which is the second fork of a daemon.
const LAUNCHER: &str = "launcher";

/// How each begins its line.
pub(super) const UP: &str = "up ";

pub(super) fn run(role: &str) -> ExitCode {
    match play(role) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Whoever reads that waits no longer for the rest.
            let _ = writeln!(io::stdout(), "{role}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn play(role: &str) -> io::Result<()> {
    match role {
        LEADER => {
            let _ignorer = member(IGNORER)?.spawn()?;
            member(LAUNCHER)?.status()?;
        }
        LAUNCHER => {
            child::clear_session()?;
            let _daemon = member(DAEMON)?.spawn()?;
            return Ok(());
        }
        IGNORER => child::ignore_terminal_signals(),
        DAEMON => {}
        _ => return Err(io::ErrorKind::InvalidInput.into()),
    }
    // One write, so that no two lines mix.
    io::stdout().write_all(format!("{UP}{role}\n").as_bytes())?;
    io::stdout().flush()?;
    // Nobody writes to it: this waits for doctor's end.
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn member(role: &str) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([VERB, role]);
    Ok(command)
}

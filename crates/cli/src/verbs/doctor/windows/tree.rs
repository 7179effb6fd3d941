//! A tree that tries to get away: a leader, a member whose parent has ended, and one that listens to nothing.
//!
//! Each writes one line when it is up, and holds the witness until it is ended: none ends by itself.

use handfast::config::Stdin;
use handfast_sys::descriptor::Descriptor;
use std::io::{self, Write};
use std::process::{Command, ExitCode};
use std::sync::Arc;

/// The hidden verb; after it comes the role.
pub(super) const VERB: &str = "__tree";

/// The members that are waited for.
pub(super) const ROLES: [&str; 3] = [LEADER, ORPHAN, DEAF];

/// What they are to people.
pub(super) const TOLD: &str = "a leader, an orphan and a member that listens to nothing";

/// The role of the first process.
pub(super) const LEADER: &str = "leader";

/// A role that is over at once.
pub(super) const NOTHING: &str = "nothing";

const ORPHAN: &str = "orphan";
const DEAF: &str = "deaf";

/// Starts the orphan and ends.
const LAUNCHER: &str = "launcher";

/// How each begins its line.
pub(super) const UP: &str = "up ";

/// From what the leader reads: nothing, since the job of doctor ends who is left.
pub(super) fn stdin(_: &Arc<Descriptor>) -> Stdin {
    Stdin::Null
}

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
        NOTHING => return Ok(()),
        LEADER => {
            let _deaf = member(DEAF)?.spawn()?;
            member(LAUNCHER)?.status()?;
        }
        LAUNCHER => {
            let _orphan = member(ORPHAN)?.spawn()?;
            return Ok(());
        }
        ORPHAN | DEAF => {}
        _ => return Err(io::ErrorKind::InvalidInput.into()),
    }
    // One write, so that no two lines mix.
    io::stdout().write_all(format!("{UP}{role}\n").as_bytes())?;
    io::stdout().flush()?;
    loop {
        std::thread::park();
    }
}

fn member(role: &str) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([VERB, role]);
    Ok(command)
}

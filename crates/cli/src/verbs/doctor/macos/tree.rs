//! A tree that tries to get away: a leader, a member in a session of its own whose parent has ended, and one that
//! ignores what it is asked. Another one hides.
//!
//! Their standard input and output are one socket, the other end of which doctor has. Each writes one line when it is
//! up, and holds the socket until it ends, so that doctor's end-of-file says that all are gone; and each ends at
//! its own end-of-file, which says that doctor is gone.

use handfast::config::Stdin;
use handfast_sys::child;
use handfast_sys::descriptor::Descriptor;
use std::io::{self, Read, Write};
use std::process::{Command, ExitCode};
use std::sync::Arc;

/// The hidden verb; after it comes the role.
pub(super) const VERB: &str = "__tree";

/// The members that are waited for.
pub(super) const ROLES: [&str; 3] = [LEADER, ORPHAN, DEAF];

/// What they are to people.
pub(super) const TOLD: &str = "a leader, an orphan and a member that ignores SIGTERM";

/// The role of the first process.
pub(super) const LEADER: &str = "leader";

/// The first process of the tree that hides.
pub(super) const HIDER: &str = "hider";

/// The members of that.
pub(super) const HIDDEN: [&str; 2] = [HIDER, UNMARKED];

/// A role by itself.
pub(super) const ALONE: &str = "alone";

const ORPHAN: &str = "orphan";
const DEAF: &str = "deaf";
const UNMARKED: &str = "unmarked";

/// Starts the orphan and ends, which is the second fork of a daemon.
const LAUNCHER: &str = "launcher";

/// The same for the one without a mark.
const LAUNCHER_OF_UNMARKED: &str = "launcher-of-unmarked";

/// How each begins its line.
pub(super) const UP: &str = "up ";

/// From what the leader reads, if this is the witness.
pub(super) fn stdin(witness: &Arc<Descriptor>) -> Stdin {
    Stdin::Descriptor(Arc::clone(witness))
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
        LEADER => {
            let _deaf = member(DEAF)?.spawn()?;
            member(LAUNCHER)?.status()?;
        }
        HIDER => {
            member(LAUNCHER_OF_UNMARKED)?.status()?;
        }
        LAUNCHER => {
            child::clear_session()?;
            let _orphan = member(ORPHAN)?.spawn()?;
            return Ok(());
        }
        LAUNCHER_OF_UNMARKED => {
            child::clear_session()?;
            let _unmarked = member(UNMARKED)?.env_clear().spawn()?;
            return Ok(());
        }
        DEAF => child::ignore_terminal_signals(),
        ORPHAN | UNMARKED | ALONE => {}
        _ => return Err(io::ErrorKind::InvalidInput.into()),
    }
    // One write, so that no two lines mix.
    io::stdout().write_all(format!("{UP}{role}\n").as_bytes())?;
    io::stdout().flush()?;
    // Nobody writes to it: this waits for doctor's end.
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// This executable in a role.
pub(super) fn member(role: &str) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([VERB, role]);
    Ok(command)
}

//! Who keeps an output open.

use super::Captured;
use crate::config::Stream;
use handfast_sys::proc::{self, Held};

/// A process that can still write to the output of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputHolder {
    /// To which stream.
    pub stream: Stream,
    /// Its pid in the caller's own namespace; for people, not for signals.
    pub pid: u32,
    /// How it was started, at most 200 characters of it. It is what that process wants it to be.
    pub command: String,
    /// Whether it belongs to the tree; one that does not has got the stream from a member.
    pub member: bool,
}

/// Who keeps the output of a process open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct OutputHolders {
    /// Those who were found; nobody where the output is closed.
    pub found: Vec<OutputHolder>,
    /// How many processes did not let us see what they have open; one of them may be a holder.
    pub hidden: usize,
}

/// Looks first among the members of the tree, and among all processes for a stream that none of
/// them holds.
pub(crate) fn holders(captured: &Captured, members: &[u32]) -> OutputHolders {
    let mut all = OutputHolders::default();
    let pids: Vec<i32> = members
        .iter()
        .filter_map(|pid| i32::try_from(*pid).ok())
        .collect();
    for (stream, held) in captured.held_open() {
        let mut of_stream = look(stream, held, &pids, true);
        if of_stream.found.is_empty() {
            of_stream = look(stream, held, &others(&pids), false);
        }
        all.found.append(&mut of_stream.found);
        all.hidden = all.hidden.max(of_stream.hidden);
    }
    all
}

fn look(stream: Stream, held: Held, pids: &[i32], member: bool) -> OutputHolders {
    let proc::Holders { found, hidden } = proc::holders(held, pids);
    let found = found.into_iter().map(|holder| OutputHolder {
        stream,
        pid: holder.pid.unsigned_abs(),
        command: holder.command,
        member,
    });
    OutputHolders {
        found: found.collect(),
        hidden,
    }
}

fn others(members: &[i32]) -> Vec<i32> {
    let all = proc::all().unwrap_or_default();
    let living = all.iter().filter(|stat| stat.is_alive());
    let pids = living.map(|stat| stat.pid);
    pids.filter(|pid| !members.contains(pid)).collect()
}

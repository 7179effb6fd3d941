//! Who keeps an output open.

use super::Captured;
use crate::config::Stream;
use handfast_sys::proc;

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
        let mut of_stream = told(stream, proc::holders(held, &pids), true);
        if of_stream.found.is_empty() {
            of_stream = told(stream, proc::other_holders(held, &pids), false);
        }
        all.found.append(&mut of_stream.found);
        all.hidden = all.hidden.max(of_stream.hidden);
    }
    all
}

fn told(stream: Stream, holders: proc::Holders, member: bool) -> OutputHolders {
    let proc::Holders { found, hidden } = holders;
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

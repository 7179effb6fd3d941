//! Asking a tree to end: by a helper that has no console, so that it can go to that of the tree.
//!
//! The helper looks for windows too. A thread that does so becomes one with a queue of messages and
//! belongs to a desktop, which is nothing to do to a host.

use crate::ASKED;
use handfast_sys::child::{self, Console, Priority, Spawn, Started, environment_block};
use handfast_sys::tree::windows::{Job, Limits};
use std::ffi::OsString;
use std::io;
use std::path::Path;

/// The second argument by which the program is asked to ask others; numbers of processes follow.
const ASK: &str = "ask";

/// A helper at work, in a job of its own: dropping it ends it.
#[derive(Debug)]
pub(super) struct Asking {
    _job: Job,
    _started: Started,
}

/// Has a helper ask the windows of these members to close, and send Ctrl-Break to the leader's group.
///
/// Who has neither window nor console is not reached: that is what the end of the grace is for.
pub(super) fn ask(helper: &Path, leader: u32, members: &[u32]) -> io::Result<Asking> {
    let mut words: Vec<OsString> = vec![helper.into(), ASKED.into(), ASK.into()];
    let pids = [leader].into_iter().chain(members.iter().copied());
    words.extend(pids.map(|pid| pid.to_string().into()));
    let root = child::system_root()?;
    let mut variables = Vec::new();
    let value: Vec<u16> = std::os::windows::ffi::OsStrExt::encode_wide(root.as_os_str()).collect();
    environment_block::add_system_root(&mut variables, &value, child::compare_names);
    let environment =
        environment_block::build(variables, child::compare_names).map_err(io::Error::other)?;
    let spawn = Spawn {
        program: helper.as_os_str(),
        arguments: &words,
        environment: &environment,
        directory: root.as_os_str(),
        streams: [None; 3],
        console: Console::None,
        priority: Priority::Normal,
    };
    let job = Job::new(&Limits::default())?;
    let started = spawn.start(&job).map_err(|failed| failed.source)?;
    Ok(Asking {
        _job: job,
        _started: started,
    })
}

/// Runs the helper; answers with the exit code.
#[must_use]
pub fn run() -> i32 {
    let words = std::env::args_os().skip(2);
    let words: Option<Vec<String>> = words.map(|word| word.into_string().ok()).collect();
    match words.as_deref().and_then(read) {
        Some((leader, members)) => reach(leader, &members),
        None => {
            use std::io::Write;
            let _ = writeln!(
                io::stderr(),
                "handfast-reaper: it is started by handfast itself\n  \
                 to run a program, use: handfast run -- PROGRAM"
            );
            2
        }
    }
}

/// The leader and the members that the words name.
pub(super) fn read(words: &[String]) -> Option<(u32, Vec<u32>)> {
    let (ask, pids) = words.split_first()?;
    let pids: Option<Vec<u32>> = pids.iter().map(|pid| pid.parse().ok()).collect();
    let pids = pids.filter(|_| ask == ASK)?;
    let (leader, members) = pids.split_first()?;
    Some((*leader, members.to_vec()))
}

/// 0 where the console or a window was reached.
pub(super) fn reach(leader: u32, members: &[u32]) -> i32 {
    let closed = child::close_windows(members).is_ok_and(|windows| windows > 0);
    let broken = child::break_group(leader).is_ok();
    i32::from(!(closed || broken))
}

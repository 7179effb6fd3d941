//! Asking a tree to end: by a helper that has no console, so that it can go to that of the tree.
//!
//! The helper looks for windows too. A thread that does so becomes one with a queue of messages and
//! belongs to a desktop, which is nothing to do to a host.

use super::helper;
use handfast_sys::child::{self, Started};
use handfast_sys::tree::windows::{Job, Limits};
use std::io;
use std::path::Path;

/// The second argument by which the program is asked to ask others; numbers of processes follow.
pub(super) const ASK: &str = "ask";

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
    let pids = [leader].into_iter().chain(members.iter().copied());
    let pids: Vec<String> = pids.map(|pid| pid.to_string()).collect();
    let job = Job::new(&Limits::default())?;
    let started = helper::start((helper, ASK, &pids), None, &job)?;
    Ok(Asking {
        _job: job,
        _started: started,
    })
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

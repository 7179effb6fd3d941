//! Trees that were declared to survive their owner: a helper has a handle of each one's job too.
//!
//! The kernel ends a job with its last handle. So a host that starts a survivor gives a handle of its
//! job to a helper, before the program runs, and tells it the handle's number. The helper lives in a job
//! that holds nobody, reads numbers until its host is gone, and leaves when the last of the trees that it
//! keeps is empty; then, and not before, their jobs are closed.
//!
//! A tree is still a member of the jobs that its host is in: who ends those ends it.
//!
//! A port can be told of a job by one process alone, which is the host, so the helper looks, once a
//! second while it keeps anything and its host is gone, and not at all before.

use super::{helper, serve};
use handfast_sys::child::{self, Started};
use handfast_sys::tree::windows::{Handed, Job};
use std::fs::File;
use std::io::{self, BufRead, Write};
use std::os::windows::io::AsHandle;
use std::path::Path;
use std::time::Duration;

/// The second argument by which the program is asked to keep trees.
pub(super) const KEEP: &str = "keep";

/// How long the helper waits between two looks at what it keeps.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The helper of a host. Dropping it tells the helper that its host is gone.
#[derive(Debug)]
pub(super) struct Keeper {
    started: Started,
    numbers: File,
    _job: Job,
}

impl Keeper {
    /// Starts one that keeps nothing yet.
    pub(super) fn start(program: &Path) -> io::Result<Keeper> {
        let (input, numbers) = child::pipe()?;
        let job = Job::loose()?;
        let started = helper::start((program, KEEP, &[]), Some(input.as_handle()), &job)?;
        Ok(Keeper {
            started,
            numbers: File::from(numbers),
            _job: job,
        })
    }

    /// Whether it still runs.
    pub(super) fn is_there(&self) -> bool {
        matches!(self.started.process.exit_code(), Ok(None))
    }

    /// Has it keep the tree of a job. Where this fails the tree ends with its host.
    pub(super) fn keep(&mut self, job: &Job) -> io::Result<()> {
        let handed = job.hand_to(self.started.process.as_handle())?;
        writeln!(self.numbers, "{}", handed.0)
    }
}

/// Keeps what the lines name until they end and every tree is empty; answers with the exit code.
pub(super) fn run(lines: impl BufRead) -> i32 {
    let mut kept: Vec<Job> = Vec::new();
    // A line that cannot be read is the end of the host.
    for line in lines.lines().map_while(Result::ok) {
        kept.retain(|job| !serve::is_empty(job));
        let number = line.trim().parse().ok();
        let job = number.and_then(|number| Job::from_handed(Handed(number)).ok());
        kept.extend(job);
    }
    while !kept.is_empty() {
        kept.retain(|job| !serve::is_empty(job));
        if !kept.is_empty() {
            std::thread::sleep(LOOK_AGAIN);
        }
    }
    0
}

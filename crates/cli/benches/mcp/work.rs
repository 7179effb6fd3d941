//! What a process has used of the processors, as the kernel counts it.

use crate::Outcome;
use std::fs;

/// Of a process with all its threads; of its children nothing.
pub(crate) struct Work {
    /// Nanoseconds on a processor.
    time: u64,
    /// How often a thread gave its processor away.
    switches: u64,
}

impl Work {
    pub(crate) fn of(pid: u32) -> Outcome<Work> {
        let mut work = Work {
            time: 0,
            switches: 0,
        };
        for task in fs::read_dir(format!("/proc/{pid}/task"))? {
            let task = task?.path();
            let time = fs::read_to_string(task.join("schedstat"))?;
            let time = time.split(' ').next().ok_or("no time")?;
            work.time += time.parse::<u64>()?;
            let status = fs::read_to_string(task.join("status"))?;
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            work.switches += line.ok_or("no switches")?.trim().parse::<u64>()?;
        }
        Ok(work)
    }

    pub(crate) fn since(&self, before: &Work) -> Work {
        // A thread that has ended takes what it had used along.
        Work {
            time: self.time.saturating_sub(before.time),
            switches: self.switches.saturating_sub(before.switches),
        }
    }

    /// Microseconds and switches of one of so many.
    pub(crate) fn each(&self, count: usize) -> (f64, f64) {
        let count = count as f64;
        (self.time as f64 / 1e3 / count, self.switches as f64 / count)
    }
}

/// The first child of a process, whichever of its threads has started it.
pub(crate) fn child_of(pid: u32) -> Outcome<u32> {
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let children = fs::read_to_string(task?.path().join("children"))?;
        if let Some(child) = children.split_whitespace().next() {
            return Ok(child.parse()?);
        }
    }
    Err("no child".into())
}

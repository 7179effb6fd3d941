//! What a process has used, and how it was started.

use super::Stat;
use crate::process_answers::time;
use crate::tree::environment_mark;
use crate::tree::macos::{arguments, ask, entry};
use std::io;
use std::time::Duration;

/// How many characters of a command line are shown.
const COMMAND: usize = 200;

/// What a process has used so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Its id.
    pub pid: i32,
    /// Its parent.
    pub parent: i32,
    /// Its state, as in [`Stat::state`].
    pub state: char,
    /// When it started, in microseconds since 1970.
    pub started: u64,
    /// The time of processors that all its threads have taken, without that of its children.
    pub cpu: Duration,
    /// Bytes of it that are in memory, shared ones included.
    pub resident: u64,
    /// How many threads it has.
    pub threads: u32,
}

/// What those of some processes have used that live, in the order of their starts.
#[must_use]
pub fn usages(pids: &[i32]) -> Vec<Usage> {
    let found = pids.iter().filter_map(|pid| Usage::of(*pid).ok());
    let mut found: Vec<Usage> = found.flatten().collect();
    found.sort_by_key(|one| (one.started, one.pid));
    found
}

impl Usage {
    /// Of a process; `None` where it has ended and was not reaped.
    fn of(pid: i32) -> io::Result<Option<Usage>> {
        let stat = Stat::read(pid)?;
        if !stat.is_alive() {
            return Ok(None);
        }
        let task: libc::proc_taskinfo = ask(pid)?;
        let units = task.pti_total_user.saturating_add(task.pti_total_system);
        Ok(Some(Usage {
            pid: stat.pid,
            parent: stat.parent,
            state: char::from(stat.state),
            started: stat.started,
            cpu: time(units, unit()?),
            resident: task.pti_resident_size,
            threads: u32::try_from(task.pti_threadnum).unwrap_or(1),
        }))
    }
}

/// `mach_timebase_info_data_t` of `mach/mach_time.h`.
#[repr(C)]
#[derive(Default)]
struct Timebase {
    numerator: u32,
    denominator: u32,
}

unsafe extern "C" {
    /// Of `libSystem`, which every program has.
    fn mach_timebase_info(info: *mut Timebase) -> libc::c_int;
}

/// How many nanoseconds a unit of the machine's clock has: times of tasks are counted in those.
fn unit() -> io::Result<(u32, u32)> {
    let mut unit = Timebase::default();
    // SAFETY: the call writes one structure to a valid place.
    if unsafe { mach_timebase_info(&raw mut unit) } != 0 {
        return Err(io::Error::other("macOS does not tell how its clock ticks"));
    }
    Ok((unit.numerator, unit.denominator))
}

/// How a process was started, at most 200 characters of it; its short name in brackets where it hides that.
/// It is what the process says of itself.
#[must_use]
pub fn command(pid: i32) -> String {
    let block = arguments(pid).unwrap_or_default();
    let words: Vec<String> = environment_mark::arguments(&block)
        .filter(|word| !word.is_empty())
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect();
    let line = if words.is_empty() {
        let name = Stat::read(pid).map(|stat| stat.name);
        format!("[{}]", name.unwrap_or_default())
    } else {
        words.join(" ")
    };
    line.chars().take(COMMAND).collect()
}

/// Whose a process is: its effective user. `None` where it is gone.
#[must_use]
pub fn user_of(pid: i32) -> Option<u32> {
    entry(pid).ok().map(|entry| entry.user)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_have_used_something() {
        let own = std::process::id().cast_signed();
        let [used] = &usages(&[own, i32::MAX])[..] else {
            panic!("we have used something");
        };
        assert!(used.resident > 100 * 1024 && used.threads >= 1, "{used:?}");
        assert!(!used.cpu.is_zero(), "{used:?}");
        assert!(command(own).contains("handfast"), "{}", command(own));
        assert_eq!(user_of(own), Some(rustix::process::geteuid().as_raw()));
        assert_eq!(
            (command(i32::MAX), user_of(i32::MAX)),
            ("[]".to_owned(), None)
        );
    }
}

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
    /// Who it is, and how it stands.
    pub stat: Stat,
    /// The time of processors that all its threads have taken, without that of its children.
    pub cpu: Duration,
    /// Bytes of it that are in memory, shared ones included.
    pub resident: u64,
    /// How many threads it has.
    pub threads: u32,
}

impl Usage {
    /// Of a process that runs now.
    ///
    /// # Errors
    ///
    /// `ESRCH` where there is no such process; `EPERM` for one of another user.
    pub fn of(pid: i32) -> io::Result<Usage> {
        let task: libc::proc_taskinfo = ask(pid)?;
        let units = task.pti_total_user.saturating_add(task.pti_total_system);
        Ok(Usage {
            stat: Stat::read(pid)?,
            cpu: time(units, unit()?),
            resident: task.pti_resident_size,
            threads: u32::try_from(task.pti_threadnum).unwrap_or(1),
        })
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
        let used = Usage::of(own).unwrap();
        assert!(used.resident > 100 * 1024 && used.threads >= 1, "{used:?}");
        assert!(!used.cpu.is_zero(), "{used:?}");
        assert!(command(own).contains("handfast"), "{}", command(own));
        assert_eq!(user_of(own), Some(rustix::process::geteuid().as_raw()));
        assert!(Usage::of(i32::MAX).is_err());
        assert_eq!(
            (command(i32::MAX), user_of(i32::MAX)),
            ("[]".to_owned(), None)
        );
    }
}

//! What a process has used, and how it was started (`proc_pid_stat(5)`, `proc_pid_cmdline(5)`).

use super::Stat;
use std::fs::{self, File};
use std::io::{self, Read};
use std::time::Duration;

/// How much of a command line is read.
const LINE: u64 = 4096;

/// How many characters of it are shown.
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
    /// When it started, in clock ticks since boot.
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
        let mut text = [0; 2048];
        let length = File::open(format!("/proc/{pid}/stat"))?.read(&mut text)?;
        let text = text.get(..length).unwrap_or_default();
        let odd = || io::Error::new(io::ErrorKind::InvalidData, "odd stat file");
        let stat = Stat::parse(text).ok_or_else(odd)?;
        if !stat.is_alive() {
            return Ok(None);
        }
        let close = text
            .iter()
            .rposition(|byte| *byte == b')')
            .ok_or_else(odd)?;
        let rest = text.get(close + 1..).unwrap_or_default();
        let rest = std::str::from_utf8(rest).map_err(|_| odd())?;
        // Field 3 of the manual page is the first one after the name.
        let number = |field: usize| {
            let mut fields = rest.split_ascii_whitespace();
            fields.nth(field - 3)?.parse::<u64>().ok()
        };
        let ticks = number(14)
            .zip(number(15))
            .map(|(user, system)| user + system);
        Ok(Some(Usage {
            pid: stat.pid,
            parent: stat.parent,
            state: char::from(stat.state),
            started: stat.started,
            cpu: of_ticks(ticks.ok_or_else(odd)?),
            resident: number(24).unwrap_or(0) * rustix::param::page_size() as u64,
            threads: number(20)
                .and_then(|number| u32::try_from(number).ok())
                .unwrap_or(1),
        }))
    }
}

fn of_ticks(ticks: u64) -> Duration {
    let each = rustix::param::clock_ticks_per_second().max(1);
    Duration::from_secs(ticks / each) + Duration::from_nanos(ticks % each * (1_000_000_000 / each))
}

/// How a process was started, at most 200 characters of it; its short name in brackets where it hides that.
/// It is what the process says of itself.
#[must_use]
pub fn command(pid: i32) -> String {
    let mut line = Vec::new();
    if let Ok(file) = File::open(format!("/proc/{pid}/cmdline")) {
        // One that has ended since has no line.
        let _ = file.take(LINE).read_to_end(&mut line);
    }
    let words: Vec<String> = line
        .split(|byte| *byte == 0)
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
    use std::os::unix::fs::MetadataExt;
    fs::metadata(format!("/proc/{pid}"))
        .ok()
        .map(|about| about.uid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_have_used_something() {
        let own = i32::try_from(std::process::id()).unwrap();
        let mut sum = 0_u64;
        let used = loop {
            // Until a tick of the clock was ours.
            (0..100_000_u64)
                .for_each(|number| sum = sum.wrapping_add(std::hint::black_box(number)));
            let [used] = usages(&[own]).try_into().unwrap();
            let used: Usage = used;
            if !used.cpu.is_zero() {
                break used;
            }
        };
        assert!(used.resident > 100 * 1024 && used.threads >= 1, "{used:?}");
        assert_eq!(used.pid, own);
        assert!(command(own).contains("handfast"), "{}", command(own));
        assert_eq!(user_of(own), Some(rustix::process::geteuid().as_raw()));
    }

    #[test]
    fn who_is_gone_has_used_nothing() {
        assert_eq!(usages(&[i32::MAX]), []);
        assert_eq!(
            (command(i32::MAX), user_of(i32::MAX)),
            ("[]".to_owned(), None)
        );
    }
}

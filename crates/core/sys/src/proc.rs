//! What `/proc` says of one process, and who this boot and this process are.
//!
//! A pid alone names nobody: it is reused. Where a process must be recognized across our own
//! death, it is by boot id, pid and start time together ([`Identity`]).

mod held;
mod net;
mod reading;
mod usage;

pub use held::{Held, Holder, Holders, holders, other_holders};
pub use net::{Listening, holders_of, listening};
pub use reading::{Reader, Reading, reading};
pub use usage::{Usage, command, usages, user_of};

use std::fs::{self, File};
use std::io::{self, Read};

/// The fields of `/proc/<pid>/stat` that are used here (`proc_pid_stat(5)`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// The process's id.
    pub pid: i32,
    /// Its short name, at most 15 bytes; chosen by the process, so never trusted.
    pub name: String,
    /// `R` running, `S` sleeping, `D` uninterruptible, `T` stopped, `t` traced, `Z` zombie, …
    pub state: u8,
    /// Its parent.
    pub parent: i32,
    /// Its process group.
    pub group: i32,
    /// Its session.
    pub session: i32,
    /// When it started, in clock ticks since boot.
    pub started: u64,
    /// Its wait status, where it is a zombie and the kernel lets us see it.
    pub exit_status: Option<i32>,
}

impl Stat {
    /// Reads the file of one process.
    ///
    /// # Errors
    ///
    /// `NotFound` where there is no such process; `InvalidData` for a file of another form.
    pub fn read(pid: i32) -> io::Result<Stat> {
        // One call: the kernel gives the whole line, which is much shorter, to a buffer that takes it.
        let mut text = [0; 2048];
        let length = File::open(format!("/proc/{pid}/stat"))?.read(&mut text)?;
        Stat::parse(text.get(..length).unwrap_or_default())
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "odd stat file"))
    }

    /// The name may hold spaces, brackets and line ends: it ends at the *last* bracket.
    fn parse(text: &[u8]) -> Option<Stat> {
        let open = text.iter().position(|byte| *byte == b'(')?;
        let close = text.iter().rposition(|byte| *byte == b')')?;
        let pid = std::str::from_utf8(text.get(..open)?)
            .ok()?
            .trim()
            .parse()
            .ok()?;
        let name = String::from_utf8_lossy(text.get(open + 1..close)?).into_owned();
        let rest = std::str::from_utf8(text.get(close + 1..)?).ok()?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        // Field 3 of the manual page is the first one after the name.
        let number = |field: usize| fields.get(field - 3)?.parse::<i64>().ok();
        let small = |field: usize| number(field).and_then(|n| i32::try_from(n).ok());
        Some(Stat {
            pid,
            name,
            state: *fields.first()?.as_bytes().first()?,
            parent: small(4)?,
            group: small(5)?,
            session: small(6)?,
            started: fields.get(22 - 3)?.parse().ok()?,
            exit_status: small(52),
        })
    }

    /// Whether the process still runs: neither a zombie nor dead.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !matches!(self.state, b'Z' | b'X' | b'x')
    }
}

/// When this process started, in clock ticks since boot: with its pid it names it for this boot.
///
/// # Errors
///
/// As [`Stat::read`].
pub fn own_start() -> io::Result<u64> {
    Ok(Stat::read(std::process::id().cast_signed())?.started)
}

/// The state of a process that does not go on by itself: stopped, traced, or stuck in the kernel.
///
/// # Errors
///
/// As [`Stat::read`].
pub fn standstill(pid: i32) -> io::Result<Option<u8>> {
    let state = Stat::read(pid)?.state;
    Ok(matches!(state, b'T' | b't' | b'D').then_some(state))
}

/// The pids of all processes that are visible from here.
///
/// # Errors
///
/// Where `/proc` cannot be read.
pub fn pids() -> io::Result<Vec<i32>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        found.extend(name.to_str().and_then(|name| name.parse::<i32>().ok()));
    }
    Ok(found)
}

/// The `stat` files of all processes that are visible from here.
///
/// # Errors
///
/// Where `/proc` cannot be read. Processes that end meanwhile are left out.
pub fn all() -> io::Result<Vec<Stat>> {
    let pids = pids()?.into_iter();
    Ok(pids.filter_map(|pid| Stat::read(pid).ok()).collect())
}

/// Names one process of one boot for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The first 64 bits of the boot id.
    pub boot: u64,
    /// The pid.
    pub pid: i32,
    /// When it started, in clock ticks since boot.
    pub started: u64,
}

impl Identity {
    /// The identity of a process that runs now.
    ///
    /// # Errors
    ///
    /// Where it does not run or `/proc` cannot be read.
    pub fn of(pid: i32) -> io::Result<Identity> {
        let started = Stat::read(pid)?.started;
        Ok(Identity {
            boot: boot_id()?,
            pid,
            started,
        })
    }

    /// Whether that very process still runs.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        let now = Stat::read(self.pid);
        now.is_ok_and(|stat| stat.is_alive() && stat.started == self.started)
            && boot_id().is_ok_and(|boot| boot == self.boot)
    }
}

/// The first 64 bits of this boot's random id.
///
/// # Errors
///
/// Where the kernel does not show it.
pub fn boot_id() -> io::Result<u64> {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    let digits: String = text
        .chars()
        .filter(char::is_ascii_hexdigit)
        .take(16)
        .collect();
    u64::from_str_radix(&digits, 16).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_made_to_deceive_is_read_right() {
        let text = b"42 (a) R 1 (b) T 7 8 9 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 555 0";
        let stat = Stat::parse(text).unwrap();
        assert_eq!((stat.pid, stat.name.as_str()), (42, "a) R 1 (b"));
        assert_eq!((stat.state, stat.parent, stat.started), (b'T', 7, 555));
    }

    #[test]
    fn odd_files_are_refused() {
        for text in [
            &b""[..],
            b"(",
            b"1 )x(",
            b"1 (a)",
            b"1 (a) R",
            b"x (a) R 1 2 3",
        ] {
            assert_eq!(Stat::parse(text), None);
        }
    }

    #[test]
    fn we_are_alive_and_a_reused_pid_is_not_us() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let mut us = Identity::of(pid).unwrap();
        assert!(us.is_alive());
        us.started += 1;
        assert!(!us.is_alive());
    }
}

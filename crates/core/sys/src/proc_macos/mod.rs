//! What macOS says of other processes, by `libproc` and `sysctl(3)`.
//!
//! A pid alone names nobody: it is reused. So a process has the time of its birth too. Of processes of other
//! users nearly nothing is told. What a process waits for is told to nobody, so nobody is seen to read. Checked by
//! the compiler and clippy only: nobody has run this yet.

mod held;
mod net;
mod usage;

pub use held::{Held, Holder, Holders, holders, other_holders};
pub use net::{Listening, holders_of, listening};
pub use usage::{Usage, command, user_of};

use crate::process_answers::state;
use crate::tree::macos::{all as all_pids, ask, entry};
use std::io;

/// What is told of a process (`proc_bsdinfo` of `sys/proc_info.h`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// The process's id.
    pub pid: i32,
    /// Its short name, at most 31 bytes; chosen by the process, so never trusted.
    pub name: String,
    /// `R` running or about to, which is most of them; `S` sleeping, `T` stopped, `I` being made, `Z` zombie.
    pub state: u8,
    /// Its parent.
    pub parent: i32,
    /// Its process group.
    pub group: i32,
    /// Its session.
    pub session: i32,
    /// When it started, in microseconds since 1970.
    pub started: u64,
}

impl Stat {
    /// Asks about one process.
    ///
    /// # Errors
    ///
    /// `ESRCH` where there is no such process; `EPERM` for one of another user.
    pub fn read(pid: i32) -> io::Result<Stat> {
        let about: libc::proc_bsdinfo = ask(pid)?;
        let name = if about.pbi_name[0] == 0 {
            text(&about.pbi_comm)
        } else {
            text(&about.pbi_name)
        };
        Ok(Stat {
            pid,
            name,
            state: state(about.pbi_status),
            parent: about.pbi_ppid.cast_signed(),
            group: about.pbi_pgid.cast_signed(),
            session: entry(pid)?.session,
            started: about.pbi_start_tvsec * 1_000_000 + about.pbi_start_tvusec,
        })
    }

    /// Whether the process still runs: it is no zombie.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.state != b'Z'
    }
}

/// A string of the system, up to its zero.
fn text(characters: &[libc::c_char]) -> String {
    let bytes = characters.iter().map(|character| character.cast_unsigned());
    let bytes: Vec<u8> = bytes.take_while(|byte| *byte != 0).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// When this process started, in microseconds since 1970: with its pid it names it.
///
/// # Errors
///
/// As [`Stat::read`].
pub fn own_start() -> io::Result<u64> {
    Ok(Stat::read(std::process::id().cast_signed())?.started)
}

/// The state of a process that does not go on by itself: stopped. That one is stuck in the kernel is not told.
///
/// # Errors
///
/// As [`Stat::read`].
pub fn standstill(pid: i32) -> io::Result<Option<u8>> {
    let state = Stat::read(pid)?.state;
    Ok((state == b'T').then_some(state))
}

/// The pids of all processes.
///
/// # Errors
///
/// Where the list cannot be had.
pub fn pids() -> io::Result<Vec<i32>> {
    all_pids()
}

/// All processes that we may look at.
///
/// # Errors
///
/// Where the list cannot be had. Processes that end meanwhile are left out.
pub fn all() -> io::Result<Vec<Stat>> {
    let pids = pids()?.into_iter();
    Ok(pids.filter_map(|pid| Stat::read(pid).ok()).collect())
}

/// A process that waits for input: nobody is seen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// Its id.
    pub pid: i32,
    /// Which wait of it.
    pub sleeps: u64,
}

/// Whether anybody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// This one waits for input, without a limit.
    By(Reader),
    /// Nobody does.
    Nobody,
    /// The system does not let us see it.
    Hidden,
}

/// Who of a process group waits for input from this terminal: that is told to nobody.
#[must_use]
pub fn reading(_: Held, _: i32) -> Reading {
    Reading::Hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_are_found_as_we_are() {
        let own = std::process::id().cast_signed();
        let us = Stat::read(own).unwrap();
        assert!(us.is_alive() && us.started > 0 && us.started == own_start().unwrap());
        assert!(pids().unwrap().contains(&own));
        assert!(all().unwrap().contains(&us));
        assert_eq!(standstill(own).unwrap(), None);
        assert!(Stat::read(i32::MAX).is_err());
    }
}

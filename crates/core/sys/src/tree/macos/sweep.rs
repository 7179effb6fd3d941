//! Carrying out a hunt where nobody watches the tree: for a manager that has lost its reaper, and for
//! what managers left that were killed together with theirs.

use super::table::{is_marked, is_marked_below, signal, stems, table};
use crate::tree::hunt::{Hunt, Order};
use crate::tree::lineage::{Entry, Lineage};
use std::collections::BTreeSet;
use std::io;
use std::time::{Duration, Instant};

/// Which orphans belong to what is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// None by that.
    None,
    /// Those that carry the mark of this tree.
    Tree(Vec<u8>),
    /// Those that carry the mark of any tree of this manager.
    Manager(Vec<u8>),
}

impl Mark {
    /// Whether a process carries it.
    #[must_use]
    pub fn is_on(&self, pid: i32) -> bool {
        match self {
            Mark::None => false,
            Mark::Tree(mark) => is_marked(pid, mark),
            Mark::Manager(stem) => is_marked_below(pid, stem),
        }
    }
}

/// The user whose marks are believed: ours.
pub(super) fn user() -> u32 {
    crate::child::effective_user()
}

/// The live members of a tree now.
///
/// # Errors
///
/// Where the table cannot be read.
pub fn members(lineage: &mut Lineage, mark: &Mark) -> io::Result<Vec<Entry>> {
    Ok(lineage.look(&table()?, user(), |entry| mark.is_on(entry.pid)))
}

/// Sends a signal to each; what has ended first is no failure. Answers how many were reached, and the
/// first refusal.
pub fn signal_all(targets: &[Entry], number: i32) -> (u32, Option<io::Error>) {
    let (mut reached, mut refusal) = (0, None);
    for target in targets {
        match signal(target, number) {
            Ok(()) => reached += 1,
            Err(error) if error.raw_os_error() == Some(libc::ESRCH) => {}
            Err(error) => refusal = refusal.or(Some(error)),
        }
    }
    (reached, refusal)
}

/// Kills a tree and waits until it is gone, at most for so long. Blocks.
///
/// # Errors
///
/// Where the table cannot be read; `TimedOut` where somebody is left.
pub fn sweep(lineage: &mut Lineage, mark: &Mark, patience: Duration) -> io::Result<()> {
    let until = Instant::now() + patience;
    let mut hunt = Hunt::default();
    loop {
        let table = table()?;
        let found = lineage.look(&table, user(), |entry| mark.is_on(entry.pid));
        match hunt.step(&found, table.whole) {
            Order::Done => return Ok(()),
            Order::Stop(some) => drop(signal_all(&some, libc::SIGSTOP)),
            Order::Kill(some) => drop(signal_all(&some, libc::SIGKILL)),
            Order::Look => {}
            Order::Rest(rest) => std::thread::sleep(rest),
        }
        if Instant::now() >= until {
            return Err(io::ErrorKind::TimedOut.into());
        }
    }
}

/// The stems of all marks that processes of our user carry: which managers have trees, or had.
///
/// # Errors
///
/// Where the table cannot be read.
pub fn marked_by() -> io::Result<BTreeSet<Vec<u8>>> {
    let ours = table()?.entries.into_iter();
    let ours = ours.filter(|entry| entry.user == user() && !entry.zombie);
    Ok(ours.flat_map(|entry| stems(entry.pid)).collect())
}

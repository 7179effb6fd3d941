//! Carrying out a hunt where nobody watches the tree: for a manager that has lost its reaper, and for
//! what managers left that were killed together with theirs.

use super::table::{holds, marks, signal, table};
use crate::tree::environment_mark::stem;
use crate::tree::hunt::{Hunt, Order};
use crate::tree::lineage::{Entry, Lineage, Table};
use std::collections::BTreeSet;
use std::io;
use std::time::{Duration, Instant};

/// Which orphans belong to what is looked for, besides those that descent leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// None.
    None,
    /// Those that carry the mark of this tree.
    Tree(Vec<u8>),
    /// Those that carry the mark of a tree of this manager, but for some of its trees.
    Manager(Vec<u8>, BTreeSet<Vec<u8>>),
}

impl Mark {
    /// Whether a process that carries these marks is meant.
    #[must_use]
    pub fn is_among(&self, marks: &[Vec<u8>]) -> bool {
        marks.iter().any(|mark| match self {
            Mark::None => false,
            Mark::Tree(wanted) => mark == wanted,
            Mark::Manager(wanted, but) => {
                stem(mark) == Some(wanted.as_slice()) && !but.contains(mark)
            }
        })
    }
}

/// The live members in this table.
#[must_use]
pub fn members(lineage: &mut Lineage, mark: &Mark, table: &Table) -> Vec<Entry> {
    // Only marks of our own user are believed.
    let user = crate::child::effective_user();
    lineage.look(table, user, |entry| {
        *mark != Mark::None && mark.is_among(&marks(entry.pid))
    })
}

/// Sends a signal to each; what has ended first is no failure. Answers how many were reached, and the
/// first refusal.
pub fn signal_each(targets: &[Entry], number: i32) -> (u32, Option<io::Error>) {
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
        let found = members(lineage, mark, &table);
        let now = Instant::now();
        match hunt.step(&found, table.whole, now) {
            Order::Done => return Ok(()),
            Order::Stop(some) => drop(signal_each(&some, libc::SIGSTOP)),
            Order::Kill(some) => drop(signal_each(&some, libc::SIGKILL)),
            Order::Look => {}
            Order::Rest(then) => std::thread::sleep(then - now),
        }
        if Instant::now() >= until {
            return Err(io::ErrorKind::TimedOut.into());
        }
    }
}

/// Which managers have trees, or had, by the marks that live processes of our user carry.
#[derive(Debug, Clone, Default)]
pub struct Stems {
    /// The stems of all marks.
    pub marked: BTreeSet<Vec<u8>>,
    /// Those whose trees another reaper than the one they name has taken over.
    pub held: BTreeSet<Vec<u8>>,
}

/// Looks for all marks.
///
/// # Errors
///
/// Where the table cannot be read.
pub fn stems() -> io::Result<Stems> {
    let user = crate::child::effective_user();
    let ours = table()?.entries.into_iter();
    let mut found = Stems::default();
    for entry in ours.filter(|entry| entry.user == user && !entry.zombie) {
        let marks = marks(entry.pid);
        let stems = marks.iter().filter_map(|mark| stem(mark));
        found.marked.extend(stems.map(<[u8]>::to_vec));
        found.held.extend(holds(entry.pid));
    }
    Ok(found)
}

//! The end of an owner and of all below it, as the book sees it.
//!
//! Who ends an owner marks it with all below it, ends what they have, and then closes them. In
//! between nothing is taken on and nothing given away, so what was found once is all there is.

use super::{Book, HOST, Key, OwnerError, Row, Stage};
use crate::owner::OwnerId;
use std::collections::HashMap;

impl Key {
    /// Told apart from later owners of the same name by this.
    pub(crate) fn number(&self) -> u64 {
        self.serial
    }

    pub(crate) fn is_host(&self) -> bool {
        self.serial == HOST
    }
}

/// Owners that are being ended, by one who began it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Marked {
    /// Deepest first; the last is the one whose end was asked for.
    owners: Vec<u64>,
}

impl Marked {
    /// The numbers of all of them.
    pub(crate) fn numbers(&self) -> &[u64] {
        &self.owners
    }
}

/// What is left of an end for its caller to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Begun {
    /// It is up to him.
    Now(Marked),
    /// Somebody else is at it.
    Already,
}

impl Book {
    /// Marks an owner and all below it that nobody is ending yet.
    pub(crate) fn begin_end(&mut self, key: &Key) -> Result<Begun, OwnerError> {
        if key.serial == HOST {
            return Err(OwnerError::Host);
        }
        let Some(node) = self.nodes.get(&key.serial) else {
            let owner = key.id.clone();
            return Err(OwnerError::Ended { owner });
        };
        if node.ending {
            return Ok(Begun::Already);
        }
        let mut owners = self.below(key.serial);
        owners.retain(|serial| {
            let node = self.nodes.get_mut(serial);
            node.is_some_and(|node| !std::mem::replace(&mut node.ending, true))
        });
        Ok(Begun::Now(Marked { owners }))
    }

    /// The rows of marked owners that can be found, each with how deep below the host its owner is.
    pub(crate) fn rows_to_end(&self, marked: &Marked) -> HashMap<u64, usize> {
        let entered = self
            .rows
            .iter()
            .filter(|(_, row)| row.stage == Stage::Entered && marked.owners.contains(&row.owner));
        let depth = |row: &Row| self.chain(row.owner).len();
        entered.map(|(number, row)| (*number, depth(row))).collect()
    }

    /// The same of an owner and all below it.
    pub(crate) fn rows_below(&self, key: &Key) -> HashMap<u64, usize> {
        let owners = self.below(key.serial);
        self.rows_to_end(&Marked { owners })
    }

    /// Whether somebody has still to be waited for: a process that nobody can see yet, or an owner
    /// below that somebody else ends.
    pub(crate) fn is_waiting(&self, marked: &Marked) -> bool {
        let reserved = self
            .rows
            .values()
            .any(|row| row.stage == Stage::Reserved && marked.owners.contains(&row.owner));
        let below = self.nodes.iter().any(|(serial, node)| {
            let inside = node
                .parent
                .is_some_and(|parent| marked.owners.contains(&parent));
            inside && !marked.owners.contains(serial)
        });
        reserved || below
    }

    /// Closes marked owners. What is left of their processes, be it only the record, goes to the next
    /// one above, who is answered with the rows of those that are not over.
    pub(crate) fn finish_end(&mut self, marked: &Marked) -> (OwnerId, Vec<u64>) {
        let top = marked.owners.last().and_then(|top| self.nodes.get(top));
        let heir = top.and_then(|top| top.parent).unwrap_or(HOST);
        let rows = self.rows.iter();
        let left = rows.filter(|(_, row)| marked.owners.contains(&row.owner));
        let left: Vec<(u64, Stage)> = left.map(|(number, row)| (*number, row.stage)).collect();
        for (row, _) in &left {
            self.give(*row, heir);
        }
        for owner in &marked.owners {
            if let Some(node) = self.nodes.remove(owner) {
                self.by_id.remove(&node.id);
            }
        }
        let id = self.nodes.get(&heir).map(|heir| heir.id.clone());
        let alive = left.into_iter().filter(|(_, stage)| *stage != Stage::Over);
        let alive = alive.map(|(row, _)| row).collect();
        (id.unwrap_or_else(OwnerId::host), alive)
    }

    /// Whose a row is.
    pub(crate) fn key_of(&self, row: u64) -> Option<Key> {
        let serial = self.rows.get(&row)?.owner;
        let id = self.nodes.get(&serial)?.id.clone();
        Some(Key { id, serial })
    }

    /// Whether an owner with this number is there, ending or not.
    pub(crate) fn has_owner(&self, number: u64) -> bool {
        self.nodes.contains_key(&number)
    }

    /// Whether an owner is there, ending or not.
    pub(crate) fn is_there(&self, key: &Key) -> bool {
        self.nodes.contains_key(&key.serial)
    }
}

//! Who owns what, and how much of whose limits is used: the one truth about owners.
//!
//! Pure: no I/O, no clock, no lock (`claim.rs` puts one around it). A *row* is a process from the
//! wish to start it until its record is dropped. What must stay true: a row has one owner at every
//! moment; what an owner uses is the sum of its rows, and what counts against its limits is that
//! with all owners below it; nothing is taken on above a limit; who is ending takes nothing on and
//! gives nothing away.

mod ending;
mod over;
mod room;

pub(crate) use ending::{Begun, Marked};
pub(crate) use room::Short;

use super::error::OwnerError;
use super::limits::{Limits, Usage};
use super::ranges::Ranges;
use super::{OwnerId, OwnerInfo};
use crate::output::Quota;
use crate::process::LookupError;
use crate::process::ProcessHandle;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// Which owner, told apart from a later one of the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) id: OwnerId,
    serial: u64,
}

/// The host's: the top of the tree, which neither ends nor has limits.
const HOST: u64 = 0;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Node {
    id: OwnerId,
    parent: Option<u64>,
    limits: Limits,
    /// What it and those below it may have on disk.
    quota: Option<Quota>,
    own: Usage,
    /// Its own and that of all below it.
    all: Usage,
    ending: bool,
    /// Processes of it whose records were dropped.
    forgotten: Ranges,
}

/// How far a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nobody can see it yet.
    Reserved,
    /// It can be found, and something of it may be left.
    Entered,
    /// Nothing of it is left but its record.
    Over,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    owner: u64,
    stage: Stage,
    /// What it uses of its owner's limits.
    uses: Usage,
    /// Its number in the registry.
    process: Option<u64>,
    /// Its place among all that are over.
    ended: u64,
    /// Nobody knows yet what its record keeps: more of its output may come.
    open: bool,
}

/// All owners and all rows of one manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Book {
    nodes: BTreeMap<u64, Node>,
    by_id: HashMap<OwnerId, u64>,
    rows: BTreeMap<u64, Row>,
    /// The rows of those that can be found.
    by_process: HashMap<u64, u64>,
    next_owner: u64,
    next_row: u64,
    next_end: u64,
}

impl Book {
    pub(crate) fn new() -> Book {
        let id = OwnerId::host();
        let host = Node::new(id.clone(), None, Limits::unlimited());
        Book {
            nodes: BTreeMap::from([(HOST, host)]),
            by_id: HashMap::from([(id, HOST)]),
            rows: BTreeMap::new(),
            by_process: HashMap::new(),
            next_owner: HOST + 1,
            next_row: 0,
            next_end: 0,
        }
    }

    /// Adds an owner below another one.
    pub(crate) fn add(
        &mut self,
        id: &OwnerId,
        parent: &OwnerId,
        limits: Limits,
    ) -> Result<Key, OwnerError> {
        if self.by_id.contains_key(id) {
            return Err(OwnerError::Taken { owner: id.clone() });
        }
        let parent = self.key(parent)?;
        let serial = self.next_owner;
        self.next_owner += 1;
        let above = self.quota(parent.serial);
        let quota = limits.spill_bytes.map(|most| match above {
            Some(above) => above.below(most),
            None => Quota::new(most),
        });
        let node = Node {
            quota,
            ..Node::new(id.clone(), Some(parent.serial), limits)
        };
        self.nodes.insert(serial, node);
        self.by_id.insert(id.clone(), serial);
        let id = id.clone();
        Ok(Key { id, serial })
    }

    /// The owner of this name that has not ended.
    pub(crate) fn key(&self, id: &OwnerId) -> Result<Key, OwnerError> {
        let key = self.any_key(id)?;
        self.node(&key).map(|_| key)
    }

    /// The owner of this name, ending or not.
    pub(crate) fn any_key(&self, id: &OwnerId) -> Result<Key, OwnerError> {
        let serial = self.by_id.get(id).copied();
        let serial = serial.ok_or_else(|| OwnerError::Unknown { owner: id.clone() })?;
        let id = id.clone();
        Ok(Key { id, serial })
    }

    /// Refuses one that has ended or is ending.
    fn node(&self, key: &Key) -> Result<&Node, OwnerError> {
        let node = self.nodes.get(&key.serial).filter(|node| !node.ending);
        let owner = || key.id.clone();
        node.ok_or_else(|| OwnerError::Ended { owner: owner() })
    }

    /// Whether an owner is there and not ending.
    pub(crate) fn is_open(&self, key: &Key) -> bool {
        self.node(key).is_ok()
    }

    /// An owner and those above it, up to the host.
    fn chain(&self, serial: u64) -> Vec<u64> {
        let above = |serial: &u64| self.nodes.get(serial)?.parent;
        std::iter::successors(Some(serial), above).collect()
    }

    /// What an owner may have on disk, if that is limited.
    fn quota(&self, serial: u64) -> Option<Quota> {
        let mut chain = self.chain(serial).into_iter();
        chain.find_map(|serial| self.nodes.get(&serial)?.quota.clone())
    }

    /// What an owner may have on disk, if that is limited.
    pub(crate) fn quota_of(&self, owner: &Key) -> Option<Quota> {
        self.quota(owner.serial)
    }

    /// Takes a process on, which may keep so many bytes of output in memory.
    pub(crate) fn reserve(&mut self, owner: &Key, output_bytes: u64) -> Result<u64, Short> {
        self.node(owner)?;
        let uses = Usage {
            processes: 1,
            output_bytes,
        };
        let chain = self.chain(owner.serial);
        self.room(&chain, &owner.id, uses)?;
        Ok(self.take_in(owner, uses))
    }

    /// An owner and all below it, deepest first.
    fn below(&self, serial: u64) -> Vec<u64> {
        // Whoever is below another one was added later.
        let mut below: Vec<u64> = Vec::new();
        for (number, node) in self.nodes.range(serial..) {
            let inside = node.parent.is_some_and(|parent| below.contains(&parent));
            if *number == serial || inside {
                below.push(*number);
            }
        }
        below.reverse();
        below
    }

    fn own(&mut self, serial: u64, change: impl FnOnce(&mut Usage)) {
        if let Some(node) = self.nodes.get_mut(&serial) {
            change(&mut node.own);
        }
    }

    /// It can be found from here on under this number. Answers how long it may run; refused where
    /// its owner is ending.
    pub(crate) fn enter(&mut self, row: u64, process: u64) -> Result<Option<Duration>, OwnerError> {
        let found = self.rows.get_mut(&row);
        let Some(entered) = found.filter(|row| row.stage == Stage::Reserved) else {
            return Ok(None);
        };
        entered.process = Some(process);
        let owner = entered.owner;
        self.by_process.insert(process, row);
        self.takes_part(owner)?;
        if let Some(row) = self.rows.get_mut(&row) {
            row.stage = Stage::Entered;
        }
        Ok(self.wall_time(owner))
    }

    /// Refuses an owner that is ending.
    fn takes_part(&self, serial: u64) -> Result<(), OwnerError> {
        match self.nodes.get(&serial).filter(|node| node.ending) {
            Some(node) => Err(OwnerError::Ended {
                owner: node.id.clone(),
            }),
            None => Ok(()),
        }
    }

    /// How long a process of this owner may run.
    fn wall_time(&self, serial: u64) -> Option<Duration> {
        let chain = self.chain(serial);
        let nodes = chain.iter().filter_map(|serial| self.nodes.get(serial));
        nodes.filter_map(|node| node.limits.wall_time).min()
    }

    /// Gives a process to another owner; answers how long it may run there. Who asks must own it
    /// and be related to the receiver; the host asks as nobody.
    pub(crate) fn transfer(
        &mut self,
        (row, handle): (u64, ProcessHandle),
        asked: Option<&Key>,
        to: &OwnerId,
    ) -> Result<Option<Duration>, Short> {
        if let Some(asked) = asked {
            self.node(asked)?;
        }
        let found = self.rows.get(&row).filter(|found| {
            let own = asked.is_none_or(|asked| asked.serial == found.owner);
            own && found.stage != Stage::Reserved
        });
        let found = found.ok_or(OwnerError::Lookup(LookupError::Unknown { handle }))?;
        let (from, uses) = (found.owner, found.uses);
        self.takes_part(from)?;
        let to = self.key(to)?;
        let (before, after) = (self.chain(from), self.chain(to.serial));
        let related = before.contains(&to.serial) || after.contains(&from);
        if let Some(asked) = asked.filter(|_| !related) {
            let (owner, to) = (asked.id.clone(), to.id);
            return Err(OwnerError::NotRelated { owner, to }.into());
        }
        let gain = |serial: &&u64| !before.contains(serial);
        let gains: Vec<u64> = after.iter().filter(gain).copied().collect();
        self.room(&gains, &to.id, uses)?;
        self.give(row, to.serial);
        Ok(self.wall_time(to.serial))
    }

    fn give(&mut self, row: u64, to: u64) {
        let Some(found) = self.rows.get_mut(&row) else {
            return;
        };
        let uses = found.uses;
        let from = std::mem::replace(&mut found.owner, to);
        let (before, after) = (self.chain(from), self.chain(to));
        self.discharge(&before, uses);
        self.charge(&after, uses);
        self.own(from, |own| own.take(uses));
        self.own(to, |own| own.add(uses));
    }

    /// To whom a row belongs.
    pub(crate) fn owner_of(&self, row: u64) -> Option<&OwnerId> {
        let row = self.rows.get(&row)?;
        self.nodes.get(&row.owner).map(|node| &node.id)
    }

    /// Whether a row belongs to this owner.
    pub(crate) fn is_of(&self, row: u64, owner: &Key) -> bool {
        let row = self.rows.get(&row);
        row.is_some_and(|row| row.owner == owner.serial)
    }

    /// Whether a process is this owner's, or was when its record was dropped.
    pub(crate) fn knows(&self, owner: &Key, process: u64) -> bool {
        let row = self.by_process.get(&process);
        let own = row.is_some_and(|row| self.is_of(*row, owner));
        let node = self.nodes.get(&owner.serial);
        own || node.is_some_and(|node| node.forgotten.has(process))
    }

    /// An owner, as it is now.
    pub(crate) fn info(&self, key: &Key) -> Result<OwnerInfo, OwnerError> {
        self.node(key).map(|node| self.told(node))
    }

    /// All owners that have not ended, in the order in which they were added.
    pub(crate) fn infos(&self) -> Vec<OwnerInfo> {
        let open = self.nodes.values().filter(|node| !node.ending);
        open.map(|node| self.told(node)).collect()
    }

    fn told(&self, node: &Node) -> OwnerInfo {
        let parent = node.parent.and_then(|parent| self.nodes.get(&parent));
        OwnerInfo {
            id: node.id.clone(),
            parent: parent.map(|parent| parent.id.clone()),
            limits: node.limits,
            own: node.own,
            all: node.all,
        }
    }
}

impl Node {
    fn new(id: OwnerId, parent: Option<u64>, limits: Limits) -> Node {
        Node {
            id,
            parent,
            limits,
            quota: None,
            own: Usage::default(),
            all: Usage::default(),
            ending: false,
            forgotten: Ranges::default(),
        }
    }
}

#[cfg(test)]
mod tests;

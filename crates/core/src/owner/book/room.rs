//! Whether there is room for one more process, and who is in the way.

use super::{Book, Key, Node, Row, Stage};
use crate::owner::OwnerId;
use crate::owner::error::{LimitReached, OwnerError};
use crate::owner::limits::{LimitKind, Usage};
use std::collections::HashSet;

/// How many users an error names.
const NAMED: usize = 8;

/// Why a row was not taken on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Short {
    /// It cannot be.
    Refused(OwnerError),
    /// It could be if these, the first to end first, kept no output any more.
    Crowded(Vec<u64>),
}

impl From<OwnerError> for Short {
    fn from(error: OwnerError) -> Short {
        Short::Refused(error)
    }
}

impl Book {
    /// As [`Book::reserve`], of one that runs already: whether there is room for it or not.
    pub(crate) fn readmit(&mut self, owner: &Key, output_bytes: u64) -> Result<u64, OwnerError> {
        self.node(owner)?;
        let uses = Usage {
            processes: 1,
            output_bytes,
        };
        Ok(self.take_in(owner, uses))
    }

    /// It is one of this owner's from here on; answers its row.
    pub(super) fn take_in(&mut self, owner: &Key, uses: Usage) -> u64 {
        let chain = self.chain(owner.serial);
        self.charge(&chain, uses);
        let row = self.next_row;
        self.next_row += 1;
        self.own(owner.serial, |own| own.add(uses));
        self.rows.insert(
            row,
            Row {
                owner: owner.serial,
                stage: Stage::Reserved,
                uses,
                process: None,
                ended: 0,
                open: false,
            },
        );
        row
    }

    /// Whether all of these have room for so much more.
    pub(super) fn room(&self, chain: &[u64], owner: &OwnerId, more: Usage) -> Result<(), Short> {
        let mut crowded = Vec::new();
        for serial in chain {
            let Some(node) = self.nodes.get(serial) else {
                continue;
            };
            for kind in LimitKind::ALL {
                let Some(most) = node.limits.of(kind) else {
                    continue;
                };
                let wanted = more.of(kind);
                let excess = (node.all.of(kind).saturating_add(wanted)).saturating_sub(most);
                if wanted == 0 || excess == 0 {
                    continue;
                }
                let over = self.over_below(*serial);
                if kind == LimitKind::Processes || kept(&over) < excess {
                    let reached = self.reached((*serial, node), owner, kind, wanted);
                    return Err(OwnerError::Limit(reached).into());
                }
                crowded.extend(over.into_iter().map(|(row, _)| row));
            }
        }
        if crowded.is_empty() {
            return Ok(());
        }
        crowded.sort_unstable();
        crowded.dedup();
        crowded.sort_by_key(|row| self.rows.get(row).map(|row| row.ended));
        Err(Short::Crowded(crowded))
    }

    /// The rows of an owner and those below it that are over and keep output.
    fn over_below(&self, serial: u64) -> Vec<(u64, u64)> {
        let below: HashSet<u64> = self.below(serial).into_iter().collect();
        let rows = self.rows.iter();
        let rows = rows.filter(|(_, row)| row.stage == Stage::Over && below.contains(&row.owner));
        let kept = rows.map(|(number, row)| (*number, row.uses.output_bytes));
        kept.filter(|(_, kept)| *kept > 0).collect()
    }

    fn reached(
        &self,
        (serial, node): (u64, &Node),
        owner: &OwnerId,
        limit: LimitKind,
        wanted: u64,
    ) -> Box<LimitReached> {
        let nodes = self.below(serial);
        let nodes = nodes.iter().filter_map(|serial| self.nodes.get(serial));
        let used = nodes.map(|node| (node.id.clone(), node.own.of(limit)));
        let mut used_by: Vec<_> = used.filter(|(_, used)| *used > 0).collect();
        used_by.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let others = used_by.len().saturating_sub(NAMED);
        used_by.truncate(NAMED);
        Box::new(LimitReached {
            owner: owner.clone(),
            limited: node.id.clone(),
            limit,
            most: node.limits.of(limit).unwrap_or(u64::MAX),
            wanted,
            used_by,
            others,
        })
    }

    /// All of these use so much more.
    pub(super) fn charge(&mut self, chain: &[u64], uses: Usage) {
        for serial in chain {
            if let Some(node) = self.nodes.get_mut(serial) {
                node.all.add(uses);
            }
        }
    }

    /// All of these use so much less.
    pub(super) fn discharge(&mut self, chain: &[u64], uses: Usage) {
        for serial in chain {
            if let Some(node) = self.nodes.get_mut(serial) {
                node.all.take(uses);
            }
        }
    }
}

fn kept(rows: &[(u64, u64)]) -> u64 {
    rows.iter().map(|(_, kept)| *kept).sum()
}

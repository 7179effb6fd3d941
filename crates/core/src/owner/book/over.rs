//! What is left of a process that is over: its record, and what that keeps of its output.
//!
//! That counts against the limits like the output of one that runs, but stands in nobody's way: the
//! one that ended first gives its output up for whoever is to be started.

use super::{Book, Stage};
use crate::owner::limits::Usage;

impl Book {
    /// Nothing is left of it but its record, which keeps so many bytes of output; as many as were
    /// reserved where nobody knows yet, as more may come.
    pub(crate) fn over(&mut self, row: u64, kept: Option<u64>) {
        let Some(found) = self.rows.get_mut(&row) else {
            return;
        };
        if found.stage != Stage::Over {
            found.stage = Stage::Over;
            found.ended = self.next_end;
            self.next_end += 1;
        }
        self.keep(row, kept.unwrap_or(u64::MAX));
        if let Some(found) = self.rows.get_mut(&row) {
            found.open = kept.is_none();
        }
    }

    /// The record of one that is over keeps so many bytes of output, never more than before.
    pub(crate) fn keep(&mut self, row: u64, kept: u64) {
        let Some(found) = self.rows.get_mut(&row) else {
            return;
        };
        if found.stage != Stage::Over {
            return;
        }
        found.open = false;
        let after = Usage {
            processes: 0,
            output_bytes: found.uses.output_bytes.min(kept),
        };
        let before = std::mem::replace(&mut found.uses, after);
        let owner = found.owner;
        let chain = self.chain(owner);
        self.discharge(&chain, before);
        self.charge(&chain, after);
        self.own(owner, |own| {
            own.take(before);
            own.add(after);
        });
    }

    /// Those that are over and of which nobody knew yet what they keep.
    pub(crate) fn open_rows(&self) -> Vec<u64> {
        let open = self.rows.iter().filter(|(_, row)| row.open);
        open.map(|(number, _)| *number).collect()
    }

    /// Its record is dropped.
    pub(crate) fn forget(&mut self, row: u64) {
        self.over(row, Some(0));
        let Some(row) = self.rows.remove(&row) else {
            return;
        };
        let Some(process) = row.process else { return };
        self.by_process.remove(&process);
        if let Some(node) = self.nodes.get_mut(&row.owner) {
            node.forgotten.note(process);
        }
    }
}

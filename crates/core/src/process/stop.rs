//! What a stop did, collected while it happens, for everybody who waits for it.

use super::status::{ProcessStatus, Receipt};
use crate::manager::registry::Record;
use crate::tree::Rung;
use std::time::Instant;
use tokio::sync::oneshot;

/// The stop under way, and who waits for its receipt.
#[derive(Debug, Default)]
pub(super) struct Stops {
    begun: Option<Instant>,
    members_before: usize,
    asked: usize,
    killed: usize,
    waiting: Vec<oneshot::Sender<Receipt>>,
}

impl Stops {
    /// Joins the stop under way, or begins one.
    pub(super) fn join(
        &mut self,
        done: Option<oneshot::Sender<Receipt>>,
        members: impl FnOnce() -> usize,
    ) {
        if self.begun.is_none() {
            self.begun = Some(Instant::now());
            self.members_before = members();
        }
        self.waiting.extend(done);
    }

    pub(super) fn asked(&mut self, members: usize) {
        self.asked = self.asked.max(members);
    }

    pub(super) fn killed(&mut self, members: usize) {
        self.killed = self.killed.max(members);
    }

    /// Gives everybody the receipt.
    pub(super) fn answer(
        &mut self,
        record: &Record,
        rung: Rung,
        survivors: Vec<u32>,
        status: &ProcessStatus,
    ) {
        for done in self.waiting.drain(..) {
            let receipt = Receipt {
                handle: record.handle,
                rung,
                grade: rung.grade(),
                members_before: self.members_before,
                asked: self.asked,
                killed: self.killed,
                survivors: survivors.clone(),
                took: self
                    .begun
                    .map_or_else(Default::default, |begun| begun.elapsed()),
                status: status.clone(),
            };
            // Who asked may have stopped waiting; the stop went on all the same.
            let _ = done.send(receipt);
        }
    }
}

/// The receipt of a process that was over before the stop.
pub(crate) fn nothing_to_do(record: &Record, status: ProcessStatus) -> Receipt {
    Receipt {
        handle: record.handle,
        rung: record.rung,
        grade: record.rung.grade(),
        members_before: 0,
        asked: 0,
        killed: 0,
        survivors: Vec::new(),
        took: std::time::Duration::ZERO,
        status,
    }
}

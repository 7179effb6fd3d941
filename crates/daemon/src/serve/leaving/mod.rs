//! When a daemon leaves: because it was asked to, or because nobody has needed it for a while.
//!
//! What must stay true: it is never idle while a client is connected, a session could be resumed or a
//! process lives.

mod idle;
mod task;

use super::{Daemon, lifeline, refuse};
use crate::wire::{Receipt, WireError};
use handfast::{ProcessHandle, ProcessInfo, StartError};
use idle::Idleness;
use tokio::sync::{SemaphorePermit, watch};

/// How many processes may be started at once: more than there can be requests.
pub(super) const STARTS: u32 = 1 << 24;

/// What the daemon notes of itself in order to know when to leave.
#[derive(Debug)]
pub(super) struct Activity {
    /// Counts what has begun and ended.
    moments: watch::Sender<u64>,
    asked: watch::Sender<Option<Leave>>,
}

impl Default for Activity {
    fn default() -> Activity {
        Activity {
            moments: watch::Sender::new(0),
            asked: watch::Sender::new(None),
        }
    }
}

impl Activity {
    /// Something has begun or ended.
    pub(super) fn note(&self) {
        self.moments.send_modify(|count| *count += 1);
    }
}

impl Daemon {
    /// Waits until it was asked to leave by a client, or has been idle for as long as
    /// [`Settings::idle`](super::Settings::idle) says: no connection, no session, no process of which
    /// something lives.
    ///
    /// # Cancel safety
    ///
    /// Safe, but the time of idleness begins anew.
    pub async fn should_leave(&self) -> Leave {
        task::should_leave(self).await
    }

    /// Waits until no connection is open.
    ///
    /// # Cancel safety
    ///
    /// Safe.
    pub async fn abandoned(&self) {
        let mut moments = self.0.activity.moments.subscribe();
        let _ = moments.wait_for(|_| self.connections() == 0).await;
    }

    /// Ends every process, also what was declared to survive, and starts no more. Answers what was done to
    /// each.
    pub async fn end_everything(&self) -> Vec<Receipt> {
        self.start_nothing().await;
        let survives = |info: &ProcessInfo| info.config.lifetime().survives_owner();
        let survivors = self.manager().list_processes().into_iter();
        let survivors = survivors.filter(survives).map(|info| info.handle);
        let survivors: Vec<ProcessHandle> = survivors.collect();
        // Before the others: after the last of those a reaper lets go of us, and keeps the survivors.
        self.end_all(survivors.clone(), lifeline::DAEMON_STOPPED)
            .await;
        let mut receipts = self.book(|book| {
            let entries = survivors.iter().filter_map(|handle| book.entry(*handle));
            let receipts = entries.filter_map(|entry| entry.receipt.clone());
            receipts.collect::<Vec<_>>()
        });
        receipts.extend(self.end_for_next().await);
        receipts
    }

    /// Ends every process that was not declared to survive, and starts no more; the others go on, for the
    /// next daemon. Answers what was done to each.
    pub async fn end_for_next(&self) -> Vec<Receipt> {
        self.start_nothing().await;
        let ended = self.manager().shutdown().await;
        let told = |receipt: &handfast::Receipt| self.note_receipt(receipt.handle, receipt);
        ended.iter().filter_map(told).collect()
    }

    /// Waits for the starts that are under way; there are no more from here on.
    async fn start_nothing(&self) {
        let starts = &self.0.starts;
        // An error is that somebody else has waited for them.
        let under_way = starts.acquire_many(STARTS).await;
        starts.close();
        drop(under_way);
    }

    /// To be held while a process is started, until it is in the book.
    ///
    /// # Errors
    ///
    /// The daemon leaves.
    pub(super) async fn start_turn(&self) -> Result<SemaphorePermit<'_>, WireError> {
        let turn = self.0.starts.acquire().await;
        turn.map_err(|_| refuse::start(&StartError::Closed))
    }

    /// Kills every process, without asking and without waiting.
    pub(crate) fn kill_everything(&self) {
        for info in self.manager().list_processes() {
            let manager = self.manager().clone();
            tokio::spawn(async move { manager.kill(info.handle).await.map(drop) });
        }
    }

    /// Leaves as soon as whoever asked was answered.
    pub(super) fn leave_soon(&self, how: Leave) {
        self.0.activity.asked.send_replace(Some(how));
    }

    /// Was asked to leave, and does not.
    pub(super) fn stay(&self) {
        self.0.activity.asked.send_replace(None);
    }

    pub(crate) fn is_busy(&self) -> bool {
        let has_session = || self.sessions(|all| !all.is_empty());
        self.connections() > 0 || has_session() || !self.manager().list_processes().is_empty()
    }
}

/// Why a daemon leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// A client has asked for it.
    Asked,
    /// A client has asked for it, and another daemon is to go on with what was declared to survive.
    ForNext,
    /// A client has asked for it, and another daemon is to go on with everything.
    HandsOver,
    /// Nobody has needed it for so long.
    Idle,
}

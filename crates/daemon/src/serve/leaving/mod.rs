//! When a daemon leaves: because it was asked to, or because nobody has needed it for a while.
//!
//! What must stay true: it is never idle while a client is connected, a session could be resumed or a
//! process lives.

mod idle;
mod task;

use super::Daemon;
use super::lifeline;
use crate::wire::Receipt;
use idle::Idleness;
use tokio::sync::watch;

/// What the daemon notes of itself in order to know when to leave.
#[derive(Debug)]
pub(super) struct Activity {
    /// Counts what has begun and ended.
    moments: watch::Sender<u64>,
    asked: watch::Sender<bool>,
}

impl Default for Activity {
    fn default() -> Activity {
        Activity {
            moments: watch::Sender::new(0),
            asked: watch::Sender::new(false),
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
        let ended = self.manager().shutdown().await;
        let mut receipts: Vec<Receipt> = ended
            .iter()
            .filter_map(|receipt| self.note_receipt(receipt.handle, receipt))
            .collect();
        let survivors = self.manager().list_processes();
        let survivors: Vec<_> = survivors.iter().map(|info| info.handle).collect();
        self.end_all(survivors.clone(), lifeline::DAEMON_STOPPED)
            .await;
        receipts.extend(self.book(|book| {
            let entries = survivors.iter().filter_map(|handle| book.entry(*handle));
            let receipts = entries.filter_map(|entry| entry.receipt.clone());
            receipts.collect::<Vec<_>>()
        }));
        receipts
    }

    /// Kills every process, without asking and without waiting.
    pub(crate) fn kill_everything(&self) {
        for info in self.manager().list_processes() {
            let manager = self.manager().clone();
            tokio::spawn(async move { manager.kill(info.handle).await.map(drop) });
        }
    }

    /// Leaves as soon as whoever asked was answered.
    pub(super) fn leave_soon(&self) {
        self.0.activity.asked.send_replace(true);
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
    /// Nobody has needed it for so long.
    Idle,
}

//! What happens when a connection ends: its session may be resumed for a while, and then is over.
//!
//! What must stay true: a session that is over has ended everything that is bound to it.

use super::Daemon;
use super::describe;
use super::session::Session;
use handfast::ProcessHandle;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// Why what was bound to a session ended.
pub(super) const OWNER_GONE: &str = "owner-gone";

/// Why what was declared to survive ended with the daemon.
pub(super) const DAEMON_STOPPED: &str = "daemon-stopped";

/// Why what was to live for a turn ended.
pub(super) const TURN_OVER: &str = "turn-over";

/// All of these.
pub(super) const REASONS: [&str; 3] = [OWNER_GONE, DAEMON_STOPPED, TURN_OVER];

/// For how long a session that was handed over may be resumed at the least: its client has to notice first.
pub(super) const HANDED_OVER: Duration = Duration::from_secs(30);

impl Daemon {
    /// The connection of a session has ended.
    pub(super) fn left(&self, session: Arc<Session>, connection: u64) {
        session.detach();
        if self.is_handing_over() {
            // It goes on at the next daemon.
            return;
        }
        let patience = session.resume;
        self.left_for(session, connection, patience);
    }

    /// It ends unless it is resumed within this time.
    pub(super) fn left_for(&self, session: Arc<Session>, connection: u64, patience: Duration) {
        let daemon = self.clone();
        tokio::spawn(async move {
            if !patience.is_zero() {
                sleep(patience).await;
            }
            daemon.end_if_left(&session, connection).await;
        });
    }

    /// Counts the time again in which sessions may be resumed that have no connection.
    pub(super) fn all_left(&self) {
        let sessions: Vec<Arc<Session>> = self.sessions(|all| all.values().cloned().collect());
        for session in sessions {
            let connection = session.connection();
            if session.is_left_since(connection) {
                let patience = session.resume.max(HANDED_OVER);
                self.left_for(session, connection, patience);
            }
        }
    }

    async fn end_if_left(&self, session: &Session, connection: u64) {
        // Under the lock of all sessions, so that nobody finds it there any more and resumes it.
        let is_over = self.sessions(|all| {
            let is_left = session.is_left_since(connection) && !self.is_handing_over();
            is_left && all.remove(&session.number).is_some()
        });
        if !is_over {
            return;
        }
        self.adopt_all(session);
        let bound = self.book(|book| book.bound_to(session.number));
        self.end_all(bound, OWNER_GONE).await;
        self.end_commands(session).await;
        if session.is_own {
            self.tokens(|tokens| tokens.revoke(session.authority.token));
        }
        if !session.resume.is_zero() {
            self.keep_access(false);
        }
        self.0.activity.note();
    }

    /// Ends processes, all at once, and waits until they are gone.
    pub(super) async fn end_all(&self, handles: Vec<ProcessHandle>, reason: &'static str) {
        let mut ends = tokio::task::JoinSet::new();
        for handle in handles {
            self.book(|book| {
                if let Some(entry) = book.entry_mut(handle) {
                    entry.ended_as = Some(reason);
                }
            });
            self.keep_reason(handle, reason);
            let daemon = self.clone();
            ends.spawn(async move { daemon.stopped(handle).await });
        }
        while ends.join_next().await.is_some() {}
    }

    async fn stopped(&self, handle: ProcessHandle) {
        // One that is over, long ago, needs no end.
        if let Ok(receipt) = self.manager().stop_process(handle).await {
            self.note_receipt(handle, &receipt);
        }
    }

    /// Remembers what a stop did, and tells it.
    pub(super) fn note_receipt(
        &self,
        handle: ProcessHandle,
        receipt: &handfast::Receipt,
    ) -> Option<crate::wire::Receipt> {
        let (told, is_new) = self.book(|book| {
            let entry = book.entry_mut(handle)?;
            let told = describe::receipt(receipt, entry);
            // A stop of what was over already says nothing about its end.
            let is_new = receipt.members_before > 0 || entry.receipt.is_none();
            if is_new {
                entry.receipt = Some(told.clone());
            }
            Some((told, is_new))
        })?;
        if is_new {
            self.keep_receipt(handle, &told);
        }
        Some(told)
    }
}

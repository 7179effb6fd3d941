//! Handing over: another daemon goes on with every process and every session.
//!
//! What must stay true: what a client was answered has happened, and what it was not answered has not, but for
//! what only waits; nothing is started or ended between that and the end of this daemon.

use super::Daemon;
use handfast::AdoptError;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// For how long everything is held for the next daemon: far longer than that may take.
const GRACE: Duration = Duration::from_secs(300);

/// How long clients may take to be answered; then they are cut off.
const DRAIN: Duration = Duration::from_secs(10);

/// Where handing over stands.
#[derive(Debug, Default)]
pub(super) struct Handing {
    is_over: watch::Sender<bool>,
    program: std::sync::Mutex<Option<PathBuf>>,
    failed: std::sync::Mutex<Option<String>>,
}

fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nothing under these locks panics.
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Daemon {
    /// Hands over to this program as soon as it can.
    pub(super) fn hand_over_soon(&self, program: &Path) {
        *lock(&self.0.handing.program) = Some(program.to_path_buf());
        // What is said of an attempt is about the last one.
        *lock(&self.0.handing.failed) = None;
        self.leave_soon(super::Leave::HandsOver);
    }

    /// To which program it is to hand over.
    pub(crate) fn successor(&self) -> Option<PathBuf> {
        lock(&self.0.handing.program).clone()
    }

    /// Why it goes on although it was to hand over.
    pub(super) fn handing_failed(&self) -> Option<String> {
        lock(&self.0.handing.failed).clone()
    }

    /// Notes why a daemon goes on that was to hand over.
    pub fn note_failed_upgrade(&self, why: impl Into<String>) {
        *lock(&self.0.handing.failed) = Some(why.into());
    }

    pub(super) fn is_handing_over(&self) -> bool {
        *self.0.handing.is_over.borrow()
    }

    /// Waits until it hands over. Cancel safe.
    pub(super) async fn hands_over(&self) {
        let mut is_over = self.0.handing.is_over.subscribe();
        if is_over.wait_for(|it| *it).await.is_err() {
            // It is part of the daemon, which is here.
            std::future::pending().await
        }
    }

    /// Answers what was begun, writes down what the next daemon needs, and has everything held for it, for
    /// five minutes after the end of this one. Nobody may be let in any more.
    ///
    /// # Errors
    ///
    /// [`AdoptError`]; then it must be [taken back](Daemon::take_back).
    ///
    /// # Cancel safety
    ///
    /// As with an error.
    pub(crate) async fn hand_over(&self) -> Result<(), AdoptError> {
        self.0.handing.is_over.send_replace(true);
        if timeout(DRAIN, self.abandoned()).await.is_err() {
            tracing::warn!("clients are cut off that are not answered");
        }
        self.keep_access(true);
        self.keep_last_event();
        self.manager().hand_over(GRACE).await
    }

    /// Goes on after all.
    pub(crate) async fn take_back(&self) {
        if let Err(error) = self.manager().hand_over(Duration::ZERO).await {
            tracing::warn!(%error, "what was handed over is not taken back everywhere");
        }
        *lock(&self.0.handing.program) = None;
        self.stay();
        self.0.handing.is_over.send_replace(false);
        self.keep_access(false);
        self.all_left();
    }
}

//! Ending many at once, and the end of the owner itself.

use super::registry::{Entry, Registry};
use super::{Inner, over};
use crate::kept::{Kept, NotedEnd};
use crate::process::life::LeaderEnd;
use crate::process::task::Wish;
use crate::process::{Cause, Receipt};
use crate::tree::Rung;
use handfast_sys::child::Exit;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};
use tokio::sync::oneshot;

/// A stop that was handed over.
struct Handed {
    entry: Arc<Entry>,
    answer: oneshot::Receiver<Receipt>,
}

fn hand_over(entry: &Arc<Entry>, grace: Option<Duration>, cause: Cause) -> Handed {
    let (done, answer) = oneshot::channel();
    // A task that is gone drops its end, which is answered below.
    let _ = entry.wishes.send(Wish::Stop {
        grace,
        cause,
        done: Some(done),
    });
    Handed {
        entry: Arc::clone(entry),
        answer,
    }
}

impl Handed {
    async fn receipt(self) -> Receipt {
        self.answer.await.unwrap_or_else(|_| over(&self.entry))
    }
}

/// Ends one, and waits for its receipt.
pub(super) async fn end_one(entry: &Arc<Entry>, grace: Option<Duration>, cause: Cause) -> Receipt {
    hand_over(entry, grace, cause).receipt().await
}

/// Ends all that are chosen at once, and waits for all receipts.
pub(super) async fn end_all(
    registry: &Registry,
    chosen: impl Fn(&Entry) -> bool,
    cause: Cause,
    grace: Option<Duration>,
) -> Vec<Receipt> {
    let mut active = registry.active();
    active.retain(|entry| chosen(entry));
    end_these(&active, cause, grace).await
}

/// Ends these at once, and waits for all receipts.
pub(crate) async fn end_these(
    entries: &[Arc<Entry>],
    cause: Cause,
    grace: Option<Duration>,
) -> Vec<Receipt> {
    let handed: Vec<Handed> = entries
        .iter()
        .map(|entry| hand_over(entry, grace, cause))
        .collect();
    let mut receipts = Vec::with_capacity(handed.len());
    for one in handed {
        receipts.push(one.receipt().await);
    }
    receipts
}

pub(super) fn dies_with_owner(entry: &Entry) -> bool {
    !entry.record.config.lifetime().survives_owner()
}

impl Inner {
    pub(super) async fn shutdown(&self, grace: Option<Duration>) -> Vec<Receipt> {
        self.registry.close();
        let receipts = end_all(&self.registry, dies_with_owner, Cause::Shutdown, grace).await;
        if self.store.is_none() {
            self.rungs.reapers.close();
        }
        receipts
    }

    /// The manager's end. The reapers are told at once and without waiting: what is left to do is done
    /// by them, whatever becomes of this process and its runtime. Reapers that others use too are
    /// told of this manager's trees only.
    pub(super) fn say_goodbye(&self, cause: Cause) {
        let dying = owner_gone(&self.registry, cause);
        if self.store.is_none() {
            self.rungs.reapers.close();
            if let Some(kept) = &self.kept {
                for entry in &dying {
                    note_end(kept, entry, cause);
                }
                kept.release();
            }
            return;
        }
        for reaper in self.rungs.reapers.running() {
            reaper.let_go(&ids_on(reaper.rung(), &dying));
        }
        for entry in &dying {
            let _ = entry.wishes.send(Wish::LetGo);
        }
    }

    /// The end of this whole process: of the manager, and of all that share its store.
    pub(super) fn leave(&self, cause: Cause) {
        match &self.store {
            None => self.say_goodbye(cause),
            Some(store) => store.leave(cause),
        }
    }
}

/// Closes a registry, and tells the tasks of all that do not survive; answers which those are.
pub(crate) fn owner_gone(registry: &Registry, cause: Cause) -> Vec<Arc<Entry>> {
    registry.close();
    let mut dying = registry.active();
    dying.retain(|entry| dies_with_owner(entry));
    for entry in &dying {
        // A task that is gone has no process any more.
        let _ = entry.wishes.send(Wish::OwnerGone { cause });
    }
    dying
}

/// Nobody may be there to hear how it ends: says why. Its task says it better, if it lives to do that.
fn note_end(kept: &Kept, entry: &Entry, cause: Cause) {
    let seen = entry.seen.borrow().clone();
    let at = SystemTime::now();
    let exit = Exit::Unknown;
    let leader = seen.leader.unwrap_or(LeaderEnd { exit, at, cause });
    let end = NotedEnd {
        leader: Some(leader),
        failed: None,
        at,
    };
    if let Err(error) = kept.end(entry.record.handle, &end) {
        tracing::debug!(%error, "cannot write down that a process is ended");
    }
}

/// The numbers of those that this rung holds.
pub(super) fn ids_on(rung: Rung, entries: &[Arc<Entry>]) -> Vec<u64> {
    let held = entries.iter().filter(|entry| entry.record.rung == rung);
    held.map(|entry| entry.record.id).collect()
}

impl Drop for Inner {
    fn drop(&mut self) {
        // What was handed over is not ended by the end of who had it.
        if !self.handed_over.load(Ordering::Acquire) {
            self.say_goodbye(Cause::OwnerGone);
        }
    }
}

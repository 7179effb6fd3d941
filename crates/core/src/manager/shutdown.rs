//! Ending many at once, and the end of the owner itself.

use super::registry::{Entry, Registry};
use super::{Inner, over};
use crate::process::task::Wish;
use crate::process::{Cause, Receipt};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// A stop that was handed over.
pub(super) struct Handed {
    entry: Arc<Entry>,
    answer: oneshot::Receiver<Receipt>,
}

pub(super) fn hand_over(entry: &Arc<Entry>, grace: Option<Duration>, cause: Cause) -> Handed {
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
    pub(super) async fn receipt(self) -> Receipt {
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
    let active = registry.active().into_iter().filter(|entry| chosen(entry));
    let handed: Vec<Handed> = active
        .map(|entry| hand_over(&entry, grace, cause))
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
        self.rungs.close();
        receipts
    }

    /// The owner's end. The reapers are told at once and without waiting: what is left to do is done
    /// by them, whatever becomes of this process and its runtime.
    pub(super) fn say_goodbye(&self, cause: Cause) {
        self.registry.close();
        for entry in self
            .registry
            .active()
            .iter()
            .filter(|entry| dies_with_owner(entry))
        {
            // A task that is gone has no process any more.
            let _ = entry.wishes.send(Wish::OwnerGone { cause });
        }
        self.rungs.close();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.say_goodbye(Cause::OwnerGone);
    }
}

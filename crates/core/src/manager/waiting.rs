//! Waiting for one process, and what is answered for one that is over.

use super::registry::Entry;
use crate::process::Receipt;
use crate::process::seen::Seen;
use crate::process::stop::nothing_to_do;

/// Waits until what is seen of a process is as wanted, or it is over.
pub(super) async fn until(entry: &Entry, wanted: impl Fn(&Seen) -> bool) -> Seen {
    let mut seen = entry.seen.clone();
    // An error is the end of the task, after which nothing changes any more.
    let last = seen
        .wait_for(|seen| wanted(seen))
        .await
        .map(|seen| seen.clone());
    last.unwrap_or_else(|_| entry.seen.borrow().clone())
}

/// The receipt of a process that is over.
pub(super) fn over(entry: &Entry) -> Receipt {
    nothing_to_do(&entry.record, entry.seen.borrow().status())
}

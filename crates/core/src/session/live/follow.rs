//! Following the output of a terminal: for the questions in it, and for the screen.
//!
//! What must stay true: answers go to the writer in the order of their questions, and nobody waits
//! for its queue; our side of the terminal is closed when the other one is gone *and* the process is
//! over. Earlier would be a hang-up: many programs close their streams right before they return.

use super::Line;
use super::view::{Fed, Viewer};
use super::write::Order;
use crate::output::Captured;
use crate::process::seen::Seen;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::WeakSender;
use tokio::sync::watch;
use tokio::time::timeout;

/// Who has written this much since the last look will write more: it is not worth a wake-up for each
/// piece of 4 KiB that a terminal gives. They cost a flood a third of its rate.
const MUCH: u64 = 1024;

/// Then the next look comes after this much more.
const BATCH: u64 = 64 * 1024;

/// Or after this time: a question behind a long text is answered so much later at most.
const SOON: Duration = Duration::from_millis(2);

pub(super) async fn follow(
    line: Arc<Line>,
    captured: Captured,
    orders: WeakSender<Order>,
    mut seen: watch::Receiver<Seen>,
) {
    let mut slept_at = 0;
    loop {
        let (fed, from, needed) = {
            let mut viewer = line.viewer();
            if viewer.is_needed() {
                let fed = feed(&mut viewer, &captured, &orders);
                (fed, viewer.offset(), true)
            } else {
                (Fed::default(), u64::MAX, false)
            }
        };
        if fed.ended {
            break;
        }
        if !fed.is_idle() {
            tokio::task::yield_now().await;
        } else if needed && from.saturating_sub(slept_at) >= MUCH {
            slept_at = from;
            // Whether it came or not, it is looked at next.
            let _ = timeout(SOON, captured.wait_for_output(from + BATCH)).await;
        } else if needed {
            slept_at = from;
            captured.wait_for_output(from).await;
        } else if super::task::first(captured.wait_for_output(from), line.wanted.notified()).await {
            break;
        }
    }
    // An error is the end of its task, and it is over then.
    let _ = seen.wait_for(Seen::is_over).await.is_ok();
    line.close();
}

/// Looks at the next piece, and hands on what is to be answered.
pub(super) fn feed(viewer: &mut Viewer, captured: &Captured, orders: &WeakSender<Order>) -> Fed {
    let mut fed = viewer.feed(captured);
    let answers = std::mem::take(&mut fed.answers);
    if !answers.is_empty() {
        let sent = orders
            .upgrade()
            .map(|orders| orders.try_send(Order::Answer(answers)));
        if !matches!(sent, Some(Ok(()))) {
            viewer.missed(1);
        }
    }
    fed
}

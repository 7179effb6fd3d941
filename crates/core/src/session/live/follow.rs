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
use tokio::sync::mpsc::WeakSender;
use tokio::sync::watch;

pub(super) async fn follow(
    line: Arc<Line>,
    captured: Captured,
    orders: WeakSender<Order>,
    mut seen: watch::Receiver<Seen>,
) {
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
        } else if needed {
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

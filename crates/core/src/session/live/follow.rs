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
    // What came since it last slept: up to which offset, and whether an escape was among it.
    let (mut slept_at, mut escaped) = (0, false);
    loop {
        let look = look(&line, &captured, &orders);
        match look {
            Look::Ended => break,
            Look::More(has_escape) => {
                escaped |= has_escape;
                tokio::task::yield_now().await;
                continue;
            }
            Look::Unneeded => {
                let end = captured.wait_for_output(u64::MAX);
                if super::task::first(end, line.wanted.notified()).await {
                    break;
                }
            }
            Look::Idle { from, in_text } => {
                let is_much = from.saturating_sub(slept_at) >= MUCH;
                slept_at = from;
                let in_batches = is_much && (escaped || !in_text);
                sleep(&line, &captured, (from, in_text), in_batches).await;
            }
        }
        escaped = false;
    }
    // An error is the end of its task, and it is over then.
    let _ = seen.wait_for(Seen::is_over).await.is_ok();
    line.close();
}

/// What a look at the output found.
enum Look {
    /// All of it was looked at, and no more comes.
    Ended,
    /// Something; whether with an escape in it. There may be more.
    More(bool),
    /// Nobody wants to know.
    Unneeded,
    /// Nothing behind `from`. Within text nothing matters before the next escape.
    Idle { from: u64, in_text: bool },
}

fn look(line: &Line, captured: &Captured, orders: &WeakSender<Order>) -> Look {
    let mut viewer = line.viewer();
    if !viewer.is_needed() {
        return Look::Unneeded;
    }
    let fed = feed(&mut viewer, captured, orders);
    match (fed.ended, fed.is_idle()) {
        (true, _) => Look::Ended,
        (false, false) => Look::More(fed.escaped),
        (false, true) => Look::Idle {
            from: viewer.offset(),
            in_text: viewer.is_in_text(),
        },
    }
}

/// Until there is something to look at. Escapes that come one upon the other are waited for in batches.
async fn sleep(line: &Line, captured: &Captured, (from, in_text): (u64, bool), in_batches: bool) {
    if in_batches || !in_text {
        // Whether it came or not, it is looked at next.
        let batch = if in_batches { BATCH } else { 0 };
        let more = captured.wait_for_output(from + batch);
        if in_batches {
            let _ = timeout(SOON, more).await;
        } else {
            more.await;
        }
        return;
    }
    let mut found = from;
    let escape = async { found = captured.wait_for_escape(from).await };
    if super::task::first(escape, line.wanted.notified()).await {
        line.viewer().skip_to(found);
    }
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

//! Waiting, as the machine says.
//!
//! Each arm of a `select!` here is cancel safe: waits for output and for a change of a `watch` take
//! nothing away, and what waits for a match goes on in the same future. What must stay true: bytes that
//! were taken are handed on or given back, also where the future is dropped.

use super::super::clock::{self, now};
use super::super::pause::Pauses;
use super::super::session::is_over;
use super::{Collect, Look, Next};
use crate::output::{self, Captured, Condition, HeadTail, Outcome, Pattern};
use crate::process::seen::Seen;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long a pattern is waited for: longer than any window.
const EVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The time of one call: it runs out at its end, which pauses put off.
#[derive(Debug)]
pub(in crate::exec) struct Window {
    pub(in crate::exec) begun: Instant,
    pub(in crate::exec) end: Instant,
    pauses: Pauses,
}

impl Window {
    /// From now on.
    pub(in crate::exec) fn new(length: Duration, pauses: &Pauses) -> Window {
        let begun = now();
        Window {
            begun,
            end: begun + length,
            pauses: pauses.clone(),
        }
    }

    /// What is left of it.
    pub(in crate::exec) fn left(&self) -> Duration {
        self.end.saturating_duration_since(now())
    }

    /// Waits for something for as long as the window is open.
    pub(in crate::exec) async fn bound<T>(&mut self, what: impl Future<Output = T>) -> Option<T> {
        let mut what = std::pin::pin!(what);
        let mut paused = self.pauses.watch();
        loop {
            let is_paused = *paused.borrow_and_update() > 0;
            let since = now();
            let end = self.end;
            let done = tokio::select! {
                biased;
                done = &mut what => Some(Some(done)),
                () = clock::sleep_until(end), if !is_paused => Some(None),
                // The sender is in our own window.
                _ = paused.changed() => None,
            };
            if is_paused {
                self.end += now().saturating_duration_since(since);
            }
            if let Some(done) = done {
                return done;
            }
        }
    }
}

/// What was collected; where nobody takes it, it is given back.
#[derive(Debug)]
pub(in crate::exec) struct Gathered {
    captured: Captured,
    bytes: HeadTail,
    /// A pattern that was waited for has come.
    pub(in crate::exec) matched: bool,
}

impl Gathered {
    fn new(captured: &Captured, max: usize) -> Gathered {
        Gathered {
            captured: captured.clone(),
            bytes: HeadTail::new(max),
            matched: false,
        }
    }

    /// Takes it out: from here on it is the caller's.
    pub(in crate::exec) fn take(&mut self) -> HeadTail {
        self.bytes.drain()
    }
}

impl Drop for Gathered {
    fn drop(&mut self) {
        if !self.bytes.is_empty() {
            self.captured.give_back(self.bytes.drain());
        }
    }
}

/// Collects what comes until the window is closed, the process has ended, or a pattern has come.
pub(in crate::exec) async fn collect(
    (captured, mut seen): (&Captured, watch::Receiver<Seen>),
    window: &mut Window,
    until: Option<Pattern>,
    max: usize,
) -> Gathered {
    let mut gathered = Gathered::new(captured, max);
    let mut machine = Collect::new(window.end, is_over(&seen.borrow()));
    let mut lives = true;
    let mut paused = window.pauses.watch();
    let mut wanted = until.is_some();
    // From what nobody has taken yet.
    let from = captured.tapped_from();
    let mut matched = std::pin::pin!(matches(captured, seen.clone(), (until, from)));
    loop {
        let pause = resumed(&mut paused).await;
        machine.paused(pause);
        window.end += pause;
        seen.mark_unchanged();
        // The end first: what it wrote before it ended is there by then, or its output is open.
        let exited = is_over(&seen.borrow());
        let drained = captured.drain();
        let look = Look {
            took: !drained.taken.is_empty(),
            exited,
            closed: drained.closed,
        };
        gathered.bytes.push_buffer(&drained.taken);
        let wake = match machine.look(look, now()) {
            Next::Stop => return gathered,
            Next::Again => Some(now()),
            Next::Wait { until } => Some(until),
        };
        if gathered.matched {
            return gathered;
        }
        if look.took {
            // In a flood this loop would never let others have their turn.
            tokio::task::yield_now().await;
            if !wanted {
                continue;
            }
        }
        tokio::select! {
            biased;
            found = &mut matched, if wanted => (wanted, gathered.matched) = (false, found),
            _ = captured.wait_for_output(drained.total), if !drained.closed => {}
            changed = seen.changed(), if lives => lives = changed.is_ok(),
            _ = paused.changed() => {}
            () = sleep_until(wake) => {}
        }
    }
}

/// Waits until nobody pauses; answers how long that took.
async fn resumed(paused: &mut watch::Receiver<usize>) -> Duration {
    if *paused.borrow_and_update() == 0 {
        return Duration::ZERO;
    }
    let since = now();
    // An error is the end of the store, after which nobody pauses.
    let _ = paused.wait_for(|count| *count == 0).await.is_ok();
    now().saturating_duration_since(since)
}

/// Whether what comes from this offset on matches.
async fn matches(
    captured: &Captured,
    seen: watch::Receiver<Seen>,
    (until, from): (Option<Pattern>, u64),
) -> bool {
    let Some(pattern) = until else { return false };
    let condition = [Condition::Match { pattern, from }];
    let waited = output::wait(Some(captured), seen, &condition, EVER);
    matches!(waited.await.outcome, Outcome::Matched { .. })
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(wake) => clock::sleep_until(wake).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;

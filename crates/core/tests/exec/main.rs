//! Commands of agents with real processes: answers, input, ends, events, limits.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what was wrong by ending"
)]

mod answers;
mod blocking;
mod crowd;
mod ending;
mod events;
mod input;
mod ledger;
mod stage;

//! Talking to real processes: terminals, pipes, keys, the screen, and what a program waits for.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what was wrong by ending"
)]

mod complaints;
mod crowd;
mod given;
mod input;
mod many;
mod screen;
mod stage;
mod waiting;

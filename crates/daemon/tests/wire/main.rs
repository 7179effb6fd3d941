//! The wire as a promise: its schema, its golden frames, and what it does with garbage.

#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what was wrong by ending"
)]

mod any;
mod garbage;
mod golden;
mod published;
mod said;

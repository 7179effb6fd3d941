//! A daemon over a real socket, with a real reaper and real processes.
//!
//! One binary, so that it is linked once; each file is one promise.

#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what was wrong by ending"
)]

mod commands;
mod handing;
mod hostile;
mod lifeline;
mod limits;
mod owners;
mod raw;
mod resuming;
mod stage;
mod streams;
mod verbs;

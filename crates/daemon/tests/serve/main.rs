//! A daemon over a real socket, with a real reaper and real processes.
//!
//! One binary, so that it is linked once; each file is one promise.

#![cfg(unix)]
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what was wrong by ending"
)]

mod authority;
mod commands;
mod fuzz;
mod handing;
mod hostile;
mod leaks;
mod lifeline;
mod lifetimes;
mod limits;
mod looking;
mod names;
mod owners;
mod raw;
mod ready;
mod resuming;
mod sitting;
mod stage;
mod strangers;
mod streams;
mod verbs;

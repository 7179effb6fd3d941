//! Owners with real processes: what belongs to one is out of the reach of the others, within its
//! limits, and ends with it.
//!
//! A test whose name begins with `d` and a number shows that a fault known from others is not here;
//! `docs/agent-processes.md` has the list.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what was wrong by ending"
)]

mod blocking;
mod branches;
mod commands;
mod ending;
mod handing;
mod limits;
mod reading;
mod secrecy;
mod stage;
mod talking;

//! `handfast mcp`, as clients of the protocol use it: real pipes, a real daemon, a real reaper.

#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test is right to fail where something cannot be had"
)]

mod client;
mod gone;
mod hostile;
mod protocol;
mod real;
mod stage;
mod tools;

//! `handfast mcp`, as clients of the protocol use it: real pipes, a real daemon, a real reaper.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test is right to fail where something cannot be had"
)]
#![expect(
    clippy::print_stdout,
    reason = "figures, and what is left out on this machine, are there to be read"
)]

mod client;
mod cost;
mod gone;
mod held;
mod hostile;
mod protocol;
mod real;
mod stage;
mod tools;
mod updates;

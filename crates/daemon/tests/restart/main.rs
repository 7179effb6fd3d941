//! Daemons that are killed with SIGKILL, and what the next one answers.
//!
//! The daemon is the program `handfast`, in a cage, with a home of its own. `HANDFAST_ROUNDS` says how many rounds
//! `rounds` plays; it prints a table of what was promised against what was found.

#![cfg(unix)]
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so, in its helpers too"
)]

mod access;
mod at_work;
mod goes_on;
mod rounds;
mod stage;
mod upgrade;

//! The library on Windows, with real programs: starts, output, stops, escapes, ends of the owner, terminals.
//!
//! It is apart from the suites of Linux because the helper programs of those are made of Unix. Here this very
//! test program is the puppet. What must stay true of each test: that a tree is gone is told by its
//! error output, which every member holds.

#![cfg(windows)]
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test says what was wrong by ending"
)]

mod apart;
mod escapes;
mod owners;
mod puppet;
mod stage;
mod starts;
mod stops;
mod terminals;
mod wine;

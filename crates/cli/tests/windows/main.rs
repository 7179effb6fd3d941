//! The command line on Windows: real programs, a real daemon over its pipe.
//!
//! It is apart from the suites of Unix because their helper programs are made of Unix. Here this very test program
//! is the puppet. What must stay true of each test: that a tree is gone is told by its error output, which every
//! member holds.

#![cfg(windows)]
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what was wrong by ending"
)]

mod daemon;
mod doctor;
mod puppet;
mod run;
mod stage;

//! The daemon on Windows: real clients over its pipe, real trees, a daemon in a process of its own, and every end.
//!
//! It is apart from the suites of Unix because their helper programs are made of Unix. Here this very test program
//! is the puppet, and the example `daemon` is the daemon. What must stay true of each test: that a tree is gone is
//! told by a connection that every member holds.

#![cfg(windows)]
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what was wrong by ending"
)]

mod alone;
mod ends;
mod puppet;
mod seat;
mod stage;
mod verbs;

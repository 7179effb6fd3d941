//! Real processes that all want to be the daemon of one folder, and what they find there.
//!
//! Each round ends by the daemon's SIGKILL, so the next one finds what that leaves behind.

#![cfg(unix)]
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what was wrong by ending"
)]

mod crowd;
mod leftovers;

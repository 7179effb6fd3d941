//! The client libraries against a real daemon: without a runtime, in Python, in TypeScript.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    reason = "a test is right to fail where something cannot be had"
)]

mod blocking;
mod python;
mod stage;
mod typescript;

//! `handfast daemon`, as people and other programs use it.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    reason = "a test is right to fail where something cannot be had"
)]

mod bridge;
mod gone;
mod home;
mod lives;
mod starts;
mod units;

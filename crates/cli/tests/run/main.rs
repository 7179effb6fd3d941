//! `handfast run` from outside: what it returns, prints, passes on and leaves behind.
//!
//! One binary, so that it is linked once. What is common to the files is in `kit.rs`; each of the
//! others is one promise. Every test passes on every rung (`HANDFAST_FORCE`), as root and as an
//! ordinary user; what a weaker rung does not promise is asked of it in no test.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on says so by failing, in its helpers too"
)]

mod endings;
mod environment;
mod exits;
mod help;
mod json;
mod kit;
mod real;
mod refusals;
mod signals;
mod streams;
mod tty;

//! Processes that change their manager: what stays, what answers, and what ends them after all.
//!
//! On the rung of `HANDFAST_FORCE`, else on the strongest; the ends of whole hosts on every rung.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test that cannot go on says so, in its helpers too"
)]

mod ends;
mod exits;
mod hosts;
mod loss;
mod moves;
mod owned;
mod races;
mod refusals;
mod runtimes;
mod sessions;
mod stage;
mod talks;

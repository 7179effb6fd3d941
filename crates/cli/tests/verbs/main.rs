//! Verbs that ask the daemon, against a real one with a real reaper and real processes.
//!
//! One binary, so that it is linked once; each file is one verb, or one promise of all of them.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what was wrong by ending"
)]

mod attach;
mod completion;
mod events;
mod exec;
mod help;
mod info;
mod logs;
mod owners;
mod ps;
mod readme;
mod refusals;
mod schema;
mod send;
mod settings;
mod stage;
mod start;
mod stop;
mod top;
mod wait;

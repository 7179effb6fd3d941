//! `handfast run` on a terminal, or with `--tty`: the program gets a terminal that is really its own.
//!
//! Every process is started by the reaper, outside of the caller's session or console, so it cannot have the
//! caller's terminal. It gets another one, of which we hold the other side and copy both ways. How differs so much
//! that each system has a relay of its own: on Unix the program is a job, which can be stopped and continued; on
//! Windows its terminal is a pseudoconsole, which is the library's to hold.
//!
//! What must stay true: the caller's terminal is restored on every way out but a kill.
//!
//! The order of calls is `Relay::open`, `Relay::config`, the start by the manager, `Relay::start`, and at the end
//! `Relayed::finish`. Signals are listened to by the verb, which passes on what is for the program with
//! `Relayed::signal`, and leaves being continued and the size of the window to the relay.

#[cfg_attr(unix, path = "unix/mod.rs")]
#[cfg_attr(windows, path = "windows/mod.rs")]
mod os;

pub(crate) use os::{Relay, Relayed, hidden};

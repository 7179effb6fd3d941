//! Seeing when a process is ready for what it was started for.
//!
//! What must stay true: it is said once, and stays so; who watches ends with what is watched.

mod http;
mod task;

pub(crate) use task::{First, first_of};

use super::{Daemon, describe};
use crate::wire::{Ready, ReadyWhen, WireError};
use handfast::ProcessHandle;
use handfast::output::Pattern;
use http::Address;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::watch;

/// What is looked for.
#[derive(Debug)]
pub(crate) enum Sign {
    Match(Pattern),
    Port(u16),
    Http(Address),
    Exit,
}

/// What is said of a process while it is not known whether it is ready, and after.
pub(crate) const WAITING: &str = "waiting";
pub(crate) const READY: &str = "ready";
pub(crate) const FAILED: &str = "failed";

/// How it stands, for whoever waits.
pub(crate) type Watched = watch::Receiver<Ready>;

/// What a client says, checked.
pub(crate) fn sign(when: &ReadyWhen) -> Result<Sign, WireError> {
    let odd = |message: String| WireError::params("start.bad-ready", message);
    Ok(match when {
        ReadyWhen::Match { pattern } => {
            let pattern: Result<Pattern, _> = pattern.parse();
            let refused = |error: handfast::output::PatternError| {
                WireError::params("wait.bad-pattern", error.to_string())
            };
            Sign::Match(pattern.map_err(refused)?)
        }
        ReadyWhen::Port { port: 0 } => return Err(odd("wait for port 0".to_owned())),
        ReadyWhen::Port { port } => Sign::Port(*port),
        ReadyWhen::Http { url } => Sign::Http(url.parse().map_err(odd)?),
        ReadyWhen::Exit {} => Sign::Exit,
    })
}

/// Looks for a sign from here on.
pub(crate) fn watch(
    daemon: &Daemon,
    handle: ProcessHandle,
    (when, sign): (ReadyWhen, Sign),
    within: Option<Duration>,
) -> Watched {
    let now = || describe::at_ms(SystemTime::now());
    let (tell, watched) = watch::channel(Ready {
        state: WAITING.to_owned(),
        since_ms: now(),
        when,
        why: None,
    });
    let manager = daemon.manager().clone();
    let daemon = Arc::downgrade(&daemon.0);
    tokio::spawn(async move {
        let seen = task::seen(&manager, handle, sign, within).await;
        drop(manager);
        tell.send_modify(|ready| {
            ready.since_ms = now();
            READY.clone_into(&mut ready.state);
            if let Err(why) = seen {
                FAILED.clone_into(&mut ready.state);
                ready.why = Some(why.to_owned());
            }
        });
        if let Some(daemon) = daemon.upgrade() {
            let word = if seen.is_ok() { READY } else { "not-ready" };
            Daemon(daemon).happened(handle, word);
        }
    });
    watched
}

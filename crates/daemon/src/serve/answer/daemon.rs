//! The daemon itself.

use super::Asked;
use crate::serve::{Leave, USER, describe};
use crate::wire::{DaemonStatusAnswer, DaemonStop, NEWEST, NOT_ALLOWED, Receipts, WireError, Word};
use std::path::Path;

fn word(path: &Path) -> Word {
    describe::word(path.as_os_str())
}

pub(super) fn status(asked: Asked<'_>) -> DaemonStatusAnswer {
    let daemon = asked.daemon;
    let place = daemon.0.place.as_ref();
    let program = std::env::current_exe();
    DaemonStatusAnswer {
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        protocol: NEWEST,
        started_at_ms: describe::at_ms(daemon.0.began),
        connections: daemon.connections() as u64,
        sessions: daemon.sessions(|all| all.len() as u64),
        processes: daemon.manager().list_processes().len() as u64,
        idle_exit_ms: daemon.settings().idle.map(describe::ms),
        run_folder: place.map(|place| word(place.path())),
        state_folder: place.map(|place| word(place.state())),
        program: program.ok().map(|path| word(&path)),
    }
}

/// Whoever may end what belongs to everybody, and nobody else.
pub(super) async fn stop(asked: Asked<'_>, stop: &DaemonStop) -> Result<Receipts, WireError> {
    if asked.session.authority.owner.as_str() != USER {
        let message = "stop the daemon: only its user may";
        return Err(WireError::new(NOT_ALLOWED, "daemon.not-yours", message));
    }
    let daemon = asked.daemon;
    let (receipts, how) = match stop.leave_survivors {
        false => (daemon.end_everything().await, Leave::Asked),
        true => (daemon.end_for_next().await, Leave::ForNext),
    };
    daemon.leave_soon(how);
    Ok(Receipts { receipts })
}

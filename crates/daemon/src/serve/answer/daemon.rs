//! The daemon itself.

use super::Asked;
use crate::program::successor;
use crate::serve::{Leave, USER, describe};
use crate::wire::{
    DaemonStatusAnswer, DaemonStop, DaemonUpgrade, DaemonUpgrading, NEWEST, NOT_ALLOWED, Receipts,
    WireError, Word,
};
use handfast_sys::text;
use std::path::{Path, PathBuf};

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
        upgrade_failed: daemon.handing_failed(),
    }
}

/// Whoever may end what belongs to everybody, and nobody else.
fn may(asked: Asked<'_>, what: &str) -> Result<(), WireError> {
    if asked.session.authority.owner.as_str() == USER {
        return Ok(());
    }
    let message = format!("{what} the daemon: only its user may");
    Err(WireError::new(NOT_ALLOWED, "daemon.not-yours", message))
}

pub(super) async fn upgrade(
    asked: Asked<'_>,
    upgrade: &DaemonUpgrade,
) -> Result<DaemonUpgrading, WireError> {
    may(asked, "upgrade")?;
    let refused = |why: String| {
        let message = format!("upgrade the daemon: {why}");
        WireError::invalid("daemon.upgrade-refused", message)
    };
    successor::possible().map_err(refused)?;
    if asked.daemon.0.place.is_none() || asked.daemon.0.journal.get().is_none() {
        return Err(refused("it is a part of another program".to_owned()));
    }
    let program = match &upgrade.program {
        Some(program) => PathBuf::from(text::string(program.bytes()).into_owned()),
        None => successor::usual().map_err(|error| refused(error.to_string()))?,
    };
    if !program.is_absolute() {
        return Err(refused(format!(
            "{} is no absolute path",
            program.display()
        )));
    }
    successor::probe(&program).await.map_err(refused)?;
    asked.daemon.hand_over_soon(&program);
    Ok(DaemonUpgrading {
        program: word(&program),
        pid: std::process::id(),
    })
}

pub(super) async fn stop(asked: Asked<'_>, stop: &DaemonStop) -> Result<Receipts, WireError> {
    may(asked, "stop")?;
    let daemon = asked.daemon;
    let (receipts, how) = match stop.leave_survivors {
        false => (daemon.end_everything().await, Leave::Asked),
        true => (daemon.end_for_next().await, Leave::ForNext),
    };
    daemon.leave_soon(how);
    Ok(Receipts { receipts })
}

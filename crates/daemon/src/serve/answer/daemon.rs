//! The daemon itself.

use super::Asked;
use crate::wire::{DaemonStatusAnswer, NEWEST};
use std::sync::atomic::Ordering;

pub(super) fn status(asked: Asked<'_>) -> DaemonStatusAnswer {
    let daemon = asked.daemon;
    DaemonStatusAnswer {
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        protocol: NEWEST,
        started_at_ms: super::super::describe::at_ms(daemon.0.began),
        connections: daemon.0.connections.load(Ordering::Acquire) as u64,
        sessions: daemon.sessions(|all| all.len() as u64),
        processes: daemon.manager().list_processes().len() as u64,
    }
}

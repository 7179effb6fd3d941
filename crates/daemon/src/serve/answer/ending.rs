//! Signals and stops.

use super::super::book::Found;
use super::super::lifeline::TURN_OVER;
use super::super::{describe, refuse};
use super::{Asked, unknown};
use crate::wire::{
    Interrupt, LastReceipt, Receipt, ReceiptOf, Receipts, ScopeOf, Signal, SignalName, Signalled,
    Stop, Terminate, Terminated, WireError,
};
use handfast::config::Lifetime;
use handfast::session::SessionError;
use handfast::{ProcessHandle, Scope, SignalError};
use std::time::Duration;

pub(super) async fn signal(asked: Asked<'_>, signal: &Signal) -> Result<Signalled, WireError> {
    let number = match signal.signal {
        SignalName::Number(number) => number,
        SignalName::Named(Interrupt::Interrupt) => {
            return interrupt(asked, &signal.process_id).await;
        }
    };
    let handle = asked.find(&signal.process_id)?;
    let scope = match signal.scope {
        None | Some(ScopeOf::Leader) => Scope::Leader,
        Some(ScopeOf::Group) => Scope::Group,
        Some(ScopeOf::Tree) => Scope::Tree,
    };
    let sent = asked.daemon.manager().signal(handle, number, scope).await;
    let reached = sent.map_err(|error| refuse::signal(&error))?;
    Ok(Signalled { reached })
}

/// Of one that is not there, being started or over there is nothing to interrupt.
async fn interrupt(asked: Asked<'_>, name: &str) -> Result<Signalled, WireError> {
    let handle = match asked.look_up(name) {
        Found::Held(handle) => handle,
        Found::Several(handles) => return Err(asked.several(name, handles)),
        Found::Starting(_) | Found::Nothing => return Ok(Signalled::default()),
    };
    match asked.daemon.manager().interrupt(handle).await {
        Ok(_) => Ok(Signalled { reached: 1 }),
        Err(
            SessionError::Over { .. }
            | SessionError::Closed { .. }
            | SessionError::Signal(SignalError::Over { .. }),
        ) => Ok(Signalled::default()),
        Err(error) => Err(refuse::session(&error)),
    }
}

fn is_over(asked: Asked<'_>, handle: ProcessHandle) -> bool {
    let status = asked.daemon.manager().query_status(handle);
    status.is_ok_and(|status| status.is_over())
}

fn not_running() -> Terminated {
    Terminated {
        running: false,
        receipt: None,
    }
}

pub(super) async fn terminate(
    asked: Asked<'_>,
    terminate: &Terminate,
) -> Result<Terminated, WireError> {
    let mut found = asked.look_up(&terminate.process_id);
    if let Found::Starting(mut start) = found {
        // What is being started is ended as soon as it is there.
        while start.changed().await.is_ok() {}
        found = asked.look_up(&terminate.process_id);
    }
    let handle = match found {
        Found::Held(handle) => handle,
        Found::Several(handles) => return Err(asked.several(&terminate.process_id, handles)),
        Found::Starting(_) | Found::Nothing => return Ok(not_running()),
    };
    if is_over(asked, handle) {
        return Ok(not_running());
    }
    let killed = asked.daemon.manager().kill(handle).await;
    let receipt = killed.map_err(refuse::lookup)?;
    Ok(Terminated {
        running: true,
        receipt: asked.daemon.note_receipt(handle, &receipt),
    })
}

pub(super) async fn stop(asked: Asked<'_>, stop: &Stop) -> Result<Receipt, WireError> {
    let handle = asked.find(&stop.process_id)?;
    let manager = asked.daemon.manager();
    let stopped = match stop.grace_ms {
        None => manager.stop_process(handle).await,
        Some(ms) => {
            let grace = Duration::from_millis(ms);
            manager.stop_process_within(handle, grace).await
        }
    };
    let receipt = stopped.map_err(refuse::lookup)?;
    let noted = asked.daemon.note_receipt(handle, &receipt);
    noted.ok_or_else(|| unknown(&stop.process_id))
}

pub(super) fn receipt(asked: Asked<'_>, of: &ReceiptOf) -> Result<LastReceipt, WireError> {
    let handle = asked.find(&of.process_id)?;
    let manager = asked.daemon.manager();
    let status = manager.query_status(handle).map_err(refuse::lookup)?;
    let receipt = asked.daemon.book(|book| {
        let entry = book.entry(handle)?;
        let mut receipt = entry.receipt.clone()?;
        receipt.process_id.clone_from(&entry.name);
        receipt.status = describe::status(&status, entry.ended_as);
        Some(receipt)
    });
    Ok(LastReceipt { receipt })
}

/// Those of the session's own owner; a turn of somebody below goes on.
pub(super) async fn end_turn(asked: Asked<'_>) -> Result<Receipts, WireError> {
    let (daemon, authority) = (asked.daemon, &asked.session.authority);
    let is_turn = |handle: ProcessHandle| {
        let info = daemon.manager().info(handle);
        info.is_ok_and(|info| info.config.lifetime() == Lifetime::Turn && !info.status.is_over())
    };
    let own: Vec<ProcessHandle> = daemon.book(|book| {
        let seen = book.seen_by(authority);
        let own = seen.filter(|(_, entry)| entry.owner == authority.owner);
        own.map(|(handle, _)| handle).collect()
    });
    let turn: Vec<ProcessHandle> = own.into_iter().filter(|handle| is_turn(*handle)).collect();
    daemon.end_all(turn.clone(), TURN_OVER).await;
    let receipts = daemon.book(|book| {
        let entries = turn.iter().filter_map(|handle| book.entry(*handle));
        entries.filter_map(|entry| entry.receipt.clone()).collect()
    });
    Ok(Receipts { receipts })
}

//! Starting a process under a name, once for each key.

use super::super::book::{Arrival, CROWDED, Reservation, Reserved};
use super::super::feed::Feed;
use super::super::{Daemon, ready, refuse, wanted};
use super::Asked;
use crate::tokens::TokenError;
use crate::wire::{INVALID_REQUEST, NAME_BYTES, Start, Started, WireError};
use handfast::owner::OwnerId;
use handfast::{ProcessConfig, ProcessHandle};
use std::time::Duration;

/// What is followed once it was answered.
type Then = Option<(ProcessHandle, u64)>;

pub(super) async fn start(asked: Asked<'_>, start: Start) -> Result<(Started, Then), WireError> {
    for (what, text) in [
        ("processId", &start.process_id),
        ("requestKey", &start.request_key),
    ] {
        let is_odd = |text: &String| text.is_empty() || text.len() > NAME_BYTES;
        if text.as_ref().is_some_and(is_odd) {
            let message =
                format!("name the process: {what} is empty or longer than {NAME_BYTES} bytes");
            return Err(WireError::params("start.bad-name", message));
        }
    }
    // Wrong parameters are told before anything is reserved.
    let config = wanted::config(&start)?;
    let sign = start.ready_when.as_ref().map(ready::sign).transpose()?;
    let owner = owner(asked, start.owner.as_deref())?;
    let reserved = loop {
        match reserve(asked, &start, &owner) {
            Reservation::Free(reserved) => break reserved,
            Reservation::Repeated(handle) => return Ok((repeated(asked, handle)?, None)),
            // Either way it is over then.
            Reservation::Wait(mut over) => _ = over.changed().await,
            Reservation::Exists => return Err(exists(start.process_id.as_deref())),
        }
    };
    let started = launch(asked, &start, config, reserved).await?;
    let handle = started.1;
    if let Some(wanted) = start.ready_when.zip(sign) {
        let within = start.ready_within_ms.map(Duration::from_millis);
        let watched = ready::watch(asked.daemon, handle, wanted, within);
        asked.daemon.book(|book| {
            if let Some(entry) = book.entry_mut(handle) {
                entry.ready = Some(watched);
            }
        });
    }
    let follow = start.notify.unwrap_or(true).then_some((handle, 0));
    Ok((started.0, follow))
}

/// The session's own owner, or one of this name below.
fn owner(asked: Asked<'_>, below: Option<&str>) -> Result<OwnerId, WireError> {
    let own = &asked.session.authority.owner;
    let Some(name) = below else {
        return Ok(own.clone());
    };
    if name.is_empty() || name.contains('/') {
        return Err(refuse::token(&TokenError::OwnerName));
    }
    OwnerId::new(format!("{own}/{name}")).map_err(|error| refuse::token(&error.into()))
}

fn reserve(asked: Asked<'_>, start: &Start, owner: &OwnerId) -> Reservation {
    let daemon = asked.daemon;
    let wanted = (start.process_id.clone(), start.request_key.clone());
    let (reservation, gone) = daemon.book(|book| {
        let mut gone = Vec::new();
        if book.len() >= CROWDED {
            gone = book.forget(|handle| daemon.manager().query_status(handle).is_ok());
        }
        let reservation = book.reserve(owner, wanted, |handle| {
            daemon.manager().query_status(handle).is_err()
        });
        (reservation, gone)
    });
    gone.into_iter()
        .for_each(|handle| daemon.keep_nothing(handle));
    reservation
}

/// Nothing is awaited between the start of the process and its place in the book, so it is in nobody's
/// hands for no moment; if this is given up before, the library ends it and the place is free.
async fn launch(
    asked: Asked<'_>,
    start: &Start,
    config: ProcessConfig,
    reserved: Reserved,
) -> Result<(Started, ProcessHandle), WireError> {
    let daemon = asked.daemon;
    let lifetime = config.lifetime();
    let _turn = daemon.start_turn().await?;
    let started = daemon.manager().start_process(config).await;
    let handle = started.map_err(|error| refuse::start(&error))?;
    let log = daemon.log_of(handle);
    let feed = Feed::of(daemon.manager(), handle, log);
    // A lease is a life line of its own, and who lives for the user needs none.
    let ends_with_session = matches!(
        lifetime,
        handfast::config::Lifetime::Session | handfast::config::Lifetime::Turn
    );
    let bound = ends_with_session.then_some(asked.session.number);
    let label = start.name.clone();
    let arrival = Arrival { bound, feed, label };
    let process_id = daemon.book(|book| book.enter(reserved, handle, arrival));
    daemon.keep_begun(handle);
    daemon.tell_entered(handle);
    debug_assert!(start.process_id.as_ref().is_none_or(|id| *id == process_id));
    Ok((describe(daemon, handle, process_id, false)?, handle))
}

fn repeated(asked: Asked<'_>, handle: ProcessHandle) -> Result<Started, WireError> {
    let name = |handle| {
        asked
            .daemon
            .book(|book| book.entry(handle).map(|entry| entry.name.clone()))
    };
    let name = name(handle).unwrap_or_else(|| handle.to_string());
    describe(asked.daemon, handle, name, true)
}

fn describe(
    daemon: &Daemon,
    handle: ProcessHandle,
    process_id: String,
    repeated: bool,
) -> Result<Started, WireError> {
    let info = daemon.manager().info(handle).map_err(refuse::lookup)?;
    Ok(Started {
        process_id,
        handle: handle.to_string(),
        repeated,
        rung: info.rung.to_string(),
        grade: info.grade.to_string(),
    })
}

fn exists(name: Option<&str>) -> WireError {
    let name = name.unwrap_or_default();
    let message = format!("start process {name}: a process of this name already exists");
    WireError::new(INVALID_REQUEST, "process.exists", message)
        .hint("leave processId out, or choose another".to_owned())
}

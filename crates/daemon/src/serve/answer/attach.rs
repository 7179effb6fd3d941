//! Who sits at the terminal of a process.

use super::Asked;
use crate::wire::{
    Attach, Attached, Note, Nothing, Release, TakenNote, WireError, notification_line,
};

pub(super) fn attach(asked: Asked<'_>, what: &Attach) -> Result<Attached, WireError> {
    let handle = asked.find(&what.process_id)?;
    let (daemon, own) = (asked.daemon, asked.session.number);
    // Under the lock of all sessions, so that nobody is taken for one who sits there and has just left.
    let (before, name) = daemon.sessions(|sessions| {
        daemon.book(|book| {
            let gone = || super::unknown(&what.process_id);
            let entry = book.entry_mut(handle).ok_or_else(gone)?;
            let sits = entry.attached.filter(|number| *number != own);
            let before = sits.and_then(|number| sessions.get(&number)?.outbox());
            if before.is_some() && !what.take_over {
                let message = format!(
                    "sit down at process {}: another client is there",
                    entry.name
                );
                return Err(WireError::invalid("process.attached", message)
                    .hint("take its place (takeOver), or only look".to_owned()));
            }
            entry.attached = Some(own);
            Ok((before, entry.name.clone()))
        })
    })?;
    let taken_over = before.is_some();
    if let Some(before) = before {
        let note = TakenNote { process_id: name };
        // One that reads so slowly that there is no room finds out by what it is shown no more.
        let _ = before.try_send(notification_line(TakenNote::NAME, &note));
    }
    Ok(Attached { taken_over })
}

pub(super) fn release(asked: Asked<'_>, what: &Release) -> Result<Nothing, WireError> {
    let handle = asked.find(&what.process_id)?;
    let own = Some(asked.session.number);
    asked.daemon.book(|book| {
        if let Some(entry) = book.entry_mut(handle).filter(|entry| entry.attached == own) {
            entry.attached = None;
        }
    });
    Ok(Nothing {})
}

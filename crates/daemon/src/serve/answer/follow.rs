//! What a session follows, what ends with it, and who has what.

use super::super::book::Entry;
use super::super::refuse;
use super::Asked;
use crate::tokens::TokenError;
use crate::wire::{
    Detach, Detached, Nothing, Reattach, Reattached, Renew, Subscribe, Transfer, Transferred,
    Unsubscribe, WireError,
};
use handfast::ProcessHandle;
use handfast::owner::OwnerId;

pub(super) fn subscribe(asked: Asked<'_>, what: &Subscribe) -> Result<Nothing, WireError> {
    let handle = what.process_id.as_ref().map(|name| asked.find(name));
    let (daemon, session) = (asked.daemon, asked.session);
    daemon.follow(session, handle.transpose()?.into(), what.after_seq);
    Ok(Nothing {})
}

pub(super) fn unsubscribe(asked: Asked<'_>, what: &Unsubscribe) -> Result<Nothing, WireError> {
    let handle = what.process_id.as_ref().map(|name| asked.find(name));
    asked.session.unfollow(handle.transpose()?.into());
    Ok(Nothing {})
}

pub(super) fn detach(asked: Asked<'_>, what: &Detach) -> Result<Detached, WireError> {
    let number = asked.session.number;
    let which = match &what.process_id {
        Some(name) => vec![asked.find(name)?],
        None => asked.daemon.book(|book| book.bound_to(number)),
    };
    let mut process_ids = asked.daemon.book(|book| {
        let mut names = Vec::new();
        for handle in which {
            let entry = book.entry_mut(handle);
            if let Some(entry) = entry.filter(|entry| entry.bound == Some(number)) {
                entry.bound = None;
                names.push(entry.name.clone());
            }
        }
        names
    });
    process_ids.sort_unstable();
    Ok(Detached {
        process_count: process_ids.len() as u64,
        process_ids,
    })
}

pub(super) fn reattach(asked: Asked<'_>, what: &Reattach) -> Result<Reattached, WireError> {
    let (daemon, session) = (asked.daemon, asked.session);
    let lives = |handle: ProcessHandle| {
        let status = daemon.manager().query_status(handle);
        status.is_ok_and(|status| !status.is_over())
    };
    let which = match &what.process_id {
        Some(name) => vec![asked.find(name)?],
        // Those that were detached: what was declared to survive stays as it was declared.
        None => daemon.book(|book| {
            let seen = book.seen_by(&session.authority);
            let own = seen.filter(|(handle, entry)| is_detached(asked, *handle, entry));
            own.map(|(handle, _)| handle).collect()
        }),
    };
    let which: Vec<ProcessHandle> = which.into_iter().filter(|handle| lives(*handle)).collect();
    let (mut reattached_count, mut skipped_process_ids) = (0, Vec::new());
    daemon.book(|book| {
        for handle in which {
            match book.entry_mut(handle) {
                Some(entry) if entry.bound.is_none() => {
                    entry.bound = Some(session.number);
                    reattached_count += 1;
                }
                Some(entry) if entry.bound != Some(session.number) => {
                    skipped_process_ids.push(entry.name.clone());
                }
                Some(_) | None => {}
            }
        }
    });
    skipped_process_ids.sort_unstable();
    Ok(Reattached {
        reattached_count,
        skipped_count: skipped_process_ids.len() as u64,
        skipped_process_ids,
    })
}

/// Of the session's own owner, and not declared to survive.
fn is_detached(asked: Asked<'_>, handle: ProcessHandle, entry: &Entry) -> bool {
    use handfast::config::Lifetime;
    let info = asked.daemon.manager().info(handle);
    let dies = |lifetime| matches!(lifetime, Lifetime::Turn | Lifetime::Session);
    entry.owner == asked.session.authority.owner
        && info.is_ok_and(|info| dies(info.config.lifetime()))
}

pub(super) fn transfer(asked: Asked<'_>, what: &Transfer) -> Result<Transferred, WireError> {
    let handle = asked.find(&what.process_id)?;
    let authority = &asked.session.authority;
    let to = OwnerId::new(&what.to).map_err(|error| refuse::token(&TokenError::Owner(error)))?;
    let parent = authority.owner.as_str().rsplit_once('/');
    let is_parent = parent.is_some_and(|(parent, _)| parent == to.as_str());
    let is_known = asked.daemon.tokens(|tokens| {
        let mut all = tokens.records();
        all.any(|record| record.grant.owner == to)
    });
    // An owner who is not there is not told from one who may not be given anything.
    if !is_known || !(is_parent || authority.covers(&to)) {
        let message = format!("find owner {}", what.to);
        return Err(WireError::invalid("owner.unknown", message));
    }
    let (process_id, session_id) = hand_over(asked, handle, &to)?;
    asked.daemon.keep_transferred(handle);
    asked.daemon.happened(handle, "transferred");
    Ok(Transferred {
        process_id,
        owner: to.to_string(),
        session_id,
    })
}

/// It ends with a session of its new owner, who must be here for that; what was declared to survive needs
/// nobody. Under the lock of all sessions, so that the one that it is bound to does not end unnoticed.
fn hand_over(
    asked: Asked<'_>,
    handle: ProcessHandle,
    to: &OwnerId,
) -> Result<(String, Option<i32>), WireError> {
    let daemon = asked.daemon;
    let gone = || super::unknown(&handle.to_string());
    daemon.sessions(|sessions| {
        let theirs = sessions.values().filter(|one| one.authority.owner == *to);
        let theirs = theirs.max_by_key(|one| one.number);
        let bound = daemon.book(|book| book.entry(handle).map(|entry| entry.bound.is_some()));
        let needs = bound.ok_or_else(gone)?;
        if needs && theirs.is_none() {
            let message = format!("give process {handle} to {to}: it has no session to end with");
            return Err(WireError::invalid("owner.away", message)
                .hint("detach it first, or wait until that owner is connected".to_owned()));
        }
        // A limit of the receiver's may refuse it, so the library comes first.
        let receiver = theirs.filter(|_| needs);
        let session_id = daemon.hand_command_over(handle, receiver.map(|one| &**one))?;
        daemon.book(|book| {
            let name = book.transfer(handle, to).ok_or_else(gone)?;
            if let Some(entry) = book.entry_mut(handle).filter(|_| needs) {
                entry.bound = theirs.map(|one| one.number);
            }
            Ok((name, session_id))
        })
    })
}

pub(super) fn renew(asked: Asked<'_>, what: &Renew) -> Result<Nothing, WireError> {
    let handle = asked.find(&what.process_id)?;
    let renewed = asked.daemon.manager().renew_lease(handle);
    renewed.map_err(refuse::lookup)?;
    Ok(Nothing {})
}

//! Forgetting what is over, and who there is.

use super::super::book::Entry;
use super::super::describe;
use super::Asked;
use crate::wire::{Clean, Cleaned, OwnerInfo, OwnersListed, WireError};
use handfast::ProcessHandle;
use std::collections::BTreeMap;
use std::time::SystemTime;

/// Only what is over, and long enough ago.
pub(super) fn clean(asked: Asked<'_>, what: &Clean) -> Result<Cleaned, WireError> {
    let daemon = asked.daemon;
    let one = what.process_id.as_ref().map(|name| asked.find(name));
    let one = one.transpose()?;
    let wanted: Vec<(ProcessHandle, String)> = daemon.book(|book| {
        let seen = book.seen_by(&asked.session.authority);
        let wanted = seen.filter(|(handle, entry)| {
            let is_owner = |owner: &String| entry.owner.as_str() == owner;
            one.is_none_or(|one| one == *handle) && what.owner.as_ref().is_none_or(is_owner)
        });
        wanted
            .map(|(handle, entry)| (handle, entry.name.clone()))
            .collect()
    });
    let now = describe::at_ms(SystemTime::now());
    let (mut process_ids, mut freed_bytes) = (Vec::new(), 0);
    for (handle, name) in wanted {
        if !is_over_since(asked, handle, now.saturating_sub(what.older_than_ms)) {
            continue;
        }
        let kept = daemon.book(|book| book.entry(handle).map_or(0, kept_bytes));
        if !what.dry_run {
            daemon.happened(handle, "cleaned");
            // One that the library has forgotten by itself is gone as well.
            let _ = daemon.manager().forget(handle);
            daemon.book(|book| book.remove(handle));
            daemon.keep_nothing(handle);
        }
        freed_bytes += kept;
        process_ids.push(name);
    }
    process_ids.sort_unstable();
    Ok(Cleaned {
        process_ids,
        freed_bytes,
    })
}

/// Whether nothing of it lives, and its leader ended before then.
fn is_over_since(asked: Asked<'_>, handle: ProcessHandle, then: u64) -> bool {
    let Ok(status) = asked.daemon.manager().query_status(handle) else {
        return true;
    };
    let ended = describe::status(&status, None).exited_at_ms;
    status.is_over() && ended.is_none_or(|ended| ended <= then)
}

fn kept_bytes(entry: &Entry) -> u64 {
    let kept = entry.feed.captured().map(|captured| {
        let status = captured.status();
        status.totals.sum().saturating_sub(status.omitted.sum())
    });
    kept.unwrap_or(0)
}

pub(super) fn owners(asked: Asked<'_>) -> OwnersListed {
    let (daemon, authority) = (asked.daemon, &asked.session.authority);
    let mut all: BTreeMap<String, OwnerInfo> = BTreeMap::new();
    let mut count = |owner: String, add: fn(&mut OwnerInfo)| {
        let info = all.entry(owner.clone()).or_default();
        info.owner = owner;
        add(info);
    };
    count(authority.owner.to_string(), |_| {});
    let tokens: Vec<String> = daemon.tokens(|tokens| {
        tokens.forget_expired(SystemTime::now());
        let seen = tokens
            .records()
            .filter(|one| authority.covers(&one.grant.owner));
        seen.map(|one| one.grant.owner.to_string()).collect()
    });
    for owner in tokens {
        count(owner, |info| info.tokens += 1);
    }
    let sessions: Vec<String> = daemon.sessions(|sessions| {
        let seen = sessions.values().map(|one| &one.authority.owner);
        let seen = seen.filter(|owner| authority.covers(owner));
        seen.map(ToString::to_string).collect()
    });
    for owner in sessions {
        count(owner, |info| info.sessions += 1);
    }
    let processes: Vec<(ProcessHandle, String)> = daemon.book(|book| {
        let seen = book.seen_by(authority);
        seen.map(|(handle, entry)| (handle, entry.owner.to_string()))
            .collect()
    });
    for (handle, owner) in processes {
        let status = daemon.manager().query_status(handle);
        if status.is_ok_and(|status| !status.is_over()) {
            count(owner, |info| info.running += 1);
        } else {
            count(owner, |info| info.over += 1);
        }
    }
    OwnersListed {
        owners: all.into_values().collect(),
    }
}

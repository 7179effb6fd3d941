//! Lists, everything about a process, and waiting.

use super::super::book::Entry;
use super::super::ready::{First, READY, WAITING, first_of};
use super::super::{describe, refuse};
use super::{Asked, unknown};
use crate::wire::{
    Condition as Wanted, HolderOf, Info, InfoOf, List, Listed, Match, Wait, Waited, WireError,
};
use handfast::ProcessHandle;
use handfast::output::{Condition, Outcome, OutputHolders, Pattern};
use std::sync::Arc;
use std::time::Duration;

/// The most processes of one list.
const LISTED: usize = 1000;

/// The most conditions of one wait.
const CONDITIONS: usize = 16;

pub(super) async fn list(asked: Asked<'_>, list: &List) -> Result<Listed, WireError> {
    let odd = || {
        WireError::params(
            "list.bad-cursor",
            "go on with the list: it has no such place",
        )
    };
    let before: Option<ProcessHandle> = match &list.cursor {
        None => None,
        Some(cursor) => Some(cursor.parse().map_err(|_| odd())?),
    };
    asked.daemon.adopt_all(asked.session);
    let limit = list.limit.map_or(LISTED, |limit| limit as usize);
    let limit = limit.clamp(1, LISTED);
    asked.large().await;
    let seen: Vec<(ProcessHandle, Entry)> = asked.daemon.book(|book| {
        let seen = book.seen_by(&asked.session.authority);
        let seen = seen.filter(|(handle, entry)| {
            before.is_none_or(|before| *handle < before)
                && list
                    .owner
                    .as_ref()
                    .is_none_or(|owner| entry.owner.as_str() == owner)
        });
        seen.map(|(handle, entry)| (handle, entry.clone()))
            .collect()
    });
    let (mut processes, mut next_cursor) = (Vec::new(), None);
    let mut last = None;
    for (handle, entry) in seen {
        let Ok(info) = asked.daemon.manager().info(handle) else {
            continue;
        };
        if info.status.is_over() && !list.all {
            continue;
        }
        if processes.len() == limit {
            next_cursor = last;
            break;
        }
        processes.push(describe::info(&info, &entry));
        last = Some(handle.to_string());
    }
    Ok(Listed {
        processes,
        next_cursor,
    })
}

pub(super) async fn info(asked: Asked<'_>, of: &InfoOf) -> Result<Info, WireError> {
    let handle = asked.find(&of.process_id)?;
    let manager = asked.daemon.manager();
    let info = manager.info(handle).map_err(refuse::lookup)?;
    let entry = asked.daemon.book(|book| book.entry(handle).cloned());
    let entry = entry.ok_or_else(|| unknown(&of.process_id))?;
    let mut told = describe::info(&info, &entry);
    if of.members {
        let manager = manager.clone();
        // It reads `/proc`, which takes some milliseconds.
        let look = move || (manager.members(handle), manager.output_holders(handle));
        if let Ok((members, holders)) = tokio::task::spawn_blocking(look).await {
            told.members = Some(members.map_err(refuse::lookup)?);
            let holders = holders.map_err(refuse::lookup)?;
            if let Some(output) = &mut told.output {
                output.holders = Some(held_by(holders));
            }
        }
    }
    Ok(told)
}

pub(super) fn held_by(holders: OutputHolders) -> Vec<HolderOf> {
    let one = |holder: handfast::output::OutputHolder| HolderOf {
        pid: holder.pid,
        command: holder.command,
        member: holder.member,
    };
    holders.found.into_iter().map(one).collect()
}

/// How a wait ended: its word, which condition was met, and what the library says of it.
struct Ended {
    word: &'static str,
    condition: Option<usize>,
    waited: Option<handfast::output::Waited>,
}

pub(super) async fn wait(asked: Asked<'_>, wait: &Wait) -> Result<Waited, WireError> {
    let handle = asked.find(&wait.process_id)?;
    if wait.conditions.len() > CONDITIONS {
        let message =
            format!("wait for so much at once: at most {CONDITIONS} conditions are taken");
        return Err(WireError::params("wait.too-many-conditions", message));
    }
    let (mut ready, mut places, mut conditions) = (None, Vec::new(), Vec::new());
    for (place, wanted) in wait.conditions.iter().enumerate() {
        match condition(wanted)? {
            Some(condition) => {
                places.push(place);
                conditions.push(condition);
            }
            None => _ = ready.get_or_insert(place),
        }
    }
    if wait.conditions.is_empty() {
        conditions.push(Condition::Exit);
        places.push(0);
    }
    let (within, capped) = asked.granted(wait.wait_ms);
    let begun = tokio::time::Instant::now();
    let manager = asked.daemon.manager();
    // What is met already is met, also where another is too.
    let ended = waited(asked, handle, (ready, &conditions, &places), within).await?;
    let outcome = ended.waited.as_ref().map(|waited| waited.outcome);
    if let Some(Outcome::Matched { offset, len }) = outcome {
        numbered(asked, handle, offset + len as u64).await;
    }
    // It may have been given to somebody else meanwhile.
    asked.find(&handle.to_string())?;
    let status = manager.query_status(handle).map_err(refuse::lookup)?;
    let ended_as = asked
        .daemon
        .book(|book| book.entry(handle).and_then(|entry| entry.ended_as));
    Ok(Waited {
        outcome: ended.word.to_owned(),
        condition: ended.condition.and_then(|at| u32::try_from(at).ok()),
        matched: match outcome {
            Some(Outcome::Matched { offset, len }) => Some(Match {
                offset,
                len: len as u64,
            }),
            _ => None,
        },
        unseen_bytes: ended.waited.map_or(0, |waited| waited.unseen),
        wait_requested_ms: wait.wait_ms,
        wait_applied_ms: describe::ms(within),
        capped,
        took_ms: describe::ms(begun.elapsed()),
        status: describe::status(&status, ended_as),
    })
}

/// Waits until what is before this byte can be read by its numbers too.
async fn numbered(asked: Asked<'_>, handle: ProcessHandle, end: u64) {
    let feed = asked
        .daemon
        .book(|book| book.entry(handle).map(|entry| Arc::clone(&entry.feed)));
    if let Some(feed) = feed {
        feed.reaches(end).await;
    }
}

/// Waits for readiness, at this place among the conditions, or for what the library knows of.
async fn waited(
    asked: Asked<'_>,
    handle: ProcessHandle,
    (ready, conditions, places): (Option<usize>, &[Condition], &[usize]),
    within: Duration,
) -> Result<Ended, WireError> {
    let of_library = async {
        // Where nothing is asked of it, only the time ends the wait.
        if conditions.is_empty() {
            tokio::time::sleep(within).await;
            return Ok(None);
        }
        let manager = asked.daemon.manager();
        let begun = tokio::time::Instant::now();
        let waited = manager.wait_for(handle, conditions, within).await;
        let waited = waited.map_err(refuse::lookup)?;
        if waited.outcome == Outcome::Impossible && ready.is_some() {
            tokio::time::sleep(within.saturating_sub(begun.elapsed())).await;
            return Ok(None);
        }
        Ok(Some(waited))
    };
    let is_ready = async {
        match ready {
            Some(place) => (place, readiness(asked, handle).await),
            None => std::future::pending().await,
        }
    };
    match first_of(is_ready, of_library).await {
        First::One((place, word)) => Ok(Ended {
            word,
            condition: Some(place),
            waited: None,
        }),
        First::Other(waited) => {
            let waited = waited?;
            let place = waited.as_ref().and_then(|waited| waited.condition);
            Ok(Ended {
                word: waited
                    .as_ref()
                    .map_or("timed-out", |waited| waited.outcome.word()),
                condition: place.and_then(|at| places.get(at).copied()),
                waited,
            })
        }
    }
}

/// Waits until it is known whether a process is ready.
async fn readiness(asked: Asked<'_>, handle: ProcessHandle) -> &'static str {
    let watched = asked
        .daemon
        .book(|book| book.entry(handle).and_then(|entry| entry.ready.clone()));
    let Some(mut watched) = watched else {
        return READY;
    };
    let known = watched.wait_for(|ready| ready.state != WAITING).await;
    match known {
        Ok(ready) if ready.state == READY => READY,
        // An error is the end of the daemon.
        Ok(_) | Err(_) => "not-ready",
    }
}

/// What the library knows to wait for; nothing for readiness, which it does not.
fn condition(wanted: &Wanted) -> Result<Option<Condition>, WireError> {
    Ok(Some(match wanted {
        Wanted::Ready {} => return Ok(None),
        Wanted::Exit {} => Condition::Exit,
        Wanted::TreeEmpty {} => Condition::TreeEmpty,
        Wanted::Output { from } => Condition::Output { from: *from },
        Wanted::Match { pattern, from } => {
            let pattern: Result<Pattern, _> = pattern.parse();
            let refused = |error: handfast::output::PatternError| {
                WireError::params("wait.bad-pattern", error.to_string())
            };
            Condition::Match {
                pattern: pattern.map_err(refused)?,
                from: *from,
            }
        }
        Wanted::Quiet { ms } => Condition::Quiet {
            time: Duration::from_millis(*ms),
        },
        Wanted::Port { port } => Condition::Port { port: *port },
    }))
}

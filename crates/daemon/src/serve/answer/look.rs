//! Lists, everything about a process, and waiting.

use super::super::book::Entry;
use super::super::{describe, refuse};
use super::{Asked, unknown};
use crate::wire::{
    Condition as Wanted, HolderOf, Info, InfoOf, List, Listed, Match, Wait, Waited, WireError,
};
use handfast::ProcessHandle;
use handfast::output::{Condition, Outcome, OutputHolders, Pattern};
use std::time::Duration;

/// The most processes of one list.
const LISTED: usize = 1000;

/// The most conditions of one wait.
const CONDITIONS: usize = 16;

pub(super) fn list(asked: Asked<'_>, list: &List) -> Result<Listed, WireError> {
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

pub(super) async fn wait(asked: Asked<'_>, wait: &Wait) -> Result<Waited, WireError> {
    let handle = asked.find(&wait.process_id)?;
    if wait.conditions.len() > CONDITIONS {
        let message =
            format!("wait for so much at once: at most {CONDITIONS} conditions are taken");
        return Err(WireError::params("wait.too-many-conditions", message));
    }
    let conditions: Result<Vec<Condition>, WireError> =
        wait.conditions.iter().map(condition).collect();
    let mut conditions = conditions?;
    if conditions.is_empty() {
        conditions.push(Condition::Exit);
    }
    let (within, capped) = asked.granted(wait.wait_ms);
    let manager = asked.daemon.manager();
    let waited = manager.wait_for(handle, &conditions, within).await;
    let waited = waited.map_err(refuse::lookup)?;
    let status = manager.query_status(handle).map_err(refuse::lookup)?;
    let ended_as = asked
        .daemon
        .book(|book| book.entry(handle).and_then(|entry| entry.ended_as));
    Ok(Waited {
        outcome: waited.outcome.word().to_owned(),
        condition: waited.condition.and_then(|at| u32::try_from(at).ok()),
        matched: match waited.outcome {
            Outcome::Matched { offset, len } => Some(Match {
                offset,
                len: len as u64,
            }),
            _ => None,
        },
        unseen_bytes: waited.unseen,
        wait_requested_ms: wait.wait_ms,
        wait_applied_ms: describe::ms(within),
        capped,
        took_ms: describe::ms(waited.took),
        status: describe::status(&status, ended_as),
    })
}

fn condition(wanted: &Wanted) -> Result<Condition, WireError> {
    Ok(match wanted {
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
    })
}

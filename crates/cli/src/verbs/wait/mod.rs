//! `handfast wait`: waits for the first of some things to happen to a process.

use super::talk::{code_of, with_daemon};
use crate::app::{For, Wait};
use crate::explain::{Failure, NO, TIMED_OUT};
use crate::link::{Asker, patiently};
use crate::show::line::{Ended, Waited as Line};
use crate::show::{safe, state, text};
use handfast_daemon::wire::{Condition, Wait as Ask, Waited};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long a tree is given to be seen as gone after its program.
const MOMENT: Duration = Duration::from_millis(250);

pub(crate) fn run(options: &Wait) -> ExitCode {
    with_daemon(&options.answers, async |link, mut out| {
        let found = link.find("wait for", &options.id).await?;
        let conditions: Vec<Condition> = options.conditions.iter().map(condition).collect();
        let what = format!("wait for `{}`", options.id);
        let waits = until(&link, (&what, &found.handle), &conditions, options.timeout);
        let mut waited = patiently(&format!("`{}`", safe::word(&options.id)), waits).await?;
        if waited.status.state == "running-detached" {
            // Most often its tree is gone too, and that is seen a moment later.
            let empty = [Condition::TreeEmpty {}];
            let settled = until(&link, (&what, &found.handle), &empty, Some(MOMENT)).await?;
            waited.status = settled.status;
        }
        if options.answers.json {
            out.json(&line(options, &found.process_id, &waited))?;
        } else {
            out.line(&in_words(&waited))?;
        }
        Ok(match waited.outcome.as_str() {
            _ if options.exit_code && waited.status.exited_at_ms.is_some() => {
                code_of(&waited.status)
            }
            "timed-out" => TIMED_OUT,
            "impossible" | "not-ready" => NO,
            _ => 0,
        })
    })
}

fn condition(wanted: &For) -> Condition {
    match wanted {
        For::Exit => Condition::Exit {},
        For::Ready => Condition::Ready {},
        For::Empty => Condition::TreeEmpty {},
        For::Matches(pattern) => Condition::Match {
            pattern: pattern.clone(),
            from: 0,
        },
        For::Quiet(time) => Condition::Quiet {
            ms: text::milliseconds(*time),
        },
        For::Port(port) => Condition::Port { port: *port },
    }
}

/// Waits for the first of some conditions, for longer than the daemon does at once.
pub(in crate::verbs) async fn until(
    asker: &Asker,
    (what, handle): (&str, &str),
    conditions: &[Condition],
    within: Option<Duration>,
) -> Result<Waited, Failure> {
    let began = Instant::now();
    let longest = asker.longest_wait();
    loop {
        let left = within.map(|within| within.saturating_sub(began.elapsed()));
        let left = left.map_or(longest, text::milliseconds);
        let ask = Ask {
            process_id: handle.to_owned(),
            conditions: conditions.to_vec(),
            wait_ms: Some(left.min(longest)),
        };
        let mut waited = asker.ask(what, &ask).await?;
        let is_over = within.is_some_and(|within| began.elapsed() >= within);
        if waited.outcome != "timed-out" || is_over {
            waited.took_ms = text::milliseconds(began.elapsed());
            return Ok(waited);
        }
    }
}

fn line(options: &Wait, id: &str, waited: &Waited) -> Line {
    let place = waited
        .condition
        .and_then(|place| usize::try_from(place).ok());
    let met = place.and_then(|place| options.conditions.get(place));
    Line {
        id: id.to_owned(),
        condition: met.map(ToString::to_string),
        outcome: waited.outcome.clone(),
        took_ms: waited.took_ms,
        now: Ended::from(&waited.status),
    }
}

fn in_words(waited: &Waited) -> String {
    let status = &waited.status;
    let stands = format!("{}{}", status.state, state::why(status));
    if waited.outcome == status.state {
        return stands;
    }
    format!("{}: {stands}", waited.outcome)
}

//! `wait_for`: one call until something happens.

use super::Done;
use super::arguments::{session, which, whole};
use crate::link::{Link, Trouble};
use handfast_daemon::wire::{Condition, InfoOf, Wait, Waited};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(default, deserialize_with = "session")]
    session_id: Option<i32>,
    #[serde(default)]
    process_id: Option<String>,
    #[serde(default, rename = "for")]
    event: Event,
    #[serde(default)]
    pattern: Option<String>,
    #[serde(default, deserialize_with = "whole")]
    port: Option<u64>,
    #[serde(default, deserialize_with = "whole")]
    quiet_ms: Option<u64>,
    #[serde(default, deserialize_with = "whole")]
    timeout_ms: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Event {
    #[default]
    Exit,
    TreeEmpty,
    Output,
    Match,
    Quiet,
    Port,
}

#[derive(Debug, Serialize)]
struct Given {
    process_id: String,
    outcome: String,
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    matched_at: Option<u64>,
    took_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_requested_ms: Option<u64>,
    wait_applied_ms: u64,
    capped: bool,
}

/// How long nothing must come unless it is said.
const QUIET_MS: u64 = 2_000;

fn missing(what: &str) -> Trouble {
    Trouble::new(
        "mcp.bad-arguments",
        format!("to wait for that, give `{what}`"),
    )
}

async fn condition(link: &Link, wanted: &Wanted, process_id: &str) -> Result<Condition, Trouble> {
    Ok(match wanted.event {
        Event::Exit => Condition::Exit {},
        Event::TreeEmpty => Condition::TreeEmpty {},
        Event::Output => {
            let info = InfoOf {
                process_id: process_id.to_owned(),
                members: false,
            };
            // From here on: what has come can be read.
            let output = link.call(&info).await?.output;
            Condition::Output {
                from: output.map_or(0, |output| output.bytes),
            }
        }
        Event::Match => Condition::Match {
            pattern: wanted.pattern.clone().ok_or_else(|| missing("pattern"))?,
            from: 0,
        },
        Event::Quiet => Condition::Quiet {
            ms: wanted.quiet_ms.unwrap_or(QUIET_MS),
        },
        Event::Port => {
            let port = wanted.port.ok_or_else(|| missing("port"))?;
            let port = u16::try_from(port).map_err(|_| missing("port"))?;
            Condition::Port { port }
        }
    })
}

pub(super) async fn wait(link: &Link, wanted: Wanted) -> Result<Done, Trouble> {
    let process_id = which(link, wanted.session_id, wanted.process_id.clone()).await?;
    let condition = condition(link, &wanted, &process_id).await?;
    let longest = link.settings().longest_wait.as_millis();
    let longest = u64::try_from(longest).unwrap_or(u64::MAX);
    let applied = wanted.timeout_ms.unwrap_or(longest).min(longest);
    let wait = Wait {
        process_id: process_id.clone(),
        conditions: vec![condition],
        wait_ms: Some(applied),
    };
    let waited = link.call(&wait).await?;
    let given = given(process_id, wanted.timeout_ms, waited);
    Done::new(said(&given), &given)
}

fn given(process_id: String, requested: Option<u64>, waited: Waited) -> Given {
    Given {
        process_id,
        outcome: waited.outcome,
        state: waited.status.state,
        exit_code: waited.status.exit_code,
        cause: waited.status.cause,
        matched_at: waited.matched.map(|place| place.offset),
        took_ms: waited.took_ms,
        wait_requested_ms: requested,
        wait_applied_ms: waited.wait_applied_ms,
        capped: requested.is_some_and(|asked| asked > waited.wait_applied_ms),
    }
}

fn said(given: &Given) -> String {
    let mut text = format!(
        "{} after {} ms; the process is {}",
        given.outcome, given.took_ms, given.state
    );
    if let Some(code) = given.exit_code {
        text.push_str(&format!(" with code {code}"));
    }
    if let Some(cause) = &given.cause {
        text.push_str(&format!(", cause {cause}"));
    }
    text.push('\n');
    if given.outcome == "timed-out" {
        let applied = given.wait_applied_ms;
        text.push_str(&format!(
            "[waited {applied} ms; it goes on, call again to go on waiting]\n"
        ));
    }
    text
}

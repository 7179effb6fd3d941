//! `stop_process`: asks, waits, kills, and says what was done.

use super::Done;
use super::arguments::{session, which, whole};
use crate::link::{Link, Trouble};
use handfast_daemon::wire::{PortWho, Receipt, Stop};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(default, deserialize_with = "session")]
    session_id: Option<i32>,
    #[serde(default)]
    process_id: Option<String>,
    #[serde(default, deserialize_with = "whole")]
    port: Option<u64>,
    #[serde(default, deserialize_with = "whole")]
    grace_ms: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Given {
    process_id: String,
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    members_before: u64,
    asked: u64,
    killed: u64,
    survivors: Vec<u32>,
    took_ms: u64,
    grade: String,
}

pub(super) async fn stop(link: &Link, wanted: Wanted) -> Result<Done, Trouble> {
    let process_id = match (wanted.port, wanted.session_id, &wanted.process_id) {
        (Some(port), None, None) => who_listens(link, port).await?,
        (Some(_), _, _) => {
            let message = "give one of session_id, process_id and port";
            return Err(Trouble::new("mcp.which-process", message));
        }
        (None, ..) => which(link, wanted.session_id, wanted.process_id).await?,
    };
    let longest = link.settings().longest_wait.as_millis();
    let longest = u64::try_from(longest).unwrap_or(u64::MAX);
    let stop = Stop {
        process_id,
        grace_ms: wanted.grace_ms.map(|grace| grace.min(longest)),
    };
    let receipt = link.call(&stop).await?;
    let given = given(receipt);
    Done::new(said(&given), &given)
}

/// The process of ours that listens at a port. Of those of others nothing is touched.
async fn who_listens(link: &Link, port: u64) -> Result<String, Trouble> {
    let none = |what: String| Trouble::new("mcp.port", what);
    let number = u16::try_from(port).map_err(|_| none(format!("{port} is no port")))?;
    let listeners = link.call(&PortWho { port: number }).await?.listeners;
    let somebody = listeners.iter().find_map(|one| one.command.clone());
    let ours = listeners.into_iter().find_map(|one| one.process_id);
    ours.ok_or_else(|| match somebody {
        Some(command) => none(format!(
            "whoever listens at port {port} is none of your processes: {command}"
        )),
        None => none(format!("none of your processes listens at port {port}")),
    })
}

fn given(receipt: Receipt) -> Given {
    Given {
        process_id: receipt.process_id,
        state: receipt.status.state,
        exit_code: receipt.status.exit_code,
        cause: receipt.status.cause,
        members_before: receipt.members_before,
        asked: receipt.asked,
        killed: receipt.killed,
        survivors: receipt.survivors,
        took_ms: receipt.took_ms,
        grade: receipt.grade,
    }
}

fn said(given: &Given) -> String {
    let Given {
        members_before,
        asked,
        killed,
        took_ms,
        ..
    } = given;
    if *members_before == 0 {
        return format!("it was over already: {}\n", given.state);
    }
    let left = match given.survivors.as_slice() {
        [] => "nothing is left".to_owned(),
        pids => format!("could not be killed: {pids:?}"),
    };
    format!(
        "stopped in {took_ms} ms: of {members_before} processes {asked} were asked, {killed} killed; {left}\n"
    )
}

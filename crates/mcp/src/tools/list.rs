//! `list_processes`: all that the client has, without any id.

use super::Done;
use crate::link::{Link, Trouble};
use crate::text::age;
use handfast_daemon::wire::{ExecList, ExecSession, Info, List, Word};
use serde::{Deserialize, Serialize};
use std::time::SystemTime;

/// The most processes of one list.
const LISTED: u32 = 200;

/// The longest command of one line.
const COMMAND: usize = 120;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(default)]
    all: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Row {
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<i32>,
    process_id: String,
    command: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cwd: Option<String>,
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    age_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_output_ms_ago: Option<u64>,
    output_bytes: u64,
    output_open: bool,
    ends_with_session: bool,
    grade: String,
}

#[derive(Debug, Serialize)]
struct Listed {
    processes: Vec<Row>,
    more: bool,
}

pub(super) async fn list(link: &Link, wanted: Wanted) -> Result<Done, Trouble> {
    let list = List {
        all: wanted.all,
        limit: Some(LISTED),
        ..List::default()
    };
    let listed = link.call(&list).await?;
    // After them, so that what is listed and runs has its number.
    let commands = link.call(&ExecList {}).await?.sessions;
    for command in &commands {
        link.learn(Some(command.session_id), command.process_id.as_ref());
    }
    let now = now_ms();
    let rows = listed.processes.into_iter().map(|info| {
        let command = commands
            .iter()
            .find(|command| command.process_id.as_ref() == Some(&info.process_id));
        row(link, (info, command), now)
    });
    let listed = Listed {
        processes: rows.collect(),
        more: listed.next_cursor.is_some(),
    };
    Done::new(text(&listed), &listed)
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    u64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}

fn plain(word: &Word) -> String {
    String::from_utf8_lossy(word.bytes()).into_owned()
}

fn row(link: &Link, (info, command): (Info, Option<&ExecSession>), now: u64) -> Row {
    let argv: Vec<String> = info.argv.iter().map(plain).collect();
    let number = link.number_of(&info.process_id);
    // The text of a command is the last word behind its shell.
    let shown = match command {
        Some(command) => command.cmd.clone(),
        None if number.is_some() => argv.last().cloned().unwrap_or_default(),
        None => argv.join(" "),
    };
    let output = info.output.as_ref();
    Row {
        session_id: number,
        process_id: info.process_id,
        command: shown,
        purpose: command
            .and_then(|command| command.purpose.clone())
            .or(info.name),
        cwd: info.cwd.as_ref().map(plain),
        state: info.status.state,
        exit_code: info.status.exit_code,
        cause: info.status.cause,
        age_ms: now.saturating_sub(info.started_at_ms),
        last_output_ms_ago: output
            .and_then(|output| output.last_at_ms)
            .map(|at| now.saturating_sub(at)),
        output_bytes: output.map_or(0, |output| output.bytes),
        output_open: output.is_some_and(|output| output.open),
        ends_with_session: info.bound,
        grade: info.grade,
    }
}

fn text(listed: &Listed) -> String {
    if listed.processes.is_empty() {
        return "no processes\n".to_owned();
    }
    let mut text: String = listed.processes.iter().map(line).collect();
    if listed.more {
        text.push_str("[there are more]\n");
    }
    text
}

fn line(row: &Row) -> String {
    let id = match row.session_id {
        Some(number) => format!("session {number}"),
        None => format!("process {}", row.process_id),
    };
    let code = row
        .exit_code
        .map_or(String::new(), |code| format!(" ({code})"));
    let cause = row
        .cause
        .as_ref()
        .map_or(String::new(), |cause| format!(", {cause}"));
    let command: String = row.command.chars().take(COMMAND).collect();
    let command = command.replace('\n', "⏎");
    let purpose = row
        .purpose
        .as_ref()
        .map_or(String::new(), |purpose| format!(" — {purpose}"));
    format!(
        "{id}: {}{code}{cause}, {} old: {command}{purpose}\n",
        row.state,
        age(row.age_ms)
    )
}

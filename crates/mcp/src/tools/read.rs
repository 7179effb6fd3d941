//! `read_output`: what a process has written, without taking it from anybody.

use super::Done;
use super::arguments::{session, which, whole};
use crate::link::{Link, Trouble};
use crate::text::{last_lines, within};
use handfast_daemon::wire::{Read, ReadAnswer};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(default, deserialize_with = "session")]
    session_id: Option<i32>,
    #[serde(default)]
    process_id: Option<String>,
    #[serde(default, deserialize_with = "whole")]
    after: Option<u64>,
    #[serde(default)]
    grep: Option<String>,
    #[serde(default, deserialize_with = "whole")]
    tail_lines: Option<u64>,
    #[serde(default, deserialize_with = "whole")]
    max_output_tokens: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Given {
    process_id: String,
    output: String,
    cursor: u64,
    truncated: bool,
    omitted_bytes: u64,
    exited: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
    closed: bool,
}

/// Everything that is kept after a number, as text.
async fn all(link: &Link, process_id: &str, after: u64) -> Result<(String, ReadAnswer), Trouble> {
    let read = Read {
        process_id: process_id.to_owned(),
        after_seq: after,
        max_bytes: None,
        wait_ms: 0,
    };
    let answer = link.call(&read).await?;
    let mut bytes = Vec::new();
    let mut at = answer.chunks.first().map(|chunk| chunk.offset);
    for chunk in &answer.chunks {
        let gone = chunk.offset.saturating_sub(at.unwrap_or(chunk.offset));
        if gone > 0 {
            bytes.extend_from_slice(format!("... {gone} bytes omitted ...").as_bytes());
        }
        bytes.extend_from_slice(&chunk.chunk.0);
        at = Some(chunk.offset + chunk.chunk.0.len() as u64);
    }
    Ok((String::from_utf8_lossy(&bytes).into_owned(), answer))
}

/// Everything that is kept of a process's output.
pub(crate) async fn whole_output(link: &Link, process_id: &str) -> Result<String, Trouble> {
    all(link, process_id, 0).await.map(|(text, _)| text)
}

pub(super) async fn output(link: &Link, wanted: Wanted) -> Result<Done, Trouble> {
    let process_id = which(link, wanted.session_id, wanted.process_id).await?;
    let (text, answer) = all(link, &process_id, wanted.after.unwrap_or(0)).await?;
    let mut chosen = match &wanted.grep {
        None => text,
        Some(word) => {
            let lines = text.split_inclusive('\n');
            lines.filter(|line| line.contains(word)).collect()
        }
    };
    if let Some(lines) = wanted.tail_lines {
        let lines = usize::try_from(lines).unwrap_or(usize::MAX);
        chosen = last_lines(&chosen, lines).to_owned();
    }
    let (output, truncated) = within(&chosen, wanted.max_output_tokens);
    let given = Given {
        process_id,
        cursor: answer.next_seq.saturating_sub(1),
        truncated,
        omitted_bytes: answer.omitted_bytes,
        exited: answer.exited,
        exit_code: answer.exit_code,
        closed: answer.closed,
        output,
    };
    Done::new(said(&given), &given)
}

fn said(given: &Given) -> String {
    let mut text = match (given.exited, given.exit_code) {
        (true, Some(code)) => format!("Process exited with code {code}\n"),
        (true, None) => "Process has ended\n".to_owned(),
        (false, _) => "Process running\n".to_owned(),
    };
    text.push_str(&format!("Cursor: {}\n", given.cursor));
    if given.omitted_bytes > 0 {
        text.push_str(&format!("Omitted bytes: {}\n", given.omitted_bytes));
    }
    text + "Output:\n" + &given.output
}

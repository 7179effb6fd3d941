//! `read_output`: what a process has written, without taking it from anybody.

use super::Done;
use super::arguments::{session, which, whole};
use crate::link::{Link, Trouble};
use crate::text::{last_lines, within};
use handfast_daemon::wire::{OutputChunk, Read, ReadAnswer};
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

/// The most bytes of text that are held for one answer; of more, the newest.
const HELD: usize = 8 * 1024 * 1024;

/// What was read so far, with a word where bytes are missing.
#[derive(Default)]
struct Gathered {
    bytes: Vec<u8>,
    end: Option<u64>,
}

impl Gathered {
    /// Takes the chunks of an answer; says how many bytes had to go for them.
    fn take(&mut self, chunks: &[OutputChunk]) -> u64 {
        for chunk in chunks {
            let end = self.end.unwrap_or(chunk.offset);
            let gone = chunk.offset.saturating_sub(end);
            if gone > 0 {
                let word = format!("... {gone} bytes omitted ...");
                self.bytes.extend_from_slice(word.as_bytes());
            }
            self.bytes.extend_from_slice(&chunk.chunk.0);
            self.end = Some(chunk.offset + chunk.chunk.0.len() as u64);
        }
        let over = self.bytes.len().saturating_sub(HELD);
        self.bytes.drain(..over);
        over as u64
    }
}

/// An answer of fewer bytes was not cut short by the daemon's own limit, which is twice this.
const LARGE: u64 = 2 * 1024 * 1024;

/// How many bytes an answer tells of.
fn size(answer: &ReadAnswer) -> u64 {
    let lens = answer.chunks.iter().map(|chunk| chunk.chunk.0.len() as u64);
    lens.sum::<u64>() + answer.omitted_bytes
}

/// Everything that is kept after a number, as text: one answer of the daemon is never all of much.
async fn all(link: &Link, process_id: &str, after: u64) -> Result<(String, ReadAnswer), Trouble> {
    let (mut gathered, mut omitted, mut after_seq) = (Gathered::default(), 0, after);
    loop {
        let read = Read {
            process_id: process_id.to_owned(),
            after_seq,
            max_bytes: None,
            wait_ms: 0,
        };
        let mut answer = link.call(&read).await?;
        let is_short = size(&answer) < LARGE;
        omitted += answer.omitted_bytes + gathered.take(&answer.chunks);
        // What never stops writing would be read for ever.
        let is_full = gathered.bytes.len() >= HELD;
        if is_short || is_full || answer.closed {
            answer.omitted_bytes = omitted;
            let text = String::from_utf8_lossy(&gathered.bytes).into_owned();
            return Ok((text, answer));
        }
        after_seq = answer.next_seq.saturating_sub(1);
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use handfast_daemon::wire::{Bytes, StreamName};

    fn chunk(offset: u64, bytes: &[u8]) -> OutputChunk {
        OutputChunk {
            seq: 1,
            stream: StreamName::Stdout,
            chunk: Bytes::from(bytes),
            offset,
            at_ms: None,
        }
    }

    #[test]
    fn a_gap_is_said_also_between_two_answers() {
        let mut gathered = Gathered::default();
        assert_eq!(gathered.take(&[chunk(5, b"ab"), chunk(7, b"c")]), 0);
        assert_eq!(gathered.take(&[chunk(10, b"d")]), 0);
        assert_eq!(gathered.bytes, b"abc... 2 bytes omitted ...d");
    }

    #[test]
    fn of_more_than_is_held_the_newest_stays_and_the_rest_is_counted() {
        let mut gathered = Gathered::default();
        let half = vec![b'a'; HELD / 2 + 1];
        assert_eq!(gathered.take(&[chunk(0, &half)]), 0);
        let next = half.len() as u64;
        assert_eq!(gathered.take(&[chunk(next, &half)]), 2);
        assert_eq!(gathered.bytes.len(), HELD);
    }
}

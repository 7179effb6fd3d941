//! `handfast exec`: a program whose output and code are ours, until it takes too long.
//!
//! It begins as bound to our session, so that it ends with us however we end; when it is left to the
//! daemon it is detached from that. What must stay true: its tree ends with its program, as of `run`.

use super::start::{ask, launch};
use super::talk::{code_of, with_daemon};
use crate::app::Exec;
use crate::explain::{Failure, TIMED_OUT};
use crate::link::Link;
use crate::settings;
use crate::show::line::{Ended, Executed as Line};
use crate::show::{Out, safe, text};
use handfast_daemon::wire::{
    Detach, InfoOf, LifetimeName, OutputChunk, Read, Start, Started, Stop, StreamName,
};
use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How much output is asked for at once.
const PAGE: u64 = 256 * 1024;

/// How much output is told in one line of JSON: its beginning. `handfast logs` has the rest.
const MOST_SAID: usize = 1024 * 1024;

/// How long somebody outside of the tree may keep the output open after all of it has ended.
const LAST_WORDS: Duration = Duration::from_secs(2);

pub(crate) fn run(options: &Exec) -> ExitCode {
    with_daemon(&options.answers, async |link, out| {
        let within = link.settings.value(&settings::YIELD, options.yield_after)?;
        let started = launch(&link, (&options.command, wanted(options)?)).await?;
        let mut course = Course {
            link: &link,
            what: format!("run `{}`", safe::word(&started.process_id)),
            handle: started.handle.clone(),
            json: options.answers.json,
            out,
            after: 0,
            at: 0,
            omitted: 0,
            said: Vec::new(),
        };
        let began = Instant::now();
        let ended = course.until_ended(began + within).await?;
        if !ended {
            left(&link, &started).await?;
        }
        course.told((&started, began), ended).await
    })
}

fn wanted(options: &Exec) -> Result<Start, Failure> {
    let mut start = ask::program(&options.gets, &options.command)?;
    ask::held(&mut start, &options.held);
    start.grace_ms = Some(text::milliseconds(options.grace));
    start.lifetime = Some(LifetimeName::Session);
    Ok(start)
}

/// It goes on without us.
async fn left(link: &Link, started: &Started) -> Result<(), Failure> {
    let id = &started.process_id;
    let process_id = Some(started.handle.clone());
    let what = format!("leave `{id}` to the daemon");
    link.ask(&what, &Detach { process_id }).await?;
    let said = format!("handfast: `{id}` still runs: handfast logs -f {id}\n");
    // Where nobody can be told, the exit code is left to say it.
    let _ = std::io::stderr().write_all(said.as_bytes());
    Ok(())
}

/// What has come of it so far.
struct Course<'a> {
    link: &'a Link,
    what: String,
    handle: String,
    json: bool,
    out: Out,
    /// The last number that was read, and the byte after it.
    after: u64,
    at: u64,
    omitted: u64,
    /// For one line at the end.
    said: Vec<u8>,
}

impl Course<'_> {
    /// Shows its output until it has ended; false if it still runs at `until`.
    async fn until_ended(&mut self, until: Instant) -> Result<bool, Failure> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let page = self.page(text::milliseconds(left)).await?;
            if page.exited {
                break;
            }
            if left.is_zero() {
                return Ok(false);
            }
        }
        // What it left behind ends with it, and then nobody writes any more.
        let stop = Stop {
            process_id: self.handle.clone(),
            grace_ms: None,
        };
        self.link.ask(&self.what, &stop).await?;
        let until = Instant::now() + LAST_WORDS;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let before = self.after;
            let page = self.page(text::milliseconds(left)).await?;
            if self.after == before && (page.closed || left.is_zero()) {
                return Ok(true);
            }
        }
    }

    async fn page(&mut self, wait_ms: u64) -> Result<Page, Failure> {
        let read = Read {
            process_id: self.handle.clone(),
            after_seq: self.after,
            max_bytes: Some(PAGE),
            wait_ms: wait_ms.min(self.link.longest_wait()),
        };
        let answer = self.link.ask(&self.what, &read).await?;
        self.after = self.after.max(answer.next_seq.saturating_sub(1));
        for chunk in &answer.chunks {
            self.show(chunk)?;
        }
        Ok(Page {
            exited: answer.exited || answer.closed,
            closed: answer.closed,
        })
    }

    fn show(&mut self, chunk: &OutputChunk) -> Result<(), Failure> {
        let bytes = &chunk.chunk.0;
        let missing = chunk.offset.saturating_sub(self.at);
        self.at = chunk.offset + bytes.len() as u64;
        self.omitted += missing;
        if self.json {
            let room = MOST_SAID.saturating_sub(self.said.len()).min(bytes.len());
            self.said
                .extend_from_slice(bytes.get(..room).unwrap_or_default());
            self.omitted += (bytes.len() - room) as u64;
            return Ok(());
        }
        if missing > 0 {
            let said = format!("handfast: {} are not kept\n", text::bytes(missing));
            let _ = std::io::stderr().write_all(said.as_bytes());
        }
        if chunk.stream == StreamName::Stderr {
            // As of `run`: who cannot be told is not told.
            let _ = std::io::stderr().write_all(bytes);
            return Ok(());
        }
        self.out.bytes(bytes)
    }

    async fn told(
        mut self,
        (started, began): (&Started, Instant),
        ended: bool,
    ) -> Result<u8, Failure> {
        let (process_id, members) = (self.handle.clone(), false);
        let asked = InfoOf {
            process_id,
            members,
        };
        let status = self.link.ask(&self.what, &asked).await?.status;
        if self.json {
            self.out.json(&Line {
                id: started.process_id.clone(),
                handle: started.handle.clone(),
                ended,
                output: String::from_utf8_lossy(&self.said).into_owned(),
                omitted_bytes: self.omitted,
                took_ms: text::milliseconds(began.elapsed()),
                now: Ended::from(&status),
            })?;
        }
        Ok(if ended { code_of(&status) } else { TIMED_OUT })
    }
}

/// What a page says of the program.
struct Page {
    exited: bool,
    closed: bool,
}

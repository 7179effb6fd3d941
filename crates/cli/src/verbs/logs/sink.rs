//! Where output goes: filtered, cut to the first or last lines, with the name of its process before it.

use super::lines::{Line, Lines};
use super::read::Piece;
use crate::app::{Logs, StreamOf};
use crate::explain::Failure;
use crate::show::line::LogLine;
use crate::show::safe::{self, Safe};
use crate::show::table::columns_of;
use crate::show::{Hue, Out};
use handfast_daemon::wire::{Info, OutputChunk, StreamName};
use regex::bytes::Regex;
use std::collections::VecDeque;

/// How much later than its time a line may have come.
const RESOLUTION_MS: u64 = handfast::output::TIME_RESOLUTION.as_millis() as u64;

/// Whether more is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    More,
    Enough,
}

impl Wanted {
    pub(super) fn is_enough(self) -> bool {
        self == Wanted::Enough
    }
}

/// One process of those that are shown.
#[derive(Debug)]
struct Source {
    id: String,
    /// What stands before its lines.
    before: String,
    lines: Lines,
    safe: Safe,
    /// How many bytes were missing since the last line.
    omitted: u64,
    /// Lines that have been shown.
    shown: usize,
    /// The last lines so far, until what was kept is known.
    last: Option<VecDeque<(Line, u64)>>,
}

/// Shows what readers find.
#[derive(Debug)]
pub(super) struct Sink {
    sources: Vec<Source>,
    pattern: Option<Regex>,
    stream: Option<StreamOf>,
    head: Option<usize>,
    tail: Option<usize>,
    /// Nothing that is known to be from before this moment.
    since: u64,
    by_lines: bool,
    json: bool,
    raw: bool,
    out: Out,
}

impl Sink {
    pub(super) fn new(options: &Logs, found: &[Info], out: Out) -> Result<Sink, Failure> {
        let pattern = options.grep.as_deref().map(Regex::new).transpose();
        let refused = |error: regex::Error| {
            // Its last line says what is wrong; those before it draw where.
            let said = error.to_string();
            let last = said.lines().last().unwrap_or_default();
            let why = std::io::Error::other(last.trim_start_matches("error: ").to_owned());
            Failure::new("cli.pattern", "read the pattern of --grep", &why)
        };
        let pattern = pattern.map_err(refused)?;
        let several = found.len() > 1;
        let by_lines = several
            || pattern.is_some()
            || options.head.is_some()
            || options.tail.is_some()
            || options.since.is_some()
            || options.answers.json;
        Ok(Sink {
            sources: sources(found, options.tail.is_some(), &out),
            pattern,
            stream: options.stream,
            head: options.head,
            tail: options.tail,
            since: options.since.map_or(0, |moment| moment.0),
            by_lines,
            json: options.answers.json,
            raw: options.raw,
            out,
        })
    }

    /// Shows what is wanted of a piece.
    pub(super) fn take(&mut self, piece: Piece) -> Result<Wanted, Failure> {
        let Piece::Output {
            which,
            chunks,
            from,
        } = piece
        else {
            return Ok(Wanted::More);
        };
        let mut at = from;
        for chunk in &chunks {
            if chunk.offset > at {
                self.missing(which, chunk.offset - at);
            }
            at = chunk.offset + chunk.chunk.0.len() as u64;
            if is_wanted(self.stream, chunk.stream) && self.chunk(which, chunk)?.is_enough() {
                return Ok(Wanted::Enough);
            }
        }
        Ok(Wanted::More)
    }

    fn missing(&mut self, which: usize, omitted: u64) {
        if let Some(source) = self.sources.get_mut(which) {
            source.omitted += omitted;
            if !self.json {
                let bytes = crate::show::text::bytes(omitted);
                let said = format!("handfast: {bytes} of `{}` are not kept\n", source.id);
                // Where nobody can be told, the rest is still shown.
                let _ = std::io::Write::write_all(&mut std::io::stderr(), said.as_bytes());
            }
        }
    }

    fn chunk(&mut self, which: usize, chunk: &OutputChunk) -> Result<Wanted, Failure> {
        let Some(source) = self.sources.get_mut(which) else {
            return Ok(Wanted::More);
        };
        if !self.by_lines {
            let is_exact = self.raw || !self.out.is_terminal();
            if is_exact {
                self.out.bytes(&chunk.chunk.0)?;
            } else {
                let shown = source.safe.pass(&chunk.chunk.0);
                self.out.bytes(&shown)?;
            }
            return Ok(Wanted::More);
        }
        for line in source.lines.take(chunk) {
            if self.line(which, line)?.is_enough() {
                return Ok(Wanted::Enough);
            }
        }
        Ok(Wanted::More)
    }

    fn line(&mut self, which: usize, line: Line) -> Result<Wanted, Failure> {
        let is_wanted = |pattern: &Regex| pattern.is_match(&line.text);
        // A time is that of the first of the bytes that came shortly after one another.
        let is_early = line
            .at_ms
            .is_some_and(|at| at + RESOLUTION_MS <= self.since);
        if is_early || !self.pattern.as_ref().is_none_or(is_wanted) {
            return Ok(Wanted::More);
        }
        let Some(source) = self.sources.get_mut(which) else {
            return Ok(Wanted::More);
        };
        let omitted = std::mem::take(&mut source.omitted);
        if let Some(last) = &mut source.last {
            last.push_back((line, omitted));
            if last.len() > self.tail.unwrap_or(0) {
                last.pop_front();
            }
            return Ok(Wanted::More);
        }
        if self.head.is_some_and(|head| source.shown >= head) {
            return Ok(Wanted::Enough);
        }
        source.shown += 1;
        let is_last = self.head == Some(source.shown);
        self.show(which, &line, omitted)?;
        Ok(if is_last {
            Wanted::Enough
        } else {
            Wanted::More
        })
    }

    fn show(&mut self, which: usize, line: &Line, omitted: u64) -> Result<(), Failure> {
        let Some(source) = self.sources.get_mut(which) else {
            return Ok(());
        };
        if self.json {
            return self.out.json(&LogLine {
                id: source.id.clone(),
                stream: stream_word(line.stream).to_owned(),
                offset: line.offset,
                omitted_bytes: omitted,
                at: line.at_ms.and_then(crate::show::text::moment),
                text: String::from_utf8_lossy(&line.text).into_owned(),
            });
        }
        let mut shown = source.before.clone().into_bytes();
        if self.out.is_terminal() {
            // Each line by itself: what one leaves open must not swallow the next.
            shown.extend(Safe::default().pass(&line.text));
        } else {
            shown.extend_from_slice(&line.text);
        }
        shown.push(b'\n');
        self.out.bytes(&shown)
    }

    /// What was kept has been told: the last lines of it are known now.
    pub(super) fn caught_up(&mut self, which: usize) -> Result<(), Failure> {
        let last = self
            .sources
            .get_mut(which)
            .and_then(|source| source.last.take());
        for (line, omitted) in last.into_iter().flatten() {
            self.show(which, &line, omitted)?;
        }
        Ok(())
    }

    /// Nothing more comes of a process: what has no end of line is shown too.
    pub(super) fn over(&mut self, which: usize) -> Result<(), Failure> {
        let rest = self
            .sources
            .get_mut(which)
            .map(|source| source.lines.rest());
        for line in rest.into_iter().flatten() {
            if self.line(which, line)?.is_enough() {
                break;
            }
        }
        Ok(())
    }
}

fn sources(found: &[Info], keeps_last: bool, out: &Out) -> Vec<Source> {
    let names = found
        .iter()
        .map(|info| info.name.as_ref().unwrap_or(&info.process_id));
    let names: Vec<String> = names.map(|name| safe::word(name)).collect();
    let widest = names.iter().map(|name| columns_of(name)).max().unwrap_or(0);
    let several = found.len() > 1;
    let each = found
        .iter()
        .zip(names)
        .enumerate()
        .map(|(place, (info, name))| {
            let blanks = " ".repeat(widest - columns_of(&name));
            let before = out.paint(Hue::Of(place), &format!("{name}{blanks} |"));
            Source {
                id: info.process_id.clone(),
                before: if several {
                    format!("{before} ")
                } else {
                    String::new()
                },
                lines: Lines::default(),
                safe: Safe::default(),
                omitted: 0,
                shown: 0,
                last: keeps_last.then(VecDeque::new),
            }
        });
    each.collect()
}

fn is_wanted(wanted: Option<StreamOf>, stream: StreamName) -> bool {
    match wanted {
        None => true,
        Some(StreamOf::Stdout) => stream != StreamName::Stderr,
        Some(StreamOf::Stderr) => stream == StreamName::Stderr,
    }
}

fn stream_word(stream: StreamName) -> &'static str {
    match stream {
        StreamName::Stdout => "stdout",
        StreamName::Stderr => "stderr",
        StreamName::Pty => "pty",
    }
}

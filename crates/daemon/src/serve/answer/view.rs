//! What is kept of an output, as text.

use super::super::refuse;
use super::Asked;
use crate::wire::{INTERNAL_ERROR, StreamName, View, Viewed, WireError};
use handfast::output::view::{Excerpt, Excerpts, LineFilter, View as Looked, ViewReader};
use handfast::output::{Captured, Chunk, Stream};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The most text of one answer; each half of it is half of that.
const MOST: u64 = 1024 * 1024;

/// How many outputs are read as text at once: each takes memory for all that is kept of it.
pub(in crate::serve) const AT_ONCE: usize = 2;

/// How much is read at once.
const PIECE: usize = 256 * 1024;

pub(super) async fn view(asked: Asked<'_>, what: View) -> Result<Viewed, WireError> {
    let handle = asked.find(&what.process_id)?;
    let looked = wanted(&what)?;
    let feed = asked
        .daemon
        .book(|book| book.entry(handle).map(|entry| Arc::clone(&entry.feed)));
    let feed = feed.ok_or_else(|| super::unknown(&what.process_id))?;
    asked
        .daemon
        .manager()
        .query_status(handle)
        .map_err(refuse::lookup)?;
    // Up to what has a number, so that who follows from there misses nothing and sees nothing twice.
    let (next_seq, end) = feed.look(|sequence| (sequence.next(), sequence.end()));
    let Some(captured) = feed.captured().cloned() else {
        return Ok(Viewed {
            next_seq,
            ..Viewed::default()
        });
    };
    asked.large().await;
    let turn = asked.daemon.0.views.acquire().await;
    // A pattern over all that is kept takes its time.
    let seen = tokio::task::spawn_blocking(move || read(&captured, &looked, &what, end)).await;
    let mut viewed = seen.map_err(|error| {
        let message = format!("read the output: {error}");
        WireError::new(INTERNAL_ERROR, "view.system", message)
    })?;
    drop(turn);
    viewed.next_seq = next_seq;
    Ok(viewed)
}

fn wanted(what: &View) -> Result<Looked, WireError> {
    let mut looked = Looked::raw().numbered(what.numbered);
    if what.plain {
        looked = looked.strip(true).collapse(true);
    }
    if let Some(pattern) = &what.grep {
        let filter = LineFilter::new(pattern);
        let filter =
            filter.map_err(|error| WireError::params("view.bad-pattern", error.to_string()))?;
        looked = looked.filter(if what.invert {
            filter.inverted()
        } else {
            filter
        });
    }
    Ok(looked)
}

/// Which part of the text.
fn excerpt(what: &View) -> Excerpt {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    if what.head.is_some() || what.tail.is_some() {
        return Excerpt::Lines {
            head: what.head.map_or(0, number),
            tail: what.tail.map_or(0, number),
        };
    }
    let half = number(what.max_bytes.unwrap_or(MOST).min(MOST) / 2);
    Excerpt::Bytes {
        head: half,
        tail: half,
    }
}

fn read(captured: &Captured, looked: &Looked, what: &View, end: u64) -> Viewed {
    let mut reader = looked.reader();
    let since = what.since_ms.map(|ms| {
        let since = SystemTime::UNIX_EPOCH + Duration::from_millis(ms);
        since.duration_since(captured.began()).unwrap_or_default()
    });
    let (mut at, mut missing) = (what.from, 0);
    while at < end {
        let left = usize::try_from(end - at).unwrap_or(PIECE);
        let chunk = captured.read(at, left.min(PIECE));
        missing += chunk.omitted_before;
        if chunk.bytes.is_empty() {
            break;
        }
        push(&mut reader, &chunk, (what.stream, since), end);
        at = chunk.offset + chunk.bytes.len() as u64;
    }
    let seen = reader.finish();
    let mut excerpts = Excerpts::new(excerpt(what));
    excerpts.push(&seen.text);
    let kept = excerpts.finish();
    Viewed {
        cut_at: (kept.omitted.bytes > 0).then_some(kept.head.len() as u64),
        text: kept.head + &kept.tail,
        next: at.min(end).max(what.from),
        next_seq: 0,
        missing_bytes: missing,
        filtered_lines: seen.left_out.filtered.lines,
        omitted_lines: kept.omitted.lines,
        omitted_bytes: kept.omitted.bytes,
        open: captured.status().is_open(),
    }
}

fn push(
    reader: &mut ViewReader,
    chunk: &Chunk,
    (stream, since): (Option<StreamName>, Option<Duration>),
    end: u64,
) {
    let is_wanted = |of: Stream| stream.is_none_or(|stream| stream == StreamName::from(of));
    for segment in &chunk.segments {
        if !is_wanted(segment.stream) || since.is_some_and(|since| segment.at < since) {
            continue;
        }
        let room = usize::try_from(end.saturating_sub(chunk.offset)).unwrap_or(usize::MAX);
        let stop = (segment.start + segment.len).min(room);
        reader.push(chunk.bytes.get(segment.start..stop).unwrap_or_default());
    }
}

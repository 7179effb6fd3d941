//! Writing a segment: chunks that were read already, or bytes that come straight into the file.

use super::segment::{RUN, RUNS, Segment};
use crate::config::Stream;
use crate::output::chunk::{Chunk, Segment as Part};
use crate::output::marks::Run;
use handfast_sys::files::AtPlace;
use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A segment that is being written.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) segment: Arc<Segment>,
    pub(super) number: u64,
    bytes: File,
    marks: File,
}

impl Writer {
    pub(super) fn new(segment: Arc<Segment>, number: u64, (bytes, marks): (File, File)) -> Writer {
        Writer {
            segment,
            number,
            bytes,
            marks,
        }
    }

    /// How many bytes it takes at the most, of a run of their own, and of a file of this size.
    pub(super) fn room(&self, size: u64) -> u64 {
        self.segment.with(|state| match state.runs < RUNS {
            true => size.saturating_sub(state.len + (state.runs + 1) * RUN),
            false => 0,
        })
    }

    /// Writes down on which stream what comes next is, before it comes: so that it is known also where
    /// nothing else can be written any more. Answers how many bytes may come.
    pub(super) fn expect(&mut self, stream: Stream, now: Duration) -> io::Result<usize> {
        let (open, runs) = self.segment.with(|state| (state.open, state.runs));
        let begin = self.segment.first.runs_at();
        let place = |run: u64| begin + run * RUN;
        if let Some(open) = open {
            let more = open.takes(stream, usize::MAX, now);
            if more > 0 {
                return Ok(more);
            }
            self.marks.write_all_at(&open.to_bytes(), place(runs - 1))?;
        }
        let next = Run::new(stream, 0, now);
        // One that stayed empty is not a run.
        let used = runs - u64::from(open.is_some_and(|open| open.len() == 0));
        self.marks.write_all_at(&next.to_bytes(), place(used))?;
        self.segment.with(|state| {
            state.open = Some(next);
            state.runs = used + 1;
        });
        Ok(next.takes(stream, usize::MAX, now))
    }

    /// Where the next byte goes.
    pub(super) fn place(&self) -> (&File, u64) {
        (&self.bytes, self.segment.with(|state| state.len))
    }

    /// So many have come, on the stream that was expected.
    pub(super) fn took(&mut self, count: usize) {
        self.segment.with(|state| {
            if let Some(open) = &mut state.open {
                *open = open.with_len(open.len() + count);
                state.counts.add(open.stream(), count as u64);
            }
            state.len += count as u64;
            let tally = &self.segment.tally;
            let total = match state.dropped {
                true => &tally.dropped,
                false => &tally.on_disk,
            };
            total.fetch_add(count as u64, Ordering::Relaxed);
        });
    }

    /// Appends a chunk, and publishes it once all of it is there.
    pub(super) fn append(&mut self, chunk: &Chunk) -> io::Result<()> {
        let run = |part: &Part| Run::new(part.stream, part.len, part.at).to_bytes();
        let marks: Vec<u8> = chunk.segments.iter().flat_map(run).collect();
        self.bytes.write_all(&chunk.bytes)?;
        self.marks.write_all(&marks)?;
        let len = chunk.bytes.len() as u64;
        self.segment.with(|state| {
            state.len += len;
            for part in &chunk.segments {
                state.counts.add(part.stream, part.len as u64);
            }
            state.runs += chunk.segments.len() as u64;
            let tally = &self.segment.tally;
            // Another store's wish for room may have come between.
            let total = if state.dropped {
                &tally.dropped
            } else {
                &tally.on_disk
            };
            total.fetch_add(len, Ordering::Relaxed);
        });
        Ok(())
    }
}

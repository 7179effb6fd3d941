//! What is kept of a process's output: the head and the tail of all streams together, in the order
//! in which they came.
//!
//! Pure: no I/O, no clock (`now` is the time since the store began), no lock. What must stay true:
//! every byte is kept or counted as omitted, for its stream and for all together; offsets never
//! change what they mean; nothing is read with a gap in it, and a gap before it is told exactly;
//! memory has a bound that no child can move.

use super::chunk::{Chunk, StreamChunk};
use super::counts::Counts;
use super::marks::{Marks, Run};
use super::ring::Ring;
use crate::config::Stream;
use std::time::Duration;

/// One run for so many bytes is noted before runs are bounded: at eight bytes each, a quarter on
/// top of what is kept.
const BYTES_FOR_EACH_RUN: usize = 32;

const STREAMS: [Stream; 3] = [Stream::Stdout, Stream::Stderr, Stream::Terminal];

/// Whether more can come on a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// The process has no such stream, or it goes elsewhere.
    None,
    Open,
    Closed,
}

/// The output of one process, as far as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Store {
    head: Vec<u8>,
    head_most: usize,
    head_marks: Marks,
    head_counts: Counts,
    /// No byte goes into the head any more.
    head_done: bool,
    tail: Ring,
    tail_marks: Marks,
    /// Between head and tail.
    omitted: Counts,
    totals: Counts,
    flows: [Flow; 3],
    last: Option<Duration>,
}

impl Store {
    /// An empty store that keeps at most `keep` bytes: half of them, rounded down, for the head.
    pub(super) fn new(keep: usize) -> Store {
        let head_most = keep / 2;
        let tail_most = keep - head_most;
        Store {
            head: Vec::new(),
            head_most,
            head_marks: Marks::new(head_most / BYTES_FOR_EACH_RUN),
            head_counts: Counts::default(),
            head_done: head_most == 0,
            tail: Ring::new(tail_most),
            tail_marks: Marks::new(tail_most / BYTES_FOR_EACH_RUN),
            omitted: Counts::default(),
            totals: Counts::default(),
            flows: [Flow::None; 3],
            last: None,
        }
    }

    /// From here on the stream may bring bytes.
    pub(super) fn open(&mut self, stream: Stream) {
        self.flows[stream as usize] = Flow::Open;
    }

    /// The stream brings no more; answers whether it could until now.
    pub(super) fn close(&mut self, stream: Stream) -> bool {
        let before = std::mem::replace(&mut self.flows[stream as usize], Flow::Closed);
        before == Flow::Open
    }

    /// The streams on which more can come.
    pub(super) fn open_streams(&self) -> impl Iterator<Item = Stream> {
        let flows = self.flows;
        STREAMS
            .into_iter()
            .filter(move |stream| flows[*stream as usize] == Flow::Open)
    }

    /// Whether no more can come.
    pub(super) fn is_closed(&self) -> bool {
        self.open_streams().next().is_none()
    }

    /// What came, of each stream.
    pub(super) fn totals(&self) -> Counts {
        self.totals
    }

    /// What came and is not kept.
    pub(super) fn omitted(&self) -> Counts {
        self.omitted
    }

    /// When the last byte came.
    pub(super) fn last(&self) -> Option<Duration> {
        self.last
    }

    /// The offset of the first byte behind the gap; where the head ends while there is none.
    pub(super) fn tail_start(&self) -> u64 {
        self.head.len() as u64 + self.omitted.sum()
    }

    /// Appends what came on a stream.
    pub(super) fn push(&mut self, stream: Stream, bytes: &[u8], now: Duration) {
        if bytes.is_empty() {
            return;
        }
        self.totals.add(stream, bytes.len() as u64);
        self.last = Some(now);
        let rest = self.push_head(stream, bytes, now);
        if !rest.is_empty() {
            self.push_tail(stream, rest, now);
        }
    }

    fn push_head<'a>(&mut self, stream: Stream, bytes: &'a [u8], now: Duration) -> &'a [u8] {
        if self.head_done {
            return bytes;
        }
        let room = (self.head_most - self.head.len()).min(bytes.len());
        let taken = self.head_marks.note(stream, room, now);
        let (first, rest) = bytes.split_at(taken);
        self.grow_head(taken);
        self.head.extend_from_slice(first);
        self.head_counts.add(stream, taken as u64);
        // Once a byte was refused none may follow: the head is one piece.
        self.head_done = self.head.len() == self.head_most || !rest.is_empty();
        rest
    }

    fn push_tail(&mut self, stream: Stream, bytes: &[u8], now: Duration) {
        let skipped = bytes.len().saturating_sub(self.tail.most());
        let bytes = bytes.get(skipped..).unwrap_or_default();
        let excess = (self.tail.len() + bytes.len()).saturating_sub(self.tail.most());
        self.omit(excess);
        self.omitted.add(stream, skipped as u64);
        let mut left = bytes;
        while !left.is_empty() {
            let noted = self.tail_marks.note(stream, left.len(), now);
            let (first, rest) = left.split_at(noted);
            self.tail.push(first);
            left = rest;
            if !left.is_empty() {
                self.omit(self.tail_marks.oldest());
            }
        }
    }

    /// So many came and are not there to be pushed; what is kept of what came after the head goes with them.
    pub(super) fn miss(&mut self, counts: Counts) {
        if counts.sum() == 0 {
            return;
        }
        self.head_done = true;
        self.omit(self.tail.len());
        self.omitted += counts;
        self.totals += counts;
    }

    /// Where at most `limit` bytes can be read to without being copied again, once the head is full
    /// and the tail has all its memory; the oldest are overwritten by that, and nothing else may be.
    /// Then [`Store::placed`] says how many.
    pub(super) fn place_for(&mut self, limit: usize) -> &mut [u8] {
        if self.head_done {
            self.tail.place_for(limit)
        } else {
            &mut []
        }
    }

    /// So many bytes of a stream were read to the beginning of that place.
    pub(super) fn placed(&mut self, stream: Stream, count: usize, now: Duration) {
        self.totals.add(stream, count as u64);
        self.last = Some(now);
        let excess = self.tail.placed(count);
        self.omitted += self.tail_marks.drop_front(excess);
        let mut left = count - self.tail_marks.note(stream, count, now);
        while left > 0 {
            self.omit(self.tail_marks.oldest());
            left -= self.tail_marks.note(stream, left, now);
        }
    }

    /// Gives up the oldest bytes of the tail.
    fn omit(&mut self, count: usize) {
        self.tail.drop_front(count);
        self.omitted += self.tail_marks.drop_front(count);
    }

    /// Doubles, but never beyond the bound.
    fn grow_head(&mut self, by: usize) {
        let (len, now) = (self.head.len(), self.head.capacity());
        if len + by > now {
            let size = (len + by).max(now * 2).min(self.head_most);
            self.head.reserve_exact(size - len);
        }
    }

    /// How many bytes, of any stream and in one piece, can be pushed without one from `held` on
    /// being given up. It may be less than there is room for, never more.
    pub(super) fn room(&self, held: u64) -> usize {
        let head = match self.head_done || self.head_marks.room() == 0 {
            true => 0,
            false => self.head_most - self.head.len(),
        };
        let read = held.saturating_sub(self.tail_start());
        let read = usize::try_from(read).map_or(self.tail.len(), |read| read.min(self.tail.len()));
        // One piece makes a run, and a second one where it is very long.
        let run_may_go = self.tail_marks.oldest() <= read;
        if self.tail_marks.room() < 2 && !run_may_go {
            return head;
        }
        head + self.tail.most() - self.tail.len() + read
    }

    /// At most `limit` bytes of all streams from an offset on, from memory.
    pub(super) fn read(&self, from: u64, limit: usize) -> Chunk {
        let (head_len, total) = (self.head.len() as u64, self.totals.sum());
        let tail_start = self.tail_start();
        let offset = if from < head_len || from > total {
            from
        } else {
            from.max(tail_start)
        };
        let mut chunk = Chunk::new(from, offset);
        let mut counts = Counts::default();
        if offset < head_len {
            // Fits: it is less than a length in memory.
            let skip = offset as usize;
            let end = skip.saturating_add(limit).min(self.head.len());
            chunk.bytes.extend_from_slice(&self.head[skip..end]);
            counts = chunk.mark(self.head_marks.iter(), skip, counts);
        } else {
            counts += self.head_counts;
        }
        let reached = chunk.offset + chunk.bytes.len() as u64;
        if reached >= tail_start && chunk.bytes.len() < limit {
            let skip = usize::try_from(reached - tail_start).unwrap_or(usize::MAX);
            if offset >= head_len {
                counts += self.omitted;
            }
            self.tail
                .copy(skip, limit - chunk.bytes.len(), &mut chunk.bytes);
            chunk.mark(self.tail_marks.iter(), skip, counts);
        }
        self.finish(chunk)
    }

    /// Says whether the chunk is the last, and where the streams stand where it begins.
    fn finish(&self, mut chunk: Chunk) -> Chunk {
        if chunk.segments.is_empty() {
            // Nothing is there: it is at the end, or nothing was asked for.
            chunk.before = self.counts_at(chunk.offset);
        }
        chunk.finish();
        chunk.ended = self.is_closed() && chunk.next.offset() >= self.totals.sum();
        chunk
    }

    /// How many bytes of each stream come before an offset that is kept, or is the end.
    fn counts_at(&self, offset: u64) -> Counts {
        let head_len = self.head.len() as u64;
        if offset < head_len {
            return before(self.head_marks.iter(), offset);
        }
        let into = offset.saturating_sub(self.tail_start());
        self.head_counts + self.omitted + before(self.tail_marks.iter(), into)
    }

    /// At most `limit` bytes of one stream, from an offset in that stream on, from memory.
    pub(super) fn read_stream(&self, stream: Stream, from: u64, limit: usize) -> StreamChunk {
        let head_end = self.head_counts.of(stream);
        let total = self.totals.of(stream);
        let tail_start = head_end + self.omitted.of(stream);
        let offset = if from < head_end || from > total {
            from
        } else {
            from.max(tail_start)
        };
        let mut bytes = Vec::new();
        if offset < head_end {
            for (place, len) in places(self.head_marks.iter(), stream, offset, limit) {
                bytes.extend_from_slice(&self.head[place..place + len]);
            }
        }
        let reached = offset + bytes.len() as u64;
        if reached >= tail_start {
            let (skip, left) = (reached - tail_start, limit - bytes.len());
            for (place, len) in places(self.tail_marks.iter(), stream, skip, left) {
                self.tail.copy(place, len, &mut bytes);
            }
        }
        let next = offset + bytes.len() as u64;
        StreamChunk {
            stream,
            offset,
            omitted_before: offset - from,
            bytes,
            next,
            ended: self.flows[stream as usize] != Flow::Open && next >= total,
        }
    }

    /// Keeps nothing any more: what was kept, and whatever comes, is counted as omitted.
    pub(super) fn give_up(&mut self) {
        *self = Store {
            omitted: self.totals,
            totals: self.totals,
            flows: self.flows,
            last: self.last,
            ..Store::new(0)
        };
    }

    /// How much memory it has taken for bytes: at most what it may keep.
    pub(super) fn memory_of_bytes(&self) -> usize {
        self.head.capacity() + self.tail.memory()
    }

    /// How much memory it has taken for bytes and runs.
    #[cfg(test)]
    fn memory(&self) -> usize {
        self.memory_of_bytes() + self.head_marks.memory() + self.tail_marks.memory()
    }
}

/// Whose the first `count` bytes are.
fn before(runs: impl Iterator<Item = Run>, mut count: u64) -> Counts {
    let mut counts = Counts::default();
    for run in runs {
        let part = count.min(run.len() as u64);
        counts.add(run.stream(), part);
        count -= part;
        if count == 0 {
            break;
        }
    }
    counts
}

/// Where bytes of one stream lie among all: `limit` of them after the first `skip`.
fn places(
    runs: impl Iterator<Item = Run>,
    stream: Stream,
    mut skip: u64,
    mut limit: usize,
) -> impl Iterator<Item = (usize, usize)> {
    let mut place = 0;
    runs.filter_map(move |run| {
        let begins = place;
        place += run.len();
        if run.stream() != stream || limit == 0 {
            return None;
        }
        // Fits: it is at most the length of a run.
        let skipped = skip.min(run.len() as u64) as usize;
        skip -= skipped as u64;
        let len = limit.min(run.len() - skipped);
        limit -= len;
        (len > 0).then_some((begins + skipped, len))
    })
}

#[cfg(test)]
mod tests;

//! What a reader gets, and what it holds to go on from there.

use super::counts::Counts;
use super::marks::Run;
use crate::config::Stream;
use std::time::Duration;

/// Where a reader stands: a plain value that belongs to the reader, so that any number of them take
/// nothing from one another, and a reply that was lost can be had again with an older copy.
///
/// It counts the bytes of each stream and of all together, in the order in which they came.
///
/// ```
/// use handfast::output::Cursor;
///
/// assert_eq!(Cursor::default().offset(), 0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Cursor {
    offset: u64,
    counts: Counts,
}

impl Cursor {
    pub(super) fn new(offset: u64, counts: Counts) -> Cursor {
        Cursor { offset, counts }
    }

    /// The offset among all bytes.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The offset in each stream.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// How many bytes of each stream lie between this cursor and a chunk that was read from it.
    ///
    /// Their sum is the chunk's [`omitted_before`](Chunk::omitted_before).
    #[must_use]
    pub fn omitted(&self, chunk: &Chunk) -> Counts {
        chunk.before - self.counts
    }
}

/// Bytes of all streams, in the order in which they came, without a gap between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// The offset of the first byte among all.
    pub offset: u64,
    /// How many bytes between the offset that was asked for and this one are not there any more:
    /// not in memory, and for a chunk that was fetched not on disk either.
    pub omitted_before: u64,
    /// How many bytes of each stream come before this chunk.
    pub before: Counts,
    /// What came, exactly.
    pub bytes: Vec<u8>,
    /// Whose the bytes are and when they came, in order and without gaps.
    pub segments: Vec<Segment>,
    /// Where to read on.
    pub next: Cursor,
    /// Whether nothing comes after this chunk.
    pub ended: bool,
}

/// Bytes of one stream within a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Whose they are.
    pub stream: Stream,
    /// The offset of the first one in its stream.
    pub offset: u64,
    /// Where they begin in the chunk's bytes.
    pub start: usize,
    /// How many they are.
    pub len: usize,
    /// When the first came, since the store began; later ones came less than
    /// [`TIME_RESOLUTION`](super::TIME_RESOLUTION) after it.
    pub at: Duration,
}

/// Bytes of one stream, without a gap between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamChunk {
    /// Whose they are.
    pub stream: Stream,
    /// The offset of the first byte in its stream.
    pub offset: u64,
    /// How many bytes between the offset that was asked for and this one are not there any more:
    /// not in memory, and for a chunk that was fetched not on disk either.
    pub omitted_before: u64,
    /// What came, exactly.
    pub bytes: Vec<u8>,
    /// Where to read on.
    pub next: u64,
    /// Whether nothing comes after this chunk.
    pub ended: bool,
}

impl StreamChunk {
    /// An empty chunk at an offset, asked for from another.
    pub(super) fn new(stream: Stream, from: u64, offset: u64) -> StreamChunk {
        StreamChunk {
            stream,
            offset,
            omitted_before: offset - from,
            bytes: Vec::new(),
            next: offset,
            ended: false,
        }
    }
}

impl Chunk {
    /// An empty chunk at an offset, asked for from another.
    pub(super) fn new(from: u64, offset: u64) -> Chunk {
        Chunk {
            offset,
            omitted_before: offset - from,
            before: Counts::default(),
            bytes: Vec::new(),
            segments: Vec::new(),
            next: Cursor::default(),
            ended: false,
        }
    }

    /// The bytes of a segment of this chunk.
    ///
    /// ```no_run
    /// # fn example(chunk: handfast::output::Chunk) {
    /// for segment in &chunk.segments {
    ///     println!("{} {:?}", segment.stream, chunk.bytes_of(segment));
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn bytes_of(&self, segment: &Segment) -> &[u8] {
        let end = segment.start.saturating_add(segment.len);
        self.bytes.get(segment.start..end).unwrap_or_default()
    }

    /// Says where to read on, once all bytes are described.
    pub(super) fn finish(&mut self) {
        let mut counts = self.before;
        for segment in &self.segments {
            counts.add(segment.stream, segment.len as u64);
        }
        self.next = Cursor::new(self.offset + self.bytes.len() as u64, counts);
    }

    /// Describes the bytes that were appended last: those of `runs` after the first `skip`.
    /// `counts` is how many bytes of each stream come before the first run; answers how many come
    /// before what follows.
    pub(super) fn mark(
        &mut self,
        runs: impl Iterator<Item = Run>,
        mut skip: usize,
        mut counts: Counts,
    ) -> Counts {
        for run in runs {
            let done = self.segments.last();
            let start = done.map_or(0, |last| last.start + last.len);
            let left = self.bytes.len() - start;
            if left == 0 {
                break;
            }
            let skipped = skip.min(run.len());
            skip -= skipped;
            counts.add(run.stream(), skipped as u64);
            let len = left.min(run.len() - skipped);
            if len == 0 {
                continue;
            }
            if self.segments.is_empty() {
                self.before = counts;
            }
            self.segments.push(Segment {
                stream: run.stream(),
                offset: counts.of(run.stream()),
                start,
                len,
                at: run.at(),
            });
            counts.add(run.stream(), len as u64);
        }
        counts
    }
}

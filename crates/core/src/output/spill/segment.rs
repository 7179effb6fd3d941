//! One piece of an output on disk: a file of bytes, and one that says whose they are.
//!
//! What must stay true: what is read was written before it was published, so a reader never sees a
//! half; a segment has no gap in it; once dropped it is never read again, and counted once.

use crate::config::Stream;
use crate::output::chunk::{Chunk, Segment as Part, StreamChunk};
use crate::output::counts::Counts;
use crate::output::marks::Run;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How many runs a segment has at the most, as all of them are read with any of its bytes.
const RUNS: u64 = 64 * 1024;
const RUN: u64 = size_of::<Run>() as u64;

/// What is counted for a store over all its segments.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) on_disk: AtomicU64,
    pub(super) dropped: AtomicU64,
    pub(super) missed: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    len: u64,
    /// Of each stream.
    counts: Counts,
    runs: u64,
    /// What the quota has been charged for it.
    cost: u64,
    dropped: bool,
}

/// The two files.
#[derive(Debug)]
pub(super) struct Segment {
    start: u64,
    /// How many bytes of each stream come before it.
    before: Counts,
    bytes: PathBuf,
    marks: PathBuf,
    state: Mutex<State>,
    tally: Arc<Tally>,
}

/// A segment that is being written.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) segment: Arc<Segment>,
    pub(super) number: u64,
    bytes: File,
    marks: File,
}

/// What a chunk takes on disk.
pub(super) fn cost(chunk: &Chunk) -> u64 {
    chunk.bytes.len() as u64 + chunk.segments.len() as u64 * RUN
}

impl Segment {
    /// Makes the files of a segment that begins with a chunk.
    pub(super) fn create(
        directory: &Path,
        chunk: &Chunk,
        tally: &Arc<Tally>,
    ) -> io::Result<(Arc<Segment>, File, File)> {
        let file = |kind: &str| directory.join(format!("{:020}.{kind}", chunk.offset));
        let segment = Segment {
            start: chunk.offset,
            before: chunk.before,
            bytes: file("bytes"),
            marks: file("marks"),
            state: Mutex::default(),
            tally: Arc::clone(tally),
        };
        let bytes = private(&segment.bytes)?;
        let marks = private(&segment.marks)?;
        Ok((Arc::new(segment), bytes, marks))
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let state = self.state.lock();
        work(&mut state.unwrap_or_else(PoisonError::into_inner))
    }

    /// Offset of the byte after the last.
    pub(super) fn end(&self) -> u64 {
        self.start + self.with(|state| state.len)
    }

    /// As [`Segment::end`], among the bytes of one stream.
    pub(super) fn end_of(&self, stream: Stream) -> u64 {
        self.before.of(stream) + self.with(|state| state.counts.of(stream))
    }

    pub(super) fn is_dropped(&self) -> bool {
        self.with(|state| state.dropped)
    }

    pub(super) fn cost(&self) -> u64 {
        self.with(|state| state.cost)
    }

    pub(super) fn charged(&self, bytes: u64) {
        self.with(|state| state.cost += bytes);
    }

    /// Whether a chunk continues it and fits in.
    pub(super) fn takes(&self, chunk: &Chunk, size: u64) -> bool {
        self.with(|state| {
            let follows = self.start + state.len == chunk.offset && !state.dropped;
            let runs = state.runs + chunk.segments.len() as u64;
            follows && runs <= RUNS && state.len + state.runs * RUN + cost(chunk) <= size
        })
    }

    /// Removes the files; answers what they had cost. Readers that have them open read on.
    pub(super) fn drop_files(&self) -> u64 {
        // What is gone already, or cannot go, changes nothing about what may be read.
        let _ = fs::remove_file(&self.bytes);
        let _ = fs::remove_file(&self.marks);
        self.forget()
    }

    /// Is never read again.
    pub(super) fn forget(&self) -> u64 {
        self.with(|state| {
            if !std::mem::replace(&mut state.dropped, true) {
                self.tally.on_disk.fetch_sub(state.len, Ordering::Relaxed);
                self.tally.dropped.fetch_add(state.len, Ordering::Relaxed);
            }
            state.cost
        })
    }

    /// At most `limit` bytes from an offset on, or from its beginning where that comes later.
    pub(super) fn read(&self, from: u64, limit: usize) -> io::Result<Chunk> {
        let (len, runs) = self.with(|state| (state.len, state.runs));
        let offset = from.max(self.start);
        let skip = offset - self.start;
        let left = usize::try_from(len.saturating_sub(skip)).unwrap_or(usize::MAX);
        let mut chunk = Chunk::new(from, offset);
        chunk.bytes = vec![0; left.min(limit)];
        File::open(&self.bytes)?.read_exact_at(&mut chunk.bytes, skip)?;
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        chunk.mark(self.marks(runs)?.into_iter(), skip, self.before);
        chunk.finish();
        Ok(chunk)
    }

    /// At most `limit` bytes of one stream from an offset in that on, or from the first that is here.
    pub(super) fn read_stream(
        &self,
        stream: Stream,
        from: u64,
        limit: usize,
    ) -> io::Result<StreamChunk> {
        let runs = self.with(|state| state.runs);
        let file = File::open(&self.bytes)?;
        // Of the file, and of the stream.
        let (mut place, mut at) = (0, self.before.of(stream));
        let mut chunk = StreamChunk::new(stream, from, from.max(at));
        for run in self.marks(runs)? {
            let len = run.len() as u64;
            if run.stream() == stream {
                let skip = chunk.next.saturating_sub(at).min(len);
                let room = limit - chunk.bytes.len();
                let take = usize::try_from(len - skip).map_or(room, |left| left.min(room));
                let done = chunk.bytes.len();
                chunk.bytes.resize(done + take, 0);
                file.read_exact_at(&mut chunk.bytes[done..], place + skip)?;
                chunk.next += take as u64;
                at += len;
            }
            if chunk.bytes.len() == limit {
                break;
            }
            place += len;
        }
        Ok(chunk)
    }

    /// Whose the bytes are.
    fn marks(&self, runs: u64) -> io::Result<Vec<Run>> {
        let mut marks = vec![0; usize::try_from(runs * RUN).unwrap_or(usize::MAX)];
        File::open(&self.marks)?.read_exact_at(&mut marks, 0)?;
        let (marks, _) = marks.as_chunks();
        Ok(marks.iter().map(|run| Run::from_bytes(*run)).collect())
    }
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

fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(path)
}

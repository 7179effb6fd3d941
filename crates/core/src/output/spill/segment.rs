//! One piece of an output on disk: a file of bytes, and one that says whose they are.
//!
//! What must stay true: what is read was written before it was published, so a reader never sees a
//! half; a segment has no gap in it; once dropped it is never read again, and counted once.

use crate::config::Stream;
use crate::output::chunk::{Chunk, StreamChunk};
use crate::output::counts::Counts;
use crate::output::marks::Run;
use handfast_sys::files::{self, AtPlace};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How many runs a segment has at the most, as all of them are read with any of its bytes.
pub(super) const RUNS: u64 = 64 * 1024;
pub(super) const RUN: u64 = size_of::<Run>() as u64;

/// Before the runs of a record: how many bytes of each stream come before the segment.
pub(super) const HEAD: u64 = 24;

/// Where a segment begins, and what it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct First {
    /// How many bytes of each stream come before it.
    pub(super) before: Counts,
    /// It is to be found by the next program, which must know that too.
    pub(super) is_record: bool,
    /// It has the first bytes of an output, which are kept for longer than those after them.
    pub(super) is_head: bool,
}

impl First {
    /// One that begins with a chunk.
    pub(super) fn of(chunk: &Chunk) -> First {
        First {
            before: chunk.before,
            ..First::default()
        }
    }

    /// Where its runs begin in their file.
    pub(super) fn runs_at(self) -> u64 {
        if self.is_record { HEAD } else { 0 }
    }
}

/// What is counted for a store over all its segments.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) on_disk: AtomicU64,
    pub(super) dropped: AtomicU64,
    pub(super) missed: AtomicU64,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) len: u64,
    /// Of each stream.
    pub(super) counts: Counts,
    pub(super) runs: u64,
    /// The last run, where its length is not on the disk: it goes to the end of the bytes.
    pub(super) open: Option<Run>,
    /// What the quota has been charged for it.
    cost: u64,
    pub(super) dropped: bool,
}

/// The two files.
#[derive(Debug)]
pub(super) struct Segment {
    start: u64,
    pub(super) first: First,
    bytes: PathBuf,
    marks: PathBuf,
    state: Mutex<State>,
    pub(super) tally: Arc<Tally>,
}

/// What a chunk takes on disk.
pub(super) fn cost(chunk: &Chunk) -> u64 {
    chunk.bytes.len() as u64 + chunk.segments.len() as u64 * RUN
}

impl Segment {
    /// Finds the segments that a program which is gone has left in a directory, in their order. What
    /// cannot be read is a gap, and is removed, as the next one may begin at the same place. `is_head` says of
    /// an offset whether it is the head's.
    pub(super) fn find(
        directory: &Path,
        is_head: impl Fn(u64) -> bool,
        tally: &Arc<Tally>,
    ) -> io::Result<Vec<Segment>> {
        let mut found = Vec::new();
        for offset in offsets(directory)? {
            let marks = match fs::read(file_at(directory, offset, "marks")) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
                marks => marks?,
            };
            let Some(before) = before(&marks).filter(|before| before.sum() == offset) else {
                // It was being made, or is damaged.
                for kind in ["bytes", "marks"] {
                    let _ = fs::remove_file(file_at(directory, offset, kind));
                }
                continue;
            };
            let first = First {
                before,
                is_record: true,
                is_head: is_head(offset),
            };
            let segment = Segment::at(directory, first, tally);
            segment.look(marks.get(HEAD as usize..).unwrap_or_default());
            if segment.with(|state| state.len > 0) {
                found.push(segment);
            } else {
                segment.drop_files();
            }
        }
        Ok(found)
    }

    /// Finds out how much of it is whole: bytes whose stream is known.
    fn look(&self, marks: &[u8]) {
        let len = fs::metadata(&self.bytes).map_or(0, |found| found.len());
        let (marks, _) = marks.as_chunks();
        let mut state = State::default();
        for mark in marks {
            let run = Run::from_bytes(*mark);
            let left = usize::try_from(len - state.len).unwrap_or(usize::MAX);
            // The last one was cut off before its length was known.
            let run_len = match run.len() {
                0 => left,
                run_len => run_len.min(left),
            };
            if run_len == 0 {
                break;
            }
            state.len += run_len as u64;
            state.counts.add(run.stream(), run_len as u64);
            state.runs += 1;
            state.open = Some(run.with_len(run_len));
        }
        state.cost = HEAD + state.len + state.runs * RUN;
        let tally = &self.tally.on_disk;
        tally.fetch_add(state.len, Ordering::Relaxed);
        self.with(|found| *found = state);
    }

    /// What comes after it, of each stream.
    pub(super) fn after(&self) -> Counts {
        self.first.before + self.with(|state| state.counts)
    }

    /// Makes the files of a segment that begins at an offset, which is the sum of what comes before.
    pub(super) fn create(
        directory: &Path,
        first: First,
        tally: &Arc<Tally>,
    ) -> io::Result<(Arc<Segment>, File, File)> {
        let segment = Segment::at(directory, first, tally);
        let bytes = private(&segment.bytes)?;
        let mut marks = private(&segment.marks)?;
        if first.is_record {
            marks.write_all(&head(first.before))?;
        }
        Ok((Arc::new(segment), bytes, marks))
    }

    fn at(directory: &Path, first: First, tally: &Arc<Tally>) -> Segment {
        let start = first.before.sum();
        let file = |kind: &str| file_at(directory, start, kind);
        Segment {
            start,
            first,
            bytes: file("bytes"),
            marks: file("marks"),
            state: Mutex::default(),
            tally: Arc::clone(tally),
        }
    }

    /// Whether what comes next is at this offset.
    pub(super) fn ends_at(&self, offset: u64) -> bool {
        self.with(|state| self.start + state.len == offset && !state.dropped)
    }

    pub(super) fn is_head(&self) -> bool {
        self.first.is_head
    }

    pub(super) fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let state = self.state.lock();
        work(&mut state.unwrap_or_else(PoisonError::into_inner))
    }

    /// Offset of the byte after the last.
    pub(super) fn end(&self) -> u64 {
        self.start + self.with(|state| state.len)
    }

    /// As [`Segment::end`], among the bytes of one stream.
    pub(super) fn end_of(&self, stream: Stream) -> u64 {
        self.first.before.of(stream) + self.with(|state| state.counts.of(stream))
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
        chunk.mark(self.runs(runs)?.into_iter(), skip, self.first.before);
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
        let (mut place, mut at) = (0, self.first.before.of(stream));
        let mut chunk = StreamChunk::new(stream, from, from.max(at));
        for run in self.runs(runs)? {
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
    fn runs(&self, count: u64) -> io::Result<Vec<Run>> {
        let mut marks = vec![0; usize::try_from(count * RUN).unwrap_or(usize::MAX)];
        File::open(&self.marks)?.read_exact_at(&mut marks, self.first.runs_at())?;
        let (marks, _) = marks.as_chunks();
        let mut runs: Vec<Run> = marks.iter().map(|run| Run::from_bytes(*run)).collect();
        let (open, all) = self.with(|state| (state.open, state.runs));
        // Its length is not there, or is what it was.
        if let (Some(last), Some(open)) = (runs.last_mut(), open.filter(|_| all == count)) {
            *last = open;
        }
        Ok(runs)
    }
}

/// One of the two files of a segment that begins at an offset.
fn file_at(directory: &Path, start: u64, kind: &str) -> PathBuf {
    directory.join(format!("{start:020}.{kind}"))
}

/// Where the segments in a directory begin, in order.
fn offsets(directory: &Path) -> io::Result<BTreeSet<u64>> {
    let mut offsets = BTreeSet::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let parts = name.to_str().and_then(|name| name.split_once('.'));
        let start = parts.filter(|(_, kind)| ["bytes", "marks"].contains(kind));
        offsets.extend(start.and_then(|(start, _)| start.parse::<u64>().ok()));
    }
    Ok(offsets)
}

fn head(before: Counts) -> [u8; HEAD as usize] {
    let mut head = [0; HEAD as usize];
    let numbers = [before.stdout, before.stderr, before.terminal];
    for (place, number) in head.chunks_mut(8).zip(numbers) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    head
}

fn before(marks: &[u8]) -> Option<Counts> {
    let (numbers, _) = marks.get(..HEAD as usize)?.as_chunks();
    let mut numbers = numbers.iter().map(|bytes| u64::from_le_bytes(*bytes));
    Some(Counts {
        stdout: numbers.next()?,
        stderr: numbers.next()?,
        terminal: numbers.next()?,
    })
}

fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create_new(true);
    files::private(options).open(path)
}

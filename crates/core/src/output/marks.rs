//! Which stream each byte came from, and when: runs of bytes, eight bytes of memory for each.
//!
//! Two programs that take turns with one byte each make a run of every byte, so runs have a bound of
//! their own. What must stay true: a run is never joined with one of another stream to save memory;
//! where there are too many, the oldest goes with its bytes, and these are counted as omitted.

use super::counts::Counts;
use crate::config::Stream;
use std::collections::VecDeque;
use std::time::Duration;

/// Bytes of one stream that come within this time are one run, and have the time of the first.
pub const TIME_RESOLUTION: Duration = Duration::from_millis(10);

const LENGTH_BITS: u32 = 22;
const STREAM_BITS: u32 = 2;
/// The longest run: 4 MiB less one byte.
const LONGEST: usize = (1 << LENGTH_BITS) - 1;

/// From the highest bit: milliseconds (40 bits, 34 years), stream, length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run(u64);

impl Run {
    pub(super) fn new(stream: Stream, len: usize, at: Duration) -> Run {
        let number: u64 = match stream {
            Stream::Stdout => 0,
            Stream::Stderr => 1,
            Stream::Terminal => 2,
        };
        let time = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
        let time = time.min(u64::MAX >> (LENGTH_BITS + STREAM_BITS));
        let len = len.min(LONGEST) as u64;
        Run(time << (LENGTH_BITS + STREAM_BITS) | number << LENGTH_BITS | len)
    }

    /// As it lies on the disk.
    pub(super) fn to_bytes(self) -> [u8; 8] {
        self.0.to_le_bytes()
    }

    pub(super) fn from_bytes(bytes: [u8; 8]) -> Run {
        Run(u64::from_le_bytes(bytes))
    }

    pub(super) fn len(self) -> usize {
        // Fits: 22 bits.
        (self.0 & LONGEST as u64) as usize
    }

    pub(super) fn stream(self) -> Stream {
        match self.0 >> LENGTH_BITS & ((1 << STREAM_BITS) - 1) {
            0 => Stream::Stdout,
            1 => Stream::Stderr,
            _ => Stream::Terminal,
        }
    }

    pub(super) fn at(self) -> Duration {
        Duration::from_millis(self.0 >> (LENGTH_BITS + STREAM_BITS))
    }

    pub(super) fn with_len(self, len: usize) -> Run {
        Run(self.0 & !(LONGEST as u64) | len as u64)
    }

    /// How many of `len` bytes of this stream and time it takes in.
    pub(super) fn takes(self, stream: Stream, len: usize, at: Duration) -> usize {
        let near = at.saturating_sub(self.at()) < TIME_RESOLUTION;
        if near && self.stream() == stream {
            len.min(LONGEST - self.len())
        } else {
            0
        }
    }
}

/// A bounded number of runs, oldest first.
#[derive(Debug, Clone)]
pub(super) struct Marks {
    runs: VecDeque<Run>,
    most: usize,
}

impl Marks {
    /// For at most `most` runs, and at least one.
    pub(super) fn new(most: usize) -> Marks {
        Marks {
            runs: VecDeque::new(),
            most: most.max(1),
        }
    }

    /// How many more runs there is room for.
    pub(super) fn room(&self) -> usize {
        self.most - self.runs.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Run> {
        self.runs.iter().copied()
    }

    /// How many bytes the oldest run has.
    pub(super) fn oldest(&self) -> usize {
        self.runs.front().map_or(0, |run| run.len())
    }

    /// How much memory it has taken.
    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.runs.capacity() * size_of::<Run>()
    }

    /// How many of `len` bytes have a place without another run having to go.
    pub(super) fn fits(&self, stream: Stream, len: usize, at: Duration) -> usize {
        let joined = self
            .runs
            .back()
            .map_or(0, |last| last.takes(stream, len, at));
        len.min(joined + self.room().saturating_mul(LONGEST))
    }

    /// Notes bytes, as far as they fit without a run having to go; answers how many those are.
    pub(super) fn note(&mut self, stream: Stream, len: usize, at: Duration) -> usize {
        let len = self.fits(stream, len, at);
        let mut left = len;
        if let Some(last) = self.runs.back_mut() {
            let joined = last.takes(stream, left, at);
            *last = last.with_len(last.len() + joined);
            left -= joined;
        }
        while left > 0 {
            let run = Run::new(stream, left, at);
            left -= run.len();
            self.grow();
            self.runs.push_back(run);
        }
        len
    }

    /// Forgets the oldest bytes, and answers whose they were.
    pub(super) fn drop_front(&mut self, mut count: usize) -> Counts {
        let mut gone = Counts::default();
        while count > 0
            && let Some(oldest) = self.runs.front_mut()
        {
            let part = oldest.len().min(count);
            gone.add(oldest.stream(), part as u64);
            count -= part;
            if part == oldest.len() {
                self.runs.pop_front();
            } else {
                *oldest = oldest.with_len(oldest.len() - part);
            }
        }
        gone
    }

    /// Doubles, but never beyond the bound.
    fn grow(&mut self) {
        let now = self.runs.len();
        if now == self.runs.capacity() {
            let size = (now * 2).max(4).min(self.most.max(now + 1));
            self.runs.reserve_exact(size - now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::ZERO;

    #[test]
    fn a_run_keeps_what_it_is_given() {
        let at = Duration::from_secs(20 * 365 * 24 * 60 * 60);
        for stream in [Stream::Stdout, Stream::Stderr, Stream::Terminal] {
            for len in [0, 1, 4096, LONGEST] {
                let run = Run::from_bytes(Run::new(stream, len, at).to_bytes());
                assert_eq!((run.stream(), run.len(), run.at()), (stream, len, at));
            }
        }
        let late = Run::new(Stream::Stderr, 1, Duration::MAX);
        assert_eq!((late.stream(), late.len()), (Stream::Stderr, 1));
    }

    #[test]
    fn what_comes_together_is_one_run() {
        let mut marks = Marks::new(10);
        let soon = TIME_RESOLUTION - Duration::from_millis(1);
        assert_eq!(marks.note(Stream::Stdout, 5, START), 5);
        assert_eq!(marks.note(Stream::Stdout, 6, soon), 6);
        assert_eq!(marks.room(), 9);
        assert_eq!(marks.note(Stream::Stdout, 1, TIME_RESOLUTION), 1);
        assert_eq!(marks.note(Stream::Stderr, 1, TIME_RESOLUTION), 1);
        assert_eq!(marks.room(), 7);
    }

    #[test]
    fn a_long_piece_is_several_runs_and_a_full_list_takes_no_more() {
        let mut marks = Marks::new(2);
        assert_eq!(marks.note(Stream::Stdout, LONGEST + 1, START), LONGEST + 1);
        assert_eq!(marks.room(), 0);
        assert_eq!(marks.note(Stream::Stderr, 1, START), 0);
        assert_eq!(marks.note(Stream::Stdout, LONGEST, START), LONGEST - 1);
        let gone = marks.drop_front(LONGEST + 5);
        assert_eq!(
            (gone.stdout, gone.sum()),
            (LONGEST as u64 + 5, LONGEST as u64 + 5)
        );
        assert_eq!(marks.oldest(), LONGEST - 5);
    }

    #[test]
    fn memory_is_bounded() {
        let mut marks = Marks::new(1000);
        for number in 0..5000 {
            let stream = [Stream::Stdout, Stream::Stderr][number % 2];
            if marks.note(stream, 1, START) == 0 {
                marks.drop_front(1);
                assert_eq!(marks.note(stream, 1, START), 1);
            }
            assert!(marks.memory() <= 8000);
        }
    }
}

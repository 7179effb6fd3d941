//! Numbers for what happens to a process: chunks of its output, its exit, and the end of both. Pure.
//!
//! What must stay true: numbers begin at 1 and have no gap; the exit is numbered once, the close once and
//! last; every byte is in a chunk or counted before one.

use super::log::{Step, stream_word};
use crate::wire::StreamName;
use std::collections::VecDeque;

/// How many chunks are remembered; the oldest go first.
pub(crate) const CHUNKS: usize = 50_000;

/// Where the bytes of a chunk are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) seq: u64,
    pub(crate) stream: StreamName,
    /// The offset of its first byte among all.
    pub(crate) offset: u64,
    pub(crate) len: usize,
    /// How many bytes before it were lost before they had a number.
    pub(crate) lost: u64,
    /// When its first byte came, in milliseconds since 1970.
    pub(crate) at_ms: u64,
}

/// How a leader ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Exit {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
}

impl Exit {
    /// As exec servers tell it: 128 and the signal.
    pub(crate) fn told(self) -> Option<i32> {
        self.code.or(self.signal.map(|signal| 128 + signal))
    }
}

/// What has happened so far.
#[derive(Debug, Default)]
pub(crate) struct Sequence {
    given: u64,
    marks: VecDeque<Mark>,
    /// Up to which byte everything is numbered or lost.
    end: u64,
    /// Bytes that were lost since the last chunk.
    lost: u64,
    exited: Option<(u64, Exit)>,
    output_ended: bool,
    closed: Option<u64>,
}

impl Sequence {
    /// Takes in what happens next.
    pub(crate) fn step(&mut self, step: Step) {
        match step {
            Step::LostUntil(offset) => self.lost_until(offset),
            Step::Output(stream, place, at_ms) => self.output(stream, place, at_ms),
            Step::Exit(exit) => self.exit(exit),
            Step::OutputEnded => self.end_output(),
        }
    }

    /// Whether it changes anything: what another daemon has numbered is not numbered again.
    pub(super) fn is_news(&self, step: Step) -> bool {
        match step {
            Step::LostUntil(_) | Step::Output(..) => true,
            Step::Exit(_) => self.exited.is_none(),
            Step::OutputEnded => !self.output_ended,
        }
    }

    /// Says in words what it is; whoever reads them is the same.
    pub(super) fn tell(&self, say: &mut impl FnMut(String)) {
        say(format!("state {} {} {}", self.given, self.end, self.lost));
        for mark in &self.marks {
            let Mark {
                seq,
                offset,
                len,
                lost,
                at_ms,
                stream,
            } = mark;
            let stream = stream_word(*stream);
            say(format!("mark {seq} {stream} {offset} {len} {lost} {at_ms}"));
        }
        let number = |number: Option<i32>| number.map_or("-".to_owned(), |it| it.to_string());
        if let Some((seq, exit)) = self.exited {
            let (code, signal) = (number(exit.code), number(exit.signal));
            say(format!("exited {seq} {code} {signal}"));
        }
        if let Some(seq) = self.closed {
            say(format!("closed {seq}"));
        } else if self.output_ended {
            say("ended".to_owned());
        }
    }

    pub(super) fn set(&mut self, given: u64, (end, lost): (u64, u64)) {
        (self.given, self.end, self.lost) = (given, end, lost);
    }

    pub(super) fn remember(&mut self, mark: Mark) {
        self.marks.push_back(mark);
    }

    pub(super) fn set_exited(&mut self, seq: u64, exit: Exit) {
        self.exited = Some((seq, exit));
    }

    pub(super) fn set_closed(&mut self, seq: u64) {
        (self.output_ended, self.closed) = (true, Some(seq));
    }

    fn number(&mut self) -> u64 {
        self.given += 1;
        self.given
    }

    /// Bytes before this offset that had no number get none any more.
    pub(crate) fn lost_until(&mut self, offset: u64) {
        self.lost += offset.saturating_sub(self.end);
        self.end = self.end.max(offset);
    }

    pub(crate) fn output(&mut self, stream: StreamName, (offset, len): (u64, usize), at_ms: u64) {
        self.lost_until(offset);
        let mark = Mark {
            seq: self.number(),
            stream,
            offset,
            len,
            lost: std::mem::take(&mut self.lost),
            at_ms,
        };
        self.end = offset + len as u64;
        self.marks.push_back(mark);
        if self.marks.len() > CHUNKS {
            self.marks.pop_front();
        }
    }

    pub(crate) fn exit(&mut self, exit: Exit) {
        if self.exited.is_none() {
            self.exited = Some((self.number(), exit));
            self.close();
        }
    }

    pub(crate) fn end_output(&mut self) {
        self.output_ended = true;
        self.close();
    }

    fn close(&mut self) {
        if self.exited.is_some() && self.output_ended && self.closed.is_none() {
            self.closed = Some(self.number());
        }
    }

    /// Up to which byte everything has a number, or has none any more.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// Whether no output comes any more.
    pub(crate) fn is_over(&self) -> bool {
        self.output_ended
    }

    /// The number that comes next.
    pub(crate) fn next(&self) -> u64 {
        self.given + 1
    }

    pub(crate) fn exited(&self) -> Option<(u64, Exit)> {
        self.exited
    }

    pub(crate) fn closed(&self) -> Option<u64> {
        self.closed
    }

    /// Bytes that were lost after the last chunk.
    pub(crate) fn lost_at_the_end(&self) -> u64 {
        self.lost
    }

    /// The chunks after a number that are remembered.
    pub(crate) fn after(&self, seq: u64) -> impl Iterator<Item = &Mark> {
        let first = self.marks.partition_point(|mark| mark.seq <= seq);
        self.marks.range(first..)
    }

    /// Whether there is something to tell to who has read up to a number.
    pub(crate) fn has_news(&self, seq: u64) -> bool {
        let exited = self.exited.is_some() && seq < self.given;
        self.closed.is_some() || exited || self.after(seq).next().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone)]
    enum Event {
        Output { lost: u64, len: usize },
        Exit,
        End,
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            4 => (0_u64..3, 1_usize..5).prop_map(|(lost, len)| Event::Output { lost, len }),
            1 => Just(Event::Exit),
            1 => Just(Event::End),
        ]
    }

    proptest! {
        #[test]
        fn numbers_have_no_gap_and_every_byte_is_told_or_counted(events in prop::collection::vec(event(), 0..30)) {
            let (mut sequence, mut at, mut told) = (Sequence::default(), 0, 0);
            let mut is_open = true;
            for event in events {
                match event {
                    Event::Output { lost, len } if is_open => {
                        at += lost;
                        sequence.output(StreamName::Stdout, (at, len), 0);
                        at += len as u64;
                        told += len as u64 + lost;
                    }
                    Event::Output { .. } => {}
                    Event::Exit => sequence.exit(Exit::default()),
                    Event::End => {
                        is_open = false;
                        sequence.end_output();
                    }
                }
                let mut numbers: Vec<u64> = sequence.after(0).map(|mark| mark.seq).collect();
                numbers.extend(sequence.exited().map(|(seq, _)| seq));
                numbers.extend(sequence.closed());
                numbers.sort_unstable();
                prop_assert!(numbers.iter().copied().eq(1..sequence.next()));
                prop_assert!(sequence.closed().is_none_or(|seq| seq == sequence.next() - 1));
                let sum: u64 = sequence.after(0).map(|mark| mark.len as u64 + mark.lost).sum();
                prop_assert_eq!(sum, told);
                prop_assert_eq!(sequence.closed().is_some(), sequence.exited().is_some() && !is_open);
            }
        }
    }

    #[test]
    fn the_exit_is_news_until_it_was_read_and_the_close_always() {
        let mut sequence = Sequence::default();
        assert!(!sequence.has_news(0));
        sequence.output(StreamName::Stdout, (0, 3), 0);
        assert!(sequence.has_news(0) && !sequence.has_news(1));
        sequence.exit(Exit {
            code: None,
            signal: Some(9),
        });
        assert!(sequence.has_news(1) && !sequence.has_news(2));
        assert_eq!(
            sequence.exited().map(|(seq, exit)| (seq, exit.told())),
            Some((2, Some(137)))
        );
        sequence.end_output();
        assert!(sequence.has_news(2) && sequence.has_news(3));
    }

    #[test]
    fn the_oldest_chunks_go_first() {
        let mut sequence = Sequence::default();
        for at in 0..CHUNKS as u64 + 10 {
            sequence.output(StreamName::Pty, (at, 1), 0);
        }
        assert_eq!(sequence.after(0).next().map(|mark| mark.seq), Some(11));
        assert_eq!(sequence.after(0).count(), CHUNKS);
    }
}

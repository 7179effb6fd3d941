//! Writers, readers and holders of one output, in hundreds of schedules.
//!
//! The code is the real one; only who goes next is chosen, at every [`point`], by a scheduler that
//! tries what a processor hardly ever does. A task that nobody wakes up is a deadlock, which it
//! reports. The lock itself is held between two points only, so it is never waited for here.
//!
//! `HANDFAST_SCHEDULES` says how many schedules each model is run through.

use super::captured::Captured;
use super::chunk::Cursor;
use super::counts::Counts;
use super::lookout::Lookout;
use super::pump::pump;
use super::shared::{Look, Shared, State};
use crate::config::Stream;
use shuttle::future::block_on;
use shuttle::rand::{Rng, thread_rng};
use shuttle::thread::{self, JoinHandle};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, ReadBuf};

/// Others may go first here, where there is a model of schedules.
pub(crate) fn point() {
    if shuttle::current::try_get_current_task().is_some() {
        thread::yield_now();
    }
}

fn schedules(model: impl Fn() + Send + Sync + 'static) {
    let wanted = std::env::var("HANDFAST_SCHEDULES").ok();
    let count = wanted.and_then(|count| count.parse().ok()).unwrap_or(600);
    shuttle::check_random(model, count);
}

/// What the byte with this number of a stream is.
fn byte(stream: Stream, number: u64) -> u8 {
    (number * 7 + stream as u64 * 101) as u8
}

/// Bytes that come in pieces, sometimes a little later, and end with a fault or without.
struct Source {
    stream: Stream,
    next: u64,
    end: u64,
    fails: bool,
}

impl AsyncRead for Source {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if thread_rng().gen_bool(0.3) {
            // There is nothing just now, and there is again at once.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.next == self.end && self.fails {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let most = thread_rng().gen_range(1..6).min(buffer.remaining());
        for _ in 0..most {
            if self.next < self.end {
                buffer.put_slice(&[byte(self.stream, self.next)]);
                self.next += 1;
            }
        }
        Poll::Ready(Ok(()))
    }
}

fn writer(shared: &Arc<Shared>, stream: Stream, bytes: u64, fails: bool) -> JoinHandle<()> {
    let source = Source {
        stream,
        next: 0,
        end: bytes,
        fails,
    };
    let shared = Arc::clone(shared);
    thread::spawn(move || block_on(pump(shared, stream, source)))
}

/// What a made-up process says, so many bytes of it and then no more.
pub(crate) fn says(output: &Captured, bytes: u64) -> JoinHandle<()> {
    writer(&output.shared_by_all(), Stream::Stdout, bytes, false)
}

/// What one reader got, and was told that it missed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Read {
    got: Counts,
    missed: Counts,
}

/// Looks for what comes after a cursor, as the waits of the manager do.
fn next(state: &mut State, cursor: Cursor) -> Look<super::Chunk> {
    let chunk = state.store.read(cursor.offset(), 7);
    if chunk.bytes.is_empty() && !chunk.ended {
        Look::NotBefore(cursor.offset())
    } else {
        Look::Found(chunk)
    }
}

fn reader(shared: &Arc<Shared>) -> JoinHandle<Read> {
    let shared = Arc::clone(shared);
    thread::spawn(move || {
        let (mut cursor, mut read) = (Cursor::default(), Read::default());
        loop {
            let chunk = block_on(shared.find(|state| next(state, cursor)));
            let missed = cursor.omitted(&chunk);
            assert_eq!(missed.sum(), chunk.omitted_before);
            read.missed += missed;
            for segment in &chunk.segments {
                for (offset, got) in (segment.offset..).zip(chunk.bytes_of(segment)) {
                    assert_eq!(*got, byte(segment.stream, offset));
                }
                read.got.add(segment.stream, segment.len as u64);
            }
            cursor = chunk.next;
            if chunk.ended {
                return read;
            }
        }
    })
}

const OUT: u64 = 23;
const ERR: u64 = 11;

fn all() -> Counts {
    let mut all = Counts::default();
    all.add(Stream::Stdout, OUT);
    all.add(Stream::Stderr, ERR);
    all
}

fn both(keep: usize) -> Arc<Shared> {
    Arc::new(Shared::new(keep, &[Stream::Stdout, Stream::Stderr]))
}

fn finish<T>(tasks: impl IntoIterator<Item = JoinHandle<T>>) -> Vec<T> {
    let finished = tasks.into_iter().map(JoinHandle::join);
    finished
        .map(|result| result.expect("it does not panic"))
        .collect()
}

#[test]
fn in_every_schedule_each_reader_gets_every_byte_or_its_count() {
    schedules(|| {
        let shared = both(8);
        let readers = [reader(&shared), reader(&shared)];
        let writers = [
            writer(&shared, Stream::Stdout, OUT, false),
            writer(&shared, Stream::Stderr, ERR, true),
        ];
        finish(writers);
        for read in finish(readers) {
            assert_eq!(read.got + read.missed, all());
        }
        let status = shared.status();
        assert_eq!((status.totals, status.is_open()), (all(), false));
        assert_eq!(status.faults.len(), 1);
        // Who comes late gets what is kept, and is told of the rest.
        let late = finish([reader(&shared)])[0];
        assert_eq!(
            (late.got + late.missed, late.missed),
            (all(), status.omitted)
        );
        assert!(late.got.sum() <= 8);
    });
}

#[test]
fn in_every_schedule_who_holds_the_output_back_misses_nothing_and_stops_nobody_for_ever() {
    schedules(|| {
        let shared = both(8);
        let id = shared.change_holds(|state| state.hold("slow"));
        let other = shared.change_holds(|state| state.hold("gone"));
        let readers = [reader(&shared)];
        let writers = [
            writer(&shared, Stream::Stdout, OUT, false),
            writer(&shared, Stream::Stderr, ERR, false),
        ];
        let leaving = Arc::clone(&shared);
        let gone = thread::spawn(move || leaving.change_holds(|state| state.release(other)));
        let mut cursor = Cursor::default();
        loop {
            let chunk = block_on(shared.find(|state| next(state, cursor)));
            assert_eq!(chunk.omitted_before, 0);
            cursor = chunk.next;
            shared.change_holds(|state| state.consumed(id, cursor.offset()));
            if chunk.ended {
                break;
            }
        }
        assert_eq!(cursor.counts(), all());
        finish(writers);
        finish([gone]);
        for read in finish(readers) {
            assert_eq!(read.got + read.missed, all());
        }
    });
}

/// Who waits for escapes is led to each of them, and past nothing else.
#[test]
fn in_every_schedule_every_escape_is_found() {
    let is_escape = |number: &u64| byte(Stream::Stdout, *number) == 0x1b;
    schedules(move || {
        let long = 3 * 256;
        let shared = Arc::new(Shared::new(8, &[Stream::Stdout]));
        let writers = [writer(&shared, Stream::Stdout, long, false)];
        let (mut from, mut looked_at) = (0, Vec::new());
        loop {
            let found = block_on(shared.find(|state| Lookout::find(state, from)));
            assert_eq!((from..found).find(is_escape), None);
            let total = shared.totals().sum();
            looked_at.extend((found..total).filter(is_escape));
            from = total;
            if shared.with(|state| state.store.is_closed()) && from == shared.totals().sum() {
                break;
            }
        }
        let all: Vec<u64> = (0..long).filter(is_escape).collect();
        assert_eq!((looked_at, all.len()), (all, 3));
        finish(writers);
    });
}

/// What a status says fits together at every moment.
#[test]
fn in_every_schedule_the_counts_fit_together() {
    schedules(|| {
        let shared = both(6);
        let writers = [
            writer(&shared, Stream::Stdout, OUT, false),
            writer(&shared, Stream::Stderr, ERR, false),
        ];
        let mut before = Counts::default();
        loop {
            let status = shared.status();
            assert!(status.totals.sum() >= before.sum());
            assert!(status.omitted.stdout <= status.totals.stdout);
            assert!(status.omitted.stderr <= status.totals.stderr);
            assert!(status.totals.sum() - status.omitted.sum() <= 6);
            before = status.totals;
            if !status.is_open() {
                break;
            }
            let come = before.sum();
            block_on(
                shared.find(|state| match state.store.totals().sum() > come {
                    true => Look::Found(()),
                    false if state.store.is_closed() => Look::Found(()),
                    false => Look::NotBefore(come),
                }),
            );
        }
        assert_eq!(before, all());
        finish(writers);
    });
}

/// The negative control: who looks first, and asks to be woken up only then, sleeps for ever in some
/// schedule.
#[test]
#[should_panic(expected = "deadlock")]
fn a_reader_that_asks_too_late_to_be_woken_is_found_out() {
    schedules(|| {
        let shared = both(8);
        let writers = [writer(&shared, Stream::Stdout, 3, false)];
        let mut cursor = Cursor::default();
        while cursor.offset() < 3 {
            match shared.look(|state| next(state, cursor)) {
                Some(chunk) => cursor = chunk.next,
                None => {
                    point();
                    block_on(shared.changes().notified());
                }
            }
        }
        finish(writers);
    });
}

/// Another: a byte that is dropped without a count is found out.
#[test]
#[should_panic(expected = "left == right")]
fn a_byte_that_is_lost_uncounted_is_found_out() {
    schedules(|| {
        let shared = both(64);
        let readers = [reader(&shared)];
        let piece: Vec<u8> = (0..5).map(|number| byte(Stream::Stdout, number)).collect();
        let push = |bytes: &[u8]| {
            shared.with(|state| state.store.push(Stream::Stdout, bytes, Duration::ZERO));
        };
        push(&piece[..2]);
        push(&piece[3..]);
        shared.close(Stream::Stdout, None);
        shared.close(Stream::Stderr, None);
        finish(readers);
    });
}

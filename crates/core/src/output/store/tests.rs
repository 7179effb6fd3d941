//! The store against a model that keeps everything.

use super::*;
use crate::output::Cursor;
use proptest::prelude::*;

/// Everything that was pushed: the byte, whose it is, when it came.
type Model = Vec<(u8, Stream, Duration)>;

fn stream() -> impl Strategy<Value = Stream> {
    prop::sample::select(&STREAMS[..])
}

/// Pieces with the time that passes before each.
fn pieces() -> impl Strategy<Value = Vec<(Stream, usize, u64)>> {
    prop::collection::vec((stream(), 0_usize..60, 0_u64..8), 0..40)
}

struct Pushed {
    store: Store,
    model: Model,
    now: Duration,
}

impl Pushed {
    fn new(keep: usize) -> Pushed {
        let mut store = Store::new(keep);
        STREAMS.into_iter().for_each(|stream| store.open(stream));
        Pushed {
            store,
            model: Vec::new(),
            now: Duration::ZERO,
        }
    }

    fn push(&mut self, (stream, len, pause): (Stream, usize, u64)) {
        self.now += Duration::from_millis(pause);
        let begins = self.model.len();
        let bytes: Vec<u8> = (begins..begins + len)
            .map(|n| (n * 31 + n / 256) as u8)
            .collect();
        self.model
            .extend(bytes.iter().map(|byte| (*byte, stream, self.now)));
        // Both ways in: straight to its place, where there is one, and by a copy.
        let placed = match len % 3 {
            0 => self.store.place_for(len),
            _ => &mut [],
        };
        let (first, rest) = bytes.split_at(placed.len());
        placed.copy_from_slice(first);
        if !first.is_empty() {
            self.store.placed(stream, first.len(), self.now);
        }
        self.store.push(stream, rest, self.now);
    }

    fn all(keep: usize, pieces: Vec<(Stream, usize, u64)>) -> Pushed {
        let mut pushed = Pushed::new(keep);
        pieces.into_iter().for_each(|piece| pushed.push(piece));
        pushed
    }

    /// How many bytes of each stream are among the first.
    fn counts(&self, offset: u64) -> Counts {
        let mut counts = Counts::default();
        for (_, stream, _) in &self.model[..offset as usize] {
            counts.add(*stream, 1);
        }
        counts
    }

    /// Whether a chunk says what the model has.
    fn check(&self, chunk: &Chunk, from: u64, limit: usize) {
        assert!(chunk.bytes.len() <= limit);
        assert_eq!(chunk.offset, from + chunk.omitted_before);
        assert_eq!(chunk.before, self.counts(chunk.offset));
        let mut start = 0;
        let mut counts = chunk.before;
        for segment in &chunk.segments {
            assert_eq!(segment.start, start);
            assert_eq!(segment.offset, counts.of(segment.stream));
            for (number, byte) in chunk.bytes_of(segment).iter().enumerate() {
                let place = chunk.offset as usize + segment.start + number;
                let (expected, stream, at) = self.model[place];
                assert_eq!((*byte, segment.stream), (expected, stream));
                let late = at - segment.at;
                assert!(late < TIME_RESOLUTION, "{late:?}");
            }
            start += segment.len;
            counts.add(segment.stream, segment.len as u64);
        }
        assert_eq!(start, chunk.bytes.len());
        assert_eq!(chunk.next.offset(), chunk.offset + chunk.bytes.len() as u64);
        assert_eq!(chunk.next.counts(), counts);
    }
}

use super::super::marks::TIME_RESOLUTION;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_offset_reads_what_came_or_says_what_is_gone(
        keep in 0_usize..700, pieces in pieces(), limit in 0_usize..300,
    ) {
        let pushed = Pushed::all(keep, pieces);
        let store = &pushed.store;
        let total = pushed.model.len() as u64;
        prop_assert_eq!(store.totals(), pushed.counts(total));
        prop_assert_eq!(store.totals().sum(), total);
        let retained = store.head.len() + store.tail.len();
        prop_assert_eq!(retained as u64 + store.omitted().sum(), total);
        prop_assert!(retained <= keep);
        for from in (0..=total).step_by(if total > 200 { 7 } else { 1 }) {
            let chunk = store.read(from, limit);
            pushed.check(&chunk, from, limit);
            let whole = store.read(from, usize::MAX);
            pushed.check(&whole, from, usize::MAX);
            prop_assert!(limit == 0 || from == total || !chunk.bytes.is_empty() || chunk.offset == total);
            prop_assert_eq!(chunk.omitted_before, whole.omitted_before);
        }
    }

    #[test]
    fn a_stream_by_itself_is_what_came_on_it(
        keep in 0_usize..700, pieces in pieces(), limit in 1_usize..300, stream in stream(),
    ) {
        let pushed = Pushed::all(keep, pieces);
        let own: Vec<u8> = pushed.model.iter().filter(|(_, whose, _)| *whose == stream)
            .map(|(byte, _, _)| *byte).collect();
        let (mut from, mut omitted) = (0, 0);
        loop {
            let chunk = pushed.store.read_stream(stream, from, limit);
            prop_assert_eq!(chunk.offset, from + chunk.omitted_before);
            let begins = chunk.offset as usize;
            prop_assert_eq!(&chunk.bytes[..], &own[begins..begins + chunk.bytes.len()]);
            omitted += chunk.omitted_before;
            from = chunk.next;
            if chunk.bytes.is_empty() {
                break;
            }
        }
        prop_assert_eq!(from, own.len() as u64);
        prop_assert_eq!(omitted, pushed.store.omitted().of(stream));
    }

    /// Readers of any speed: what each got and what it was told is missing are all there was.
    #[test]
    fn cursors_never_see_a_gap_that_is_not_reported(
        keep in 0_usize..500,
        steps in prop::collection::vec((stream(), 0_usize..60, 0_u64..8, prop::option::of((0_usize..3, 0_usize..80))), 0..60),
    ) {
        let mut pushed = Pushed::new(keep);
        let mut readers = [(Cursor::default(), 0_u64, Counts::default()); 3];
        for (stream, len, pause, reads) in steps {
            pushed.push((stream, len, pause));
            let Some((number, limit)) = reads else { continue };
            read_on(&pushed, &mut readers[number], limit);
        }
        STREAMS.into_iter().for_each(|stream| { pushed.store.close(stream); });
        let total = pushed.model.len() as u64;
        for mut reader in readers {
            // The head, and the tail behind its gap.
            while !read_on(&pushed, &mut reader, 37) {}
            let (cursor, got, omitted) = reader;
            prop_assert_eq!(got + omitted.sum(), total);
            prop_assert_eq!(cursor.counts(), pushed.store.totals());
        }
    }

    #[test]
    fn no_child_moves_the_bound_on_memory(keep in 64_usize..5000, pieces in pieces()) {
        let mut pushed = Pushed::new(keep);
        for (stream, len, pause) in pieces {
            pushed.push((stream, len * 20, pause));
            prop_assert!(pushed.store.memory() <= keep + keep / 4);
        }
    }

    /// What `room` allows never costs a byte that is held.
    #[test]
    fn what_there_is_room_for_takes_nothing_that_is_held(
        keep in 1_usize..700,
        steps in prop::collection::vec((stream(), 1_usize..200, 0_u64..8, 0_usize..200), 0..60),
    ) {
        let mut pushed = Pushed::new(keep);
        let mut held = 0_u64;
        for (stream, len, pause, reads) in steps {
            let room = pushed.store.room(held);
            pushed.push((stream, len.min(room), pause));
            let chunk = pushed.store.read(held, reads);
            prop_assert_eq!(chunk.omitted_before, 0);
            held = chunk.next.offset();
            if held == pushed.model.len() as u64 {
                prop_assert!(pushed.store.room(held) > 0);
            }
        }
    }
}

/// One read of one reader; whether it was the last.
fn read_on(pushed: &Pushed, reader: &mut (Cursor, u64, Counts), limit: usize) -> bool {
    let (cursor, got, omitted) = reader;
    let chunk = pushed.store.read(cursor.offset(), limit);
    pushed.check(&chunk, cursor.offset(), limit);
    let missing = cursor.omitted(&chunk);
    assert_eq!(missing.sum(), chunk.omitted_before);
    assert_eq!(
        missing,
        pushed.counts(chunk.offset) - pushed.counts(cursor.offset())
    );
    *omitted += missing;
    *got += chunk.bytes.len() as u64;
    *cursor = chunk.next;
    chunk.ended
}

#[test]
fn two_programs_that_take_turns_shrink_the_window_and_keep_their_names() {
    const KEEP: usize = 64 * 1024;
    let mut store = Store::new(KEEP);
    let streams = [Stream::Stdout, Stream::Stderr];
    for number in 0..200_000_usize {
        store.push(streams[number % 2], &[number as u8], Duration::ZERO);
        assert!(store.memory() <= KEEP + KEEP / 4);
    }
    let omitted = store.omitted();
    assert_eq!(omitted.stdout, omitted.stderr);
    let tail = store.read(store.head.len() as u64, usize::MAX);
    assert_eq!(tail.omitted_before, omitted.sum());
    assert_eq!(tail.bytes.len(), KEEP / 2 / BYTES_FOR_EACH_RUN);
    for segment in &tail.segments {
        let number = tail.offset as usize + segment.start;
        assert_eq!((segment.stream, segment.len), (streams[number % 2], 1));
        assert_eq!(tail.bytes_of(segment), [number as u8]);
    }
}

#[test]
fn one_byte_at_a_time_on_one_stream_keeps_the_whole_window() {
    let mut store = Store::new(1000);
    for number in 0..100_000_u64 {
        store.push(Stream::Stdout, &[1], Duration::from_micros(number));
    }
    assert_eq!(
        (store.totals().stdout, store.omitted().stdout),
        (100_000, 99_000)
    );
}

#[test]
fn a_read_goes_from_the_head_into_the_tail_where_nothing_is_between() {
    let mut store = Store::new(10);
    store.open(Stream::Stdout);
    store.push(Stream::Stdout, b"0123456789", Duration::ZERO);
    assert_eq!(store.read(2, 6).bytes, b"234567");
    store.push(Stream::Stdout, b"ab", Duration::ZERO);
    let (head, tail) = (store.read(0, 100), store.read(5, 100));
    assert_eq!((&head.bytes[..], head.omitted_before), (&b"01234"[..], 0));
    assert_eq!((&tail.bytes[..], tail.omitted_before), (&b"789ab"[..], 2));
    assert!(!tail.ended);
    assert!(store.close(Stream::Stdout));
    assert!(store.read(5, 100).ended && !store.read(5, 4).ended);
    assert!(!store.close(Stream::Stdout));
}

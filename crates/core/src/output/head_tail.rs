//! A plain buffer that keeps the beginning and the end of a stream and counts what is between.
//!
//! For whoever needs bytes only: answers that are collected, transcripts. The store of a process
//! ([`Captured`](super::Captured)) keeps more about them. Pure. What must stay true: head, omitted
//! and tail add up to all that was pushed; how the bytes were cut into pieces, and how often they
//! went through another buffer on the way, makes no difference; memory is bounded by the maximum.

use super::ring::Ring;

/// Keeps at most `max` bytes: the first `max / 2` and the last ones.
///
/// ```
/// use handfast::output::HeadTail;
///
/// let mut buffer = HeadTail::new(4);
/// buffer.push(b"abcdefg");
/// assert_eq!(buffer.omitted(), 3);
/// assert_eq!(buffer.to_bytes(), b"abfg");
/// assert_eq!(buffer.to_marked_bytes(), b"ab\n... 3 bytes omitted ...\nfg");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadTail {
    head: Vec<u8>,
    head_most: usize,
    tail: Ring,
    omitted: u64,
}

impl HeadTail {
    /// An empty buffer. With 0 it keeps nothing and counts all.
    #[must_use]
    pub fn new(max: usize) -> HeadTail {
        let head_most = max / 2;
        HeadTail {
            head: Vec::new(),
            head_most,
            tail: Ring::new(max - head_most),
            omitted: 0,
        }
    }

    /// The maximum that it was made with.
    #[must_use]
    pub fn max(&self) -> usize {
        self.head_most + self.tail.most()
    }

    /// Appends.
    pub fn push(&mut self, bytes: &[u8]) {
        let room = self.head_most - self.head.len();
        let (first, rest) = bytes.split_at(room.min(bytes.len()));
        self.grow_head(first.len());
        self.head.extend_from_slice(first);
        if !rest.is_empty() {
            self.omitted += self.tail.push(rest) as u64;
        }
    }

    /// Appends what another buffer has, with its count of what it has not.
    ///
    /// Where both have the same maximum the result is that of pushing the other's stream itself.
    pub fn push_buffer(&mut self, other: &HeadTail) {
        self.push(&other.head);
        let (first, second) = other.tail.pieces();
        self.push(first);
        self.push(second);
        self.omitted += other.omitted;
    }

    /// So many bytes came that it is not given: they count as left out.
    pub(crate) fn omit(&mut self, bytes: u64) {
        self.omitted += bytes;
    }

    /// Takes everything out, and starts from nothing with the same maximum.
    #[must_use = "what is taken out is nowhere else"]
    pub fn drain(&mut self) -> HeadTail {
        let empty = HeadTail::new(self.max());
        std::mem::replace(self, empty)
    }

    /// How many bytes it has.
    #[must_use]
    pub fn retained(&self) -> usize {
        self.head.len() + self.tail.len()
    }

    /// How many bytes were left out between head and tail.
    #[must_use]
    pub fn omitted(&self) -> u64 {
        self.omitted
    }

    /// How many bytes were pushed.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.retained() as u64 + self.omitted
    }

    /// Whether nothing was pushed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total() == 0
    }

    /// The first bytes.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// The last bytes, oldest first, in the two pieces in which they lie.
    #[must_use]
    pub fn tail(&self) -> (&[u8], &[u8]) {
        self.tail.pieces()
    }

    /// Head and tail, with nothing between.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (first, second) = self.tail();
        [&self.head, first, second].concat()
    }

    /// Head and tail, with a line between them that says how many bytes were left out, if any.
    #[must_use]
    pub fn to_marked_bytes(&self) -> Vec<u8> {
        if self.omitted == 0 {
            return self.to_bytes();
        }
        let marker = format!("\n... {} bytes omitted ...\n", self.omitted);
        let (first, second) = self.tail();
        [&self.head, marker.as_bytes(), first, second].concat()
    }

    /// How much memory it has taken: at most its maximum.
    pub(super) fn memory(&self) -> usize {
        self.head.capacity() + self.tail.memory()
    }

    /// Doubles, but never beyond the bound, as `Vec` would.
    fn grow_head(&mut self, by: usize) {
        let (len, now) = (self.head.len(), self.head.capacity());
        if len + by > now {
            let size = (len + by).max(now * 2).min(self.head_most);
            self.head.reserve_exact(size - len);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(max: usize, bytes: &[u8]) -> HeadTail {
        let mut buffer = HeadTail::new(max);
        buffer.push(bytes);
        buffer
    }

    fn same(left: &HeadTail, right: &HeadTail) -> bool {
        left.to_marked_bytes() == right.to_marked_bytes()
            && (left.head(), left.omitted(), left.retained())
                == (right.head(), right.omitted(), right.retained())
    }

    /// The rules once more, as they are written down.
    fn model(max: usize, bytes: &[u8]) -> (Vec<u8>, u64, Vec<u8>) {
        let (head_most, tail_most) = (max / 2, max - max / 2);
        let head = bytes[..head_most.min(bytes.len())].to_vec();
        let rest = &bytes[head.len()..];
        let omitted = rest.len().saturating_sub(tail_most);
        (head, omitted as u64, rest[omitted..].to_vec())
    }

    #[test]
    fn the_edges() {
        let nothing = HeadTail::new(10);
        assert!(nothing.is_empty());
        assert_eq!(nothing.to_marked_bytes(), b"");
        let mut none = HeadTail::new(0);
        none.push(b"");
        assert!(none.is_empty());
        none.push(b"abc");
        assert_eq!((none.retained(), none.omitted(), none.total()), (0, 3, 3));
        assert_eq!(none.to_marked_bytes(), b"\n... 3 bytes omitted ...\n");
        assert_eq!(whole(1, b"abc").to_bytes(), b"c");
        assert_eq!(whole(3, b"abc").omitted(), 0);
        assert_eq!(
            whole(3, b"abcd").to_marked_bytes(),
            b"a\n... 1 bytes omitted ...\ncd"
        );
    }

    #[test]
    fn a_drained_buffer_starts_from_nothing() {
        let mut buffer = whole(4, b"abcdefg");
        assert!(same(&buffer.drain(), &whole(4, b"abcdefg")));
        assert_eq!((buffer.max(), buffer.total()), (4, 0));
        buffer.push(b"hi");
        assert_eq!(buffer.to_marked_bytes(), b"hi");
    }

    /// Pieces end where a bit of `cuts` is set, and the buffer is drained there where one of `drains` is.
    fn polled(max: usize, all: &[u8], (cuts, drains): (u32, u32)) -> HeadTail {
        let (mut polled, mut collected) = (HeadTail::new(max), HeadTail::new(max));
        let mut piece = Vec::new();
        for (number, byte) in all.iter().enumerate() {
            piece.push(*byte);
            if cuts >> number & 1 == 1 {
                polled.push(&std::mem::take(&mut piece));
            }
            if drains >> number & 1 == 1 {
                collected.push_buffer(&polled.drain());
            }
        }
        polled.push(&piece);
        collected.push_buffer(&polled.drain());
        collected
    }

    /// Every way to cut seven bytes, with every choice of drains, at every maximum.
    #[test]
    fn every_split_and_every_drain_of_a_short_stream_adds_up() {
        let all = b"abcdefg";
        let choices = 1_u32 << (all.len() - 1);
        for max in 0..=9 {
            let once = whole(max, all);
            for cuts in 0..choices {
                for drains in (0..choices).filter(|drains| drains & !cuts == 0) {
                    let collected = polled(max, all, (cuts, drains));
                    assert_eq!(collected.total(), 7);
                    assert!(same(&collected, &once), "{max} {cuts:b} {drains:b}");
                }
            }
        }
    }

    #[test]
    fn memory_stays_below_the_maximum_byte_by_byte() {
        const MAX: usize = 10_000;
        let mut buffer = HeadTail::new(MAX);
        for number in 0..100_000_u32 {
            buffer.push(&number.to_le_bytes()[..1]);
            let memory = buffer.memory();
            assert!(memory <= MAX, "{memory} after {number}");
        }
        assert_eq!((buffer.retained(), buffer.omitted()), (MAX, 90_000));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// Any split, and any drains on the way through a second buffer.
        #[test]
        fn every_split_and_drain_equals_one_push(
            max in 0_usize..40,
            pieces in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..30), any::<bool>()), 0..12),
        ) {
            let all: Vec<u8> = pieces.iter().flat_map(|(piece, _)| piece.clone()).collect();
            let (mut split, mut polled, mut collected) =
                (HeadTail::new(max), HeadTail::new(max), HeadTail::new(max));
            for (piece, drained) in &pieces {
                split.push(piece);
                polled.push(piece);
                if *drained {
                    collected.push_buffer(&polled.drain());
                }
            }
            collected.push_buffer(&polled.drain());
            let once = whole(max, &all);
            prop_assert!(same(&split, &once));
            prop_assert!(same(&collected, &once));
            let (head, omitted, tail) = model(max, &all);
            prop_assert_eq!(once.head(), &head[..]);
            prop_assert_eq!(once.omitted(), omitted);
            prop_assert_eq!(once.to_bytes(), [head, tail].concat());
            prop_assert_eq!(once.total(), all.len() as u64);
        }
    }
}

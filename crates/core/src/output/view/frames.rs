//! A stream of bytes cut into frames for events, whole characters in each.
//!
//! It is apart from [`utf8`](super::utf8) because nothing is replaced here: the frames of a call,
//! put together, are the bytes that came. The rules are those of unified-exec 4.4. What must stay
//! true: no frame is above the limit, and what is no longer emitted is counted.

use std::borrow::Cow;

use super::utf8::incomplete_suffix;

/// The most bytes in one frame.
pub const FRAME_BYTES: usize = 8_192;

/// The most frames of one call. What comes later is counted and not emitted.
pub const FRAMES: u64 = 10_000;

/// Cuts chunks into frames of at most [`FRAME_BYTES`].
///
/// A frame does not end inside a character if that can be avoided: an incomplete character at the
/// end (at most three bytes) is held back for the next frame. Malformed bytes pass unchanged. A
/// chunk within the limit, with nothing held back, is one frame.
///
/// ```
/// use handfast::output::view::Frames;
///
/// let mut frames = Frames::new();
/// let mut seen = Vec::new();
/// frames.push(b"caf\xc3", |frame| seen.push(frame.to_vec()));
/// frames.push(b"\xa9", |frame| seen.push(frame.to_vec()));
/// assert_eq!(seen, [b"caf".to_vec(), "é".into()]);
/// ```
#[derive(Debug, Clone)]
pub struct Frames {
    held: Vec<u8>,
    most: u64,
    emitted: u64,
    withheld: Withheld,
}

/// What was not emitted because the call had all its frames.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Withheld {
    /// Frames that would have been.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Default for Frames {
    fn default() -> Self {
        Self::new()
    }
}

impl Frames {
    /// At most [`FRAMES`] frames.
    #[must_use]
    pub fn new() -> Self {
        Self::with_most(FRAMES)
    }

    /// At most `most` frames; the rest is counted.
    #[must_use]
    pub fn with_most(most: u64) -> Self {
        Self {
            held: Vec::new(),
            most,
            emitted: 0,
            withheld: Withheld::default(),
        }
    }

    /// Cuts one chunk, and calls `emit` for each frame in order.
    pub fn push(&mut self, chunk: &[u8], mut emit: impl FnMut(&[u8])) {
        let bytes = if self.held.is_empty() {
            Cow::Borrowed(chunk)
        } else {
            let mut joined = std::mem::take(&mut self.held);
            joined.extend_from_slice(chunk);
            Cow::Owned(joined)
        };
        let mut rest = &bytes[..];
        while rest.len() > incomplete_suffix(rest) {
            let most = rest.len().min(FRAME_BYTES);
            let whole = most - incomplete_suffix(&rest[..most]);
            let (frame, after) = rest.split_at(whole);
            self.send(frame, &mut emit);
            rest = after;
        }
        self.held = rest.to_vec();
    }

    /// Ends the stream: emits what was held back.
    pub fn finish(&mut self, mut emit: impl FnMut(&[u8])) {
        let held = std::mem::take(&mut self.held);
        if !held.is_empty() {
            self.send(&held, &mut emit);
        }
    }

    /// How many frames were emitted.
    #[must_use]
    pub fn emitted(&self) -> u64 {
        self.emitted
    }

    /// What was not emitted, because it was above the limit of frames.
    #[must_use]
    pub fn withheld(&self) -> Withheld {
        self.withheld
    }

    fn send(&mut self, frame: &[u8], emit: &mut impl FnMut(&[u8])) {
        if self.emitted < self.most {
            self.emitted += 1;
            emit(frame);
        } else {
            self.withheld.frames += 1;
            self.withheld.bytes += frame.len() as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frames<'b>(chunks: impl IntoIterator<Item = &'b [u8]>) -> Vec<Vec<u8>> {
        let (mut frames, mut seen) = (Frames::new(), Vec::new());
        for chunk in chunks {
            frames.push(chunk, |frame| seen.push(frame.to_vec()));
            assert!(frames.held.len() <= 3);
        }
        frames.finish(|frame| seen.push(frame.to_vec()));
        seen
    }

    fn lengths(chunk: &[u8]) -> Vec<usize> {
        frames([chunk]).iter().map(Vec::len).collect()
    }

    #[test]
    fn a_chunk_within_the_limit_is_one_frame() {
        assert_eq!(lengths(&[b'a'; FRAME_BYTES]), [8_192]);
        assert_eq!(lengths(&[b'a'; FRAME_BYTES + 1]), [8_192, 1]);
        assert!(lengths(b"").is_empty());
    }

    #[test]
    fn a_frame_ends_before_the_character_that_does_not_fit() {
        let mut text = "a".repeat(FRAME_BYTES - 1);
        text.push_str("éb");
        assert_eq!(lengths(text.as_bytes()), [8_191, 3]);
        let hearts = "💖".repeat(2_049);
        assert_eq!(lengths(hearts.as_bytes()), [8_192, 4]);
    }

    #[test]
    fn malformed_bytes_pass_and_the_end_is_flushed() {
        assert_eq!(lengths(&[0x80; FRAME_BYTES + 5]), [8_192, 5]);
        assert_eq!(
            frames([&b"a\xf0\x9f"[..], b"\xff\xe2\x82"]),
            [
                b"a".to_vec(),
                b"\xf0\x9f\xff".to_vec(),
                b"\xe2\x82".to_vec()
            ]
        );
    }

    #[test]
    fn what_is_above_the_limit_of_frames_is_counted() {
        let mut frames = Frames::with_most(2);
        let mut seen = 0;
        for chunk in [&b"one"[..], b"two", b"three", b"four\xc3"] {
            frames.push(chunk, |_| seen += 1);
        }
        frames.finish(|_| seen += 1);
        assert_eq!((seen, frames.emitted()), (2, 2));
        let want = Withheld {
            frames: 3,
            bytes: 10,
        };
        assert_eq!(frames.withheld(), want);
    }

    proptest! {
        #[test]
        fn frames_put_together_are_the_bytes(
            text in prop::collection::vec(any::<char>(), 0..6_000),
            noise in prop::collection::vec(any::<u8>(), 0..8),
            cut in any::<prop::sample::Index>(),
        ) {
            let text: String = text.into_iter().collect();
            let mut bytes = text.clone().into_bytes();
            let (left, right) = bytes.split_at(cut.index(bytes.len() + 1));
            for frame in frames([left, right]) {
                prop_assert!(frame.len() <= FRAME_BYTES);
                prop_assert!(std::str::from_utf8(&frame).is_ok());
            }
            bytes.splice(bytes.len() / 2..bytes.len() / 2, noise);
            for at in 0..bytes.len().min(64) {
                let (left, right) = bytes.split_at(at);
                prop_assert_eq!(frames([left, right]).concat(), &bytes[..]);
            }
        }
    }
}

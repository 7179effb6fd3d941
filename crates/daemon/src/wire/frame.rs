//! Frames: one message is one line, and no line is longer than was agreed.
//!
//! Pure: bytes in, lines out. What must stay true: whatever comes in, and in whatever parts, at most
//! the limit is held; a line that is too long is told once, when it has become so, and what follows it is
//! read as if nothing had been.

/// How long a line may be before the handshake, in bytes without its end: 64 KiB.
pub const FIRST_FRAME: usize = 64 * 1024;

/// How long a line may be after the handshake, in bytes without its end: 8 MiB. An environment of the
/// most that a system takes fits in, and a whole store of output in Base64.
pub const LONGEST_FRAME: usize = 8 * 1024 * 1024;

/// A line is longer than is allowed. What there was of it is dropped, and so is its rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("read a frame: it is longer than {limit} bytes")]
pub struct FrameTooLong {
    /// How long it may be.
    pub limit: usize,
}

/// Takes a stream of bytes apart.
///
/// ```
/// use handfast_daemon::wire::Frames;
///
/// let mut frames = Frames::new(10);
/// let mut input: &[u8] = b"one\ntw";
/// assert_eq!(frames.next_in(&mut input), Some(Ok(b"one".to_vec())));
/// assert_eq!(frames.next_in(&mut input), None); // all was taken, and a line is begun
/// assert_eq!(frames.next_in(&mut &b"o\n"[..]), Some(Ok(b"two".to_vec())));
/// ```
#[derive(Debug)]
pub struct Frames {
    limit: usize,
    held: Vec<u8>,
    /// The rest of a line that was too long is passed over.
    skipping: bool,
}

impl Frames {
    /// For lines of at most `limit` bytes, their end not counted.
    #[must_use]
    pub fn new(limit: usize) -> Frames {
        Frames {
            limit,
            held: Vec::new(),
            skipping: false,
        }
    }

    /// Allows lines of another length from the next one on.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// How many bytes are held of a line that has not ended.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// Whether a line is begun, also one that is passed over.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.skipping || !self.held.is_empty()
    }

    /// Takes bytes off the front of `input` until a line is whole; `None` once all are taken. Lines
    /// with nothing but blanks in them are passed over.
    ///
    /// # Errors
    ///
    /// [`FrameTooLong`], once for each line that is.
    pub fn next_in(&mut self, input: &mut &[u8]) -> Option<Result<Vec<u8>, FrameTooLong>> {
        while !input.is_empty() {
            let end = input.iter().position(|byte| *byte == b'\n');
            let (line, rest) = input.split_at(end.unwrap_or(input.len()));
            *input = rest.get(1..).unwrap_or_default();
            let taken = self.take(line);
            if end.is_none() {
                return taken.err().map(Err);
            }
            let frame = std::mem::take(&mut self.held);
            let skipped = std::mem::replace(&mut self.skipping, false);
            match taken {
                Err(error) => return Some(Err(error)),
                Ok(()) if skipped || frame.trim_ascii().is_empty() => {}
                Ok(()) => return Some(Ok(frame)),
            }
        }
        None
    }

    fn take(&mut self, line: &[u8]) -> Result<(), FrameTooLong> {
        if self.skipping {
            return Ok(());
        }
        if self.held.len() + line.len() > self.limit {
            self.held = Vec::new();
            self.skipping = true;
            return Err(FrameTooLong { limit: self.limit });
        }
        self.held.extend_from_slice(line);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Everything that comes of these parts, and the most that was held.
    fn all(limit: usize, parts: &[Vec<u8>]) -> (Vec<Result<Vec<u8>, FrameTooLong>>, usize) {
        let (mut frames, mut found, mut most) = (Frames::new(limit), Vec::new(), 0);
        for part in parts {
            let mut input = part.as_slice();
            while let Some(next) = frames.next_in(&mut input) {
                found.push(next);
            }
            assert!(input.is_empty());
            most = most.max(frames.held());
        }
        (found, most)
    }

    #[test]
    fn a_line_that_is_too_long_is_told_once_and_the_next_one_is_read() {
        let parts = [
            b"12345".to_vec(),
            b"67".to_vec(),
            b"8\nok\n1234\n12345\n".to_vec(),
        ];
        let (found, most) = all(4, &parts);
        let long = Err(FrameTooLong { limit: 4 });
        assert_eq!(
            found,
            [long.clone(), Ok(b"ok".to_vec()), Ok(b"1234".to_vec()), long]
        );
        assert_eq!(most, 0);
    }

    #[test]
    fn a_line_of_blanks_is_no_message() {
        let (found, _) = all(9, &[b"\n \r\n\t\nx\r\n".to_vec()]);
        assert_eq!(found, [Ok(b"x\r".to_vec())]);
    }

    proptest! {
        /// However the bytes are split, the same comes out, and no more than the limit is held.
        #[test]
        fn splits_do_not_matter(
            parts in prop::collection::vec(prop::collection::vec(prop::sample::select(&b"ab \n"[..]), 0..12), 0..12),
            limit in 0_usize..9,
        ) {
            let whole = [parts.concat()];
            let (split, most) = all(limit, &parts);
            prop_assert_eq!(split, all(limit, &whole).0);
            prop_assert!(most <= limit);
        }
    }
}

//! Bytes to text, without ever splitting a character between two reads.
//!
//! It is apart because a read ends wherever the pipe ended, also inside a character. What must stay
//! true: however the bytes are cut into pushes, the text is what [`String::from_utf8_lossy`] makes
//! of all of them together, and no more than three bytes are ever held back.

use std::str;

/// The most bytes that can be held back: a character of four bytes without its last.
pub const HELD_BYTES: usize = 3;

/// Turns bytes into text as they come. Malformed bytes become U+FFFD, as in
/// [`String::from_utf8_lossy`]: one for each maximal part of a character (Unicode 15, section 3.9,
/// "U+FFFD Substitution of Maximal Subparts").
///
/// ```
/// use handfast::output::view::Utf8;
///
/// let mut utf8 = Utf8::default();
/// let mut text = String::new();
/// utf8.push(b"caf\xc3", &mut text);
/// assert_eq!(text, "caf");
/// utf8.push(b"\xa9", &mut text);
/// assert_eq!(text, "café");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Utf8 {
    held: [u8; HELD_BYTES + 1],
    len: usize,
    replaced: u64,
}

impl Utf8 {
    /// Appends the text of `bytes` to `text`. The beginning of a character at the end is held back
    /// for the next push.
    pub fn push(&mut self, bytes: &[u8], text: &mut String) {
        let rest = self.complete(bytes, text);
        let mut at = 0;
        for chunk in rest.utf8_chunks() {
            text.push_str(chunk.valid());
            let invalid = chunk.invalid();
            at += chunk.valid().len() + invalid.len();
            if at == rest.len() && is_beginning(invalid) {
                self.held[..invalid.len()].copy_from_slice(invalid);
                self.len = invalid.len();
            } else if !invalid.is_empty() {
                self.replace(invalid.len(), text);
            }
        }
    }

    /// Ends the stream: what was held back is malformed after all. The reader is as new then, apart
    /// from its count.
    pub fn finish(&mut self, text: &mut String) {
        if self.len > 0 {
            self.replace(self.len, text);
            self.len = 0;
        }
    }

    /// How many malformed bytes became U+FFFD until now.
    #[must_use]
    pub fn replaced(&self) -> u64 {
        self.replaced
    }

    /// How many bytes are held back, at most [`HELD_BYTES`].
    #[must_use]
    pub fn held(&self) -> usize {
        self.len
    }

    /// Completes the character that is held back, byte by byte. Returns what is left.
    fn complete<'b>(&mut self, bytes: &'b [u8], text: &mut String) -> &'b [u8] {
        let mut rest = bytes;
        while self.len > 0
            && let Some((&byte, after)) = rest.split_first()
        {
            self.held[self.len] = byte;
            match str::from_utf8(&self.held[..=self.len]) {
                Ok(character) => {
                    text.push_str(character);
                    self.len = 0;
                    rest = after;
                }
                Err(error) if error.error_len().is_none() => {
                    self.len += 1;
                    rest = after;
                }
                // The byte does not belong to what is held; it is looked at again by itself.
                Err(_) => self.finish(text),
            }
        }
        rest
    }

    fn replace(&mut self, bytes: usize, text: &mut String) {
        self.replaced += bytes as u64;
        text.push(char::REPLACEMENT_CHARACTER);
    }
}

/// How many bytes at the end are the beginning of a character that more bytes could complete.
///
/// Between 0 and [`HELD_BYTES`]. Looks at the last three bytes only.
#[must_use]
pub fn incomplete_suffix(bytes: &[u8]) -> usize {
    let lead = (1..=bytes.len().min(HELD_BYTES))
        .find(|back| bytes[bytes.len() - back] & 0b1100_0000 != 0b1000_0000);
    lead.filter(|back| is_beginning(&bytes[bytes.len() - back..]))
        .unwrap_or(0)
}

/// Whether these are the first bytes of one well-formed character, and not all of it.
fn is_beginning(bytes: &[u8]) -> bool {
    str::from_utf8(bytes)
        .is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bytes that are often nearly UTF-8.
    fn nearly_text() -> impl Strategy<Value = Vec<u8>> {
        let part = prop_oneof![
            any::<char>().prop_map(|c| c.to_string().into_bytes()),
            any::<u8>().prop_map(|byte| vec![byte]),
            (any::<char>(), 1..4_usize).prop_map(|(c, cut)| {
                let mut bytes = c.to_string().into_bytes();
                bytes.truncate(cut);
                bytes
            }),
        ];
        prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
    }

    fn lossy<'b>(parts: impl IntoIterator<Item = &'b [u8]>) -> String {
        let (mut utf8, mut text) = (Utf8::default(), String::new());
        for part in parts {
            utf8.push(part, &mut text);
            assert!(utf8.held() <= HELD_BYTES);
        }
        utf8.finish(&mut text);
        text
    }

    #[test]
    fn malformed_bytes_are_replaced_and_counted() {
        let (mut utf8, mut text) = (Utf8::default(), String::new());
        utf8.push(b"a\xffb\xe2\x82c\xf0\x9f", &mut text);
        assert_eq!(text, "a\u{fffd}b\u{fffd}c");
        utf8.finish(&mut text);
        assert_eq!(text, "a\u{fffd}b\u{fffd}c\u{fffd}");
        assert_eq!((utf8.replaced(), utf8.held()), (5, 0));
    }

    #[test]
    fn the_incomplete_end_is_found() {
        let cases: [(&[u8], usize); 8] = [
            (b"", 0),
            (b"abc", 0),
            (b"a\xc3", 1),
            (b"\xe2\x82", 2),
            (b"\xf0\x9f\x92", 3),
            (b"\xf0\x9f\x92\x96", 0),
            (b"\x80\x80\x80", 0),
            (b"\xe0\x80", 0),
        ];
        for (bytes, want) in cases {
            assert_eq!(incomplete_suffix(bytes), want, "{bytes:x?}");
        }
    }

    proptest! {
        #[test]
        fn every_split_reads_as_the_whole(bytes in nearly_text()) {
            let want = String::from_utf8_lossy(&bytes);
            for at in 0..=bytes.len() {
                let (left, right) = bytes.split_at(at);
                prop_assert_eq!(lossy([left, right]), want.as_ref());
            }
            prop_assert_eq!(lossy(bytes.chunks(1)), want.as_ref());
        }
    }
}

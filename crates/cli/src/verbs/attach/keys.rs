//! The key that detaches, found in what is typed. Pure.

use std::str::FromStr;

/// A key that is one byte: Ctrl and a letter or a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DetachKey(u8);

impl Default for DetachKey {
    /// Ctrl-\.
    fn default() -> DetachKey {
        DetachKey(0x1c)
    }
}

impl DetachKey {
    /// How it is written.
    pub(crate) fn name(self) -> String {
        format!("ctrl-{}", char::from(self.0 | 0x40).to_ascii_lowercase())
    }
}

impl FromStr for DetachKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<DetachKey, &'static str> {
        const ODD: &str =
            "it is no key for this; give ctrl-a to ctrl-z, or ctrl-\\, ctrl-], ctrl-^, ctrl-_";
        let lower = text.to_ascii_lowercase();
        let letter = lower
            .strip_prefix("ctrl-")
            .or_else(|| lower.strip_prefix('^'));
        let mut letters = letter.ok_or(ODD)?.bytes();
        match (letters.next(), letters.next()) {
            // Enter, tab and escape are what people need for themselves.
            (Some(b'i' | b'j' | b'm'), None) => Err(ODD),
            (Some(letter @ (b'a'..=b'z' | b'\\' | b']' | b'^' | b'_')), None) => {
                Ok(DetachKey(letter & 0x1f))
            }
            _ => Err(ODD),
        }
    }
}

/// What was typed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Typed<'a> {
    /// What is for the program.
    pub(super) keys: &'a [u8],
    /// Whether the key that detaches came after it.
    pub(super) detaches: bool,
}

impl DetachKey {
    /// Looks for the key; what comes after it is for nobody.
    pub(super) fn find(self, typed: &[u8]) -> Typed<'_> {
        let at = typed.iter().position(|byte| *byte == self.0);
        Typed {
            keys: typed.get(..at.unwrap_or(typed.len())).unwrap_or_default(),
            detaches: at.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_in_three_ways_and_read_back() {
        for text in ["ctrl-\\", "Ctrl-\\", "^\\"] {
            assert_eq!(text.parse(), Ok(DetachKey::default()), "{text}");
        }
        for name in ["ctrl-a", "ctrl-]", "ctrl-^", "ctrl-_", "ctrl-\\"] {
            assert_eq!(name.parse::<DetachKey>().unwrap().name(), name);
        }
        for odd in ["", "a", "ctrl-", "ctrl-m", "ctrl-aa", "alt-a", "ctrl-1"] {
            assert!(odd.parse::<DetachKey>().is_err(), "{odd}");
        }
    }

    #[test]
    fn what_comes_before_the_key_is_typed_and_nothing_after_it() {
        let key = DetachKey::default();
        let found = key.find(b"ab\x1ccd");
        assert_eq!((found.keys, found.detaches), (&b"ab"[..], true));
        let found = key.find(b"ab");
        assert_eq!((found.keys, found.detaches), (&b"ab"[..], false));
    }
}

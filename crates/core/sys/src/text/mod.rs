//! Strings of the system as bytes, as they travel to the reaper and lie in files, and back.
//!
//! On Unix they are bytes. On Windows they are sixteen-bit units that need not be good Unicode; as bytes
//! they are WTF-8, so that every one comes back as it was.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod os;

use std::borrow::Cow;
use std::ffi::{CStr, CString, OsStr};

/// The bytes of a string.
#[must_use]
pub fn bytes(text: &OsStr) -> Cow<'_, [u8]> {
    os::bytes(text)
}

/// The string of these bytes. Those that [`bytes`] does not give (they were changed on the way) become
/// a string that says so.
#[must_use]
pub fn string(bytes: &[u8]) -> Cow<'_, OsStr> {
    os::string(bytes)
}

/// A string with a zero at its end, which it can be read back from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word(CString);

impl Word {
    /// The word for a string; `None` where it has a zero in it.
    #[must_use]
    pub fn new(text: &OsStr) -> Option<Word> {
        CString::new(text.as_encoded_bytes()).ok().map(Word)
    }

    /// Its bytes with the zero: on Unix the string as it is, on Windows as [`bytes`] writes it.
    #[must_use]
    pub fn zero_ended(&self) -> &CStr {
        &self.0
    }

    /// The string.
    #[must_use]
    pub fn text(&self) -> &OsStr {
        // SAFETY: they are the bytes of a string of this very standard library, which are not changed.
        unsafe { OsStr::from_encoded_bytes_unchecked(self.0.as_bytes()) }
    }

    /// What is before the first equals sign, and what is after it; all and nothing where there is none.
    #[must_use]
    pub fn parts(&self) -> (&OsStr, &OsStr) {
        let bytes = self.0.as_bytes();
        let at = bytes.iter().position(|byte| *byte == b'=');
        let (key, value) = match at {
            Some(at) => (&bytes[..at], &bytes[at + 1..]),
            None => (bytes, &b""[..]),
        };
        // SAFETY: as in `text`; both were cut off right beside a character of ASCII.
        unsafe {
            let key = OsStr::from_encoded_bytes_unchecked(key);
            (key, OsStr::from_encoded_bytes_unchecked(value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_come_back_as_they_were() {
        for text in ["", "a", "ä€𝄞", "C:\\Program Files\\x y"] {
            assert_eq!(string(&bytes(OsStr::new(text))), OsStr::new(text));
        }
        assert_eq!(Word::new(OsStr::new("a\0b")), None);
    }

    #[test]
    fn a_word_is_read_back_whole_and_in_parts() {
        for (text, key, value) in [("ä=€=b", "ä", "€=b"), ("a", "a", ""), ("=x", "", "x")] {
            let word = Word::new(OsStr::new(text)).unwrap();
            assert_eq!(word.text(), text);
            assert_eq!(word.parts(), (OsStr::new(key), OsStr::new(value)));
            assert_eq!(word.zero_ended().to_bytes(), &*bytes(OsStr::new(text)));
        }
    }
}

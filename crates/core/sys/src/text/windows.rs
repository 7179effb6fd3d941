//! Windows: they are units.

use crate::child::wtf8;
use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::os::windows::ffi::{OsStrExt, OsStringExt};

pub(super) fn bytes(text: &OsStr) -> Cow<'_, [u8]> {
    match text.to_str() {
        // WTF-8 of good Unicode is UTF-8.
        Some(text) => text.as_bytes().into(),
        None => wtf8::encode(&text.encode_wide().collect::<Vec<_>>()).into(),
    }
}

pub(super) fn string(bytes: &[u8]) -> Cow<'_, OsStr> {
    match (std::str::from_utf8(bytes), wtf8::decode(bytes)) {
        (Ok(text), _) => Cow::Borrowed(text.as_ref()),
        (Err(_), Some(units)) => OsString::from_wide(&units).into(),
        (Err(_), None) => OsString::from(String::from_utf8_lossy(bytes).into_owned()).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_surrogate_comes_back() {
        let text = OsString::from_wide(&[0x61, 0xd800, 0x62]);
        assert_eq!(string(&bytes(&text)), text);
        let word = super::super::Word::new(&text).unwrap();
        assert_eq!(word.zero_ended().to_bytes(), &*bytes(&text));
    }
}

//! Unix: they are bytes.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

pub(super) fn bytes(text: &OsStr) -> Cow<'_, [u8]> {
    text.as_bytes().into()
}

pub(super) fn string(bytes: &[u8]) -> Cow<'_, OsStr> {
    OsStr::from_bytes(bytes).into()
}

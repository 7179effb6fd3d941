//! The bytes that `puppet flood N` writes.
//!
//! Every byte is known from its offset alone, so a test can check any window of an output, however
//! much of it was dropped before.

/// The length of one line: its own offset in 15 digits, and a newline.
const LINE: u64 = 16;

/// Returns the `len` bytes of a flood that start at `offset`.
///
/// ```
/// assert_eq!(testkit::flood(0, 18), b"000000000000000\n00");
/// assert_eq!(testkit::flood(30, 2), b"6\n");
/// ```
#[must_use]
pub fn flood(offset: u64, len: usize) -> Vec<u8> {
    let first = offset / LINE * LINE;
    let skipped = usize::try_from(offset - first).expect("less than a line");
    let mut bytes = Vec::with_capacity(skipped + len + 16);
    let mut line = first;
    while bytes.len() < skipped + len {
        bytes.extend_from_slice(format!("{line:015}\n").as_bytes());
        line += LINE;
    }
    bytes.drain(..skipped);
    bytes.truncate(len);
    bytes
}

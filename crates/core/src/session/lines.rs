//! How much may be written to a terminal at once without being cut.
//!
//! In canonical mode the line discipline collects a line in a fixed buffer and throws away what does
//! not fit, without telling the writer. So it is counted here before anything is written: lines that
//! fit are paced, one that does not is refused. What must stay true: no plan holds a line above the
//! limit, and the parts of a plan are the bytes in order.
//!
//! Sources: Linux `drivers/tty/n_tty.c`, `N_TTY_BUF_SIZE` 4096, and termios(3): "the maximum line
//! length is 4096 chars (including the terminating newline character); lines longer than 4096 chars
//! are truncated". macOS `sys/syslimits.h`, `MAX_CANON` 1024.

use std::ops::Range;

/// What a terminal does with its input until a program reads it.
///
/// It is the program that decides, and it may change its mind between the question and the write.
/// Ask (`tcgetattr`, `ICANON`) right before each part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputMode {
    /// Line by line, in a buffer of this many bytes, the line end included.
    Canonical {
        /// The longest line, its end included.
        line_bytes: usize,
    },
    /// Byte by byte: a full buffer makes the writer wait, and nothing is lost.
    Raw,
}

impl InputMode {
    /// Canonical mode of Linux: 4,096 bytes.
    pub const LINUX: Self = Self::Canonical { line_bytes: 4_096 };

    /// Canonical mode of macOS: 1,024 bytes.
    pub const MACOS: Self = Self::Canonical { line_bytes: 1_024 };
}

/// A line that the terminal would cut. Nothing of the write was planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "line {line} of the input has {bytes} bytes and the terminal takes {limit} in one line; \
     break it up, or write it when the program has its terminal in raw mode"
)]
pub struct LineTooLong {
    /// Which line of this write, counted from 1.
    pub line: usize,
    /// Its bytes, with its end and with what was written to it before.
    pub bytes: usize,
    /// The most bytes of one line, its end included.
    pub limit: usize,
}

/// The lines written to one terminal, so that a line which comes in several writes is counted as one.
///
/// A line ends with `\n`, with `\r` (which a terminal turns into `\n` unless told otherwise), or with
/// the end-of-file character `^D`. Erasing (`^U`, backspace) is not followed: a line counts as longer
/// than it is, never as shorter.
///
/// ```
/// use handfast::session::{InputLines, InputMode};
///
/// let mut lines = InputLines::default();
/// let text = format!("{}\n", "x".repeat(3_000));
/// let parts = lines.plan(text.repeat(2).as_bytes(), InputMode::LINUX).unwrap();
/// assert_eq!(parts, [0..3_001, 3_001..6_002]);
///
/// let error = lines.plan(&[b'x'; 5_000], InputMode::LINUX).unwrap_err();
/// assert_eq!((error.line, error.bytes, error.limit), (1, 5_000, 4_096));
/// assert_eq!(lines.plan(&[b'x'; 5_000], InputMode::Raw).unwrap(), [0..5_000]);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InputLines {
    unfinished: usize,
}

impl InputLines {
    /// In which parts these bytes may be written. Each part but the last ends with a line end, and
    /// none is above the limit, so a reader that takes its time loses nothing.
    ///
    /// Only plans; call [`InputLines::wrote`] with what was really written.
    ///
    /// # Errors
    ///
    /// [`LineTooLong`] for the first line that would be cut. An unfinished line at the end must leave
    /// room for its end.
    pub fn plan(&self, bytes: &[u8], mode: InputMode) -> Result<Vec<Range<usize>>, LineTooLong> {
        let InputMode::Canonical { line_bytes: limit } = mode else {
            return Ok((!bytes.is_empty())
                .then_some(0..bytes.len())
                .into_iter()
                .collect());
        };
        let mut parts = Vec::new();
        let (mut part, mut begin, mut before) = (0, 0, self.unfinished);
        for (at, line) in bytes.split_inclusive(ends_line).enumerate() {
            let held = before + line.len();
            // What has no end yet needs one byte more for it.
            let missing = usize::from(!line.last().is_some_and(ends_line));
            if held + missing > limit {
                return Err(LineTooLong {
                    line: at + 1,
                    bytes: held,
                    limit,
                });
            }
            let end = begin + line.len();
            let open = if part == 0 { self.unfinished } else { 0 };
            if open + end - part > limit {
                parts.push(part..begin);
                part = begin;
            }
            (begin, before) = (end, 0);
        }
        if part < bytes.len() {
            parts.push(part..bytes.len());
        }
        Ok(parts)
    }

    /// These bytes were written.
    pub fn wrote(&mut self, bytes: &[u8]) {
        match bytes.iter().rposition(ends_line) {
            Some(end) => self.unfinished = bytes.len() - end - 1,
            None => self.unfinished += bytes.len(),
        }
    }

    /// The terminal threw its unread input away: after an interrupt, or `TCSAFLUSH`.
    pub fn flushed(&mut self) {
        self.unfinished = 0;
    }

    /// How many bytes were written since the last line end.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        self.unfinished
    }
}

fn ends_line(byte: &u8) -> bool {
    const END_OF_FILE: u8 = 0x04;
    matches!(*byte, b'\n' | b'\r' | END_OF_FILE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn planned(lines: InputLines, bytes: &[u8], mode: InputMode) -> Vec<(usize, usize)> {
        let parts = lines.plan(bytes, mode).unwrap();
        parts.iter().map(|part| (part.start, part.end)).collect()
    }

    /// What is written, and where its parts begin and end.
    type Case = (&'static [u8], &'static [(usize, usize)]);

    const TEN: InputMode = InputMode::Canonical { line_bytes: 10 };

    #[test]
    fn lines_that_fit_are_paced() {
        let cases: [Case; 7] = [
            (b"", &[]),
            (b"12345678\n", &[(0, 9)]),
            (b"123456789\n", &[(0, 10)]),
            (b"1234\n1234\n", &[(0, 10)]),
            (b"1234\n12345\n", &[(0, 5), (5, 11)]),
            (b"12345\r12345\x04123", &[(0, 6), (6, 15)]),
            (b"1234\n123456789", &[(0, 5), (5, 14)]),
        ];
        for (bytes, want) in cases {
            let parts = planned(InputLines::default(), bytes, TEN);
            assert_eq!(parts, want, "{bytes:?}");
        }
    }

    #[test]
    fn a_line_that_would_be_cut_is_refused() {
        let refused = |bytes: &[u8]| InputLines::default().plan(bytes, TEN).unwrap_err();
        let error = refused(b"ok\n1234567890\n");
        let want = LineTooLong {
            line: 2,
            bytes: 11,
            limit: 10,
        };
        assert_eq!(error, want);
        assert!(
            error
                .to_string()
                .starts_with("line 2 of the input has 11 bytes")
        );
        // Without its end it is too long as well: there is no room for one.
        assert_eq!(refused(b"1234567890").bytes, 10);
    }

    #[test]
    fn a_line_in_several_writes_is_one() {
        let mut lines = InputLines::default();
        lines.wrote(b"x\n12345");
        assert_eq!(lines.unfinished(), 5);
        assert_eq!(planned(lines, b"6789\n", TEN), [(0, 5)]);
        assert_eq!(lines.plan(b"67890\n", TEN).unwrap_err().bytes, 11);
        assert_eq!(planned(lines, b"6\n1234567\n", TEN), [(0, 2), (2, 10)]);
        lines.flushed();
        assert_eq!(planned(lines, b"12345678\n", TEN), [(0, 9)]);
    }

    #[test]
    fn raw_mode_takes_everything() {
        let lines = InputLines { unfinished: 9 };
        assert_eq!(planned(lines, &[b'x'; 50], InputMode::Raw), [(0, 50)]);
        assert!(lines.plan(b"", InputMode::Raw).unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn the_parts_of_a_plan_are_the_bytes_and_fit(
            before in 0..6_usize,
            bytes in "[ab\n\r]{0,40}",
        ) {
            let lines = InputLines { unfinished: before };
            let Ok(parts) = lines.plan(bytes.as_bytes(), TEN) else {
                return Ok(());
            };
            let mut at = 0;
            for part in &parts {
                prop_assert_eq!(part.start, at);
                prop_assert!(part.end > at);
                at = part.end;
                let open = if part.start == 0 { before } else { 0 };
                prop_assert!(open + part.len() <= 10);
                prop_assert!(at == bytes.len() || bytes[..at].ends_with(['\n', '\r']));
            }
            prop_assert_eq!(at, bytes.len());
        }
    }
}

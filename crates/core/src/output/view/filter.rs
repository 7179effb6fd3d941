//! Only the lines that match, and the numbers of lines.
//!
//! It is apart because the pattern comes from somebody else: it is bounded in length and in what it
//! compiles to, it cannot take more than linear time (the `regex` crate has no backtracking), and a
//! bad one is a typed error. What must stay true: a line is decided about once and as a whole, also
//! when it comes in parts, and what was left out is counted.

use regex::{Regex, RegexBuilder};

/// The longest pattern, in bytes.
pub const PATTERN_BYTES: usize = 4_096;

/// The most that a compiled pattern may take, in bytes.
pub const COMPILED_BYTES: usize = 1 << 20;

/// The longest line that is decided about as a whole, in bytes. A longer one is decided about in
/// parts of this size.
pub const LINE_BYTES: usize = 65_536;

/// Why a pattern is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// It is no regular expression of the `regex` crate.
    #[error("`{pattern}` is no regular expression: {reason}")]
    Malformed {
        /// The pattern.
        pattern: String,
        /// What is wrong with it, in one line.
        reason: String,
    },
    /// It is longer than [`PATTERN_BYTES`].
    #[error("the pattern has {bytes} bytes, at most {PATTERN_BYTES} are taken")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// Compiled it would be larger than [`COMPILED_BYTES`].
    #[error("the pattern `{pattern}` compiles to more than {COMPILED_BYTES} bytes")]
    TooLarge {
        /// The pattern.
        pattern: String,
    },
}

/// Which lines are wanted. `^` and `$` are the ends of the line.
///
/// ```
/// use handfast::output::view::LineFilter;
///
/// let errors = LineFilter::new("(?i)^error").unwrap();
/// assert!(errors.wants("ERROR: no"));
/// assert!(!errors.inverted().wants("ERROR: no"));
/// assert!(LineFilter::new("(").is_err());
/// ```
#[derive(Debug, Clone)]
pub struct LineFilter {
    regex: Regex,
    inverted: bool,
}

impl LineFilter {
    /// Lines in which the pattern is found.
    ///
    /// # Errors
    ///
    /// [`PatternError`] if the pattern is malformed or too large.
    pub fn new(pattern: &str) -> Result<Self, PatternError> {
        let bytes = pattern.len();
        if bytes > PATTERN_BYTES {
            return Err(PatternError::TooLong { bytes });
        }
        let mut builder = RegexBuilder::new(pattern);
        builder.size_limit(COMPILED_BYTES).multi_line(true);
        let regex = builder.build().map_err(|error| refusal(pattern, &error))?;
        let inverted = false;
        Ok(Self { regex, inverted })
    }

    /// The other lines.
    #[must_use]
    pub fn inverted(mut self) -> Self {
        self.inverted = !self.inverted;
        self
    }

    /// Whether this line, given without its line end, is wanted.
    #[must_use]
    pub fn wants(&self, line: &str) -> bool {
        self.regex.is_match(line) != self.inverted
    }
}

fn refusal(pattern: &str, error: &regex::Error) -> PatternError {
    let pattern = pattern.to_owned();
    if let regex::Error::CompiledTooBig(_) = error {
        return PatternError::TooLarge { pattern };
    }
    // The last line of the message says what is wrong; those before it draw the place.
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    let reason = last.trim_start_matches("error: ").to_owned();
    PatternError::Malformed { pattern, reason }
}

/// Passes the wanted lines on as text comes, with their numbers if asked.
///
/// Numbers count from 1 and count all lines, as `grep -n` does: `12:text`. With neither filter nor
/// numbers everything passes at once; otherwise an unfinished line is held back until it ends.
///
/// ```
/// use handfast::output::view::{LineFilter, Lines};
///
/// let mut lines = Lines::new(Some(LineFilter::new("b").unwrap()), true);
/// let mut text = String::new();
/// lines.push("a\nb", &mut text);
/// lines.push("\nc\n", &mut text);
/// assert_eq!(text, "2:b\n");
/// assert_eq!(lines.left_out().lines, 2);
/// ```
#[derive(Debug, Clone)]
pub struct Lines {
    filter: Option<LineFilter>,
    numbered: bool,
    number: u64,
    held: String,
    /// A part of the current line was decided about already.
    parted: bool,
    /// A part of the current line was passed on.
    shown: bool,
    left_out: super::Omitted,
}

impl Lines {
    /// Begins at line 1.
    #[must_use]
    pub fn new(filter: Option<LineFilter>, numbered: bool) -> Self {
        Self {
            filter,
            numbered,
            number: 1,
            held: String::new(),
            parted: false,
            shown: false,
            left_out: super::Omitted::default(),
        }
    }

    /// Appends the wanted lines of `text` to `out`.
    pub fn push(&mut self, text: &str, out: &mut String) {
        if self.filter.is_none() && !self.numbered {
            out.push_str(text);
            return;
        }
        for piece in text.split_inclusive('\n') {
            if self.held.is_empty() && piece.len() <= LINE_BYTES && piece.ends_with('\n') {
                self.decide(piece, out);
                continue;
            }
            self.held.push_str(piece);
            self.let_go(out);
        }
    }

    /// Decides about the unfinished line as it is now.
    pub fn finish(&mut self, out: &mut String) {
        let held = std::mem::take(&mut self.held);
        if !held.is_empty() {
            self.decide(&held, out);
        }
        (self.parted, self.shown) = (false, false);
    }

    /// What the filter left out until now.
    #[must_use]
    pub fn left_out(&self) -> super::Omitted {
        self.left_out
    }

    /// Decides about what is held, if the line ends in it or is too long.
    fn let_go(&mut self, out: &mut String) {
        let mut held = std::mem::take(&mut self.held);
        while held.len() > LINE_BYTES {
            let rest = held.split_off(held.floor_char_boundary(LINE_BYTES));
            self.decide(&held, out);
            held = rest;
        }
        if held.ends_with('\n') {
            self.decide(&held, out);
            held.clear();
        }
        self.held = held;
    }

    /// Decides about a line, or about a part of one.
    fn decide(&mut self, part: &str, out: &mut String) {
        let line = part.strip_suffix('\n').unwrap_or(part);
        let ends = line.len() < part.len();
        let filter = self.filter.as_ref();
        // The rest of a line may be nothing but its end.
        let is_end = self.parted && line.is_empty();
        let wanted = !is_end && filter.is_none_or(|filter| filter.wants(line));
        if wanted {
            if self.numbered && !self.shown {
                out.push_str(&self.number.to_string());
                out.push(':');
            }
            out.push_str(line);
            self.shown = true;
        } else {
            self.left_out.bytes += line.len() as u64;
        }
        self.parted = !ends;
        if ends {
            self.end_line(out);
        }
    }

    fn end_line(&mut self, out: &mut String) {
        self.number += 1;
        if std::mem::take(&mut self.shown) {
            out.push('\n');
        } else {
            self.left_out.lines += 1;
            self.left_out.bytes += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Omitted;
    use super::*;
    use proptest::prelude::*;

    fn passed(pattern: &str, numbered: bool, text: &str) -> (String, Omitted) {
        let filter = LineFilter::new(pattern).unwrap();
        let (mut lines, mut out) = (Lines::new(Some(filter), numbered), String::new());
        lines.push(text, &mut out);
        lines.finish(&mut out);
        (out, lines.left_out())
    }

    #[test]
    fn wanted_lines_pass_with_their_numbers() {
        let text = "one\ntwo\n\nthree";
        assert_eq!(passed("^t", false, text).0, "two\nthree");
        assert_eq!(passed("^t", true, text).0, "2:two\n4:three");
        assert_eq!(passed("^$", true, text).0, "3:\n");
        assert_eq!(passed("", true, "a\n").0, "1:a\n");
        let (out, left_out) = passed("none", true, text);
        assert_eq!(out, "");
        assert_eq!(
            left_out,
            Omitted {
                lines: 3,
                bytes: 14
            }
        );
    }

    #[test]
    fn a_pattern_is_refused_with_the_reason() {
        let error = LineFilter::new("a(b").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`a(b` is no regular expression: unclosed group"
        );
        let long = LineFilter::new(&"a".repeat(PATTERN_BYTES + 1)).unwrap_err();
        assert_eq!(long, PatternError::TooLong { bytes: 4_097 });
        let large = LineFilter::new(r"\w{200}{50}").unwrap_err();
        assert!(matches!(large, PatternError::TooLarge { .. }), "{large:?}");
    }

    #[test]
    fn a_line_of_any_length_is_decided_about_in_parts() {
        let filter = LineFilter::new("x").unwrap();
        let (mut lines, mut out) = (Lines::new(Some(filter), true), String::new());
        let dull = "-".repeat(LINE_BYTES);
        for part in [dull.as_str(), &dull, "x", &dull[1..], "y\nnext x\n"] {
            lines.push(part, &mut out);
            assert!(lines.held.len() <= LINE_BYTES);
        }
        assert!(out.starts_with("1:x---"));
        assert!(
            out.ends_with("-\n2:next x\n"),
            "{:?}",
            &out[out.len() - 20..]
        );
        let left_out = lines.left_out();
        assert_eq!(left_out.lines, 0);
        assert_eq!(left_out.bytes as usize, 2 * LINE_BYTES + 1);
    }

    #[test]
    fn a_long_line_that_ends_with_its_part_ends_once() {
        let exact = "x".repeat(LINE_BYTES);
        for text in [format!("{exact}\n"), format!("{exact}{exact}\nx\n")] {
            assert_eq!(passed("x", false, &text).0, text);
        }
        assert_eq!(passed("^$", false, &format!("{exact}\n")).0, "");
    }

    proptest! {
        #[test]
        fn every_split_passes_the_same(text in "[abé\n]{0,24}", numbered in any::<bool>()) {
            let want = passed("a", numbered, &text);
            for at in (0..=text.len()).filter(|&at| text.is_char_boundary(at)) {
                let filter = LineFilter::new("a").unwrap();
                let (mut lines, mut out) = (Lines::new(Some(filter), numbered), String::new());
                lines.push(&text[..at], &mut out);
                lines.push(&text[at..], &mut out);
                lines.finish(&mut out);
                prop_assert_eq!(&(out, lines.left_out()), &want);
            }
        }
    }
}

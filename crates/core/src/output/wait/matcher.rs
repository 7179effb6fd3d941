//! Looking for a pattern in output that comes in pieces.
//!
//! Pure. What must stay true: where the pieces are cut makes no difference to matches of up to
//! [`LOOK_BEHIND`] bytes; the work for each look is bounded by the new bytes and [`LOOK_BEHIND`], so
//! all looks together are never quadratic; memory is bounded by one piece and [`LOOK_BEHIND`].

use crate::output::Chunk;
use regex::bytes::{Regex, RegexBuilder};
use std::fmt;
use std::str::FromStr;

/// How many bytes that were looked at before are looked at again together with new ones: a match
/// that is longer is found only where it comes in one piece.
pub const LOOK_BEHIND: usize = 4096;

/// What tells the beginning of a line or a word: one character before.
const CONTEXT: usize = 4;

/// How much memory a pattern may take.
const SIZE: usize = 1 << 20;

/// A regular expression (of the crate `regex`) for bytes.
///
/// It sees the output as it is when it looks, so `$` matches at the end of what has come so far, as
/// one wants it for prompts, and `^` at the offset where looking begins (with `(?m)`: at lines).
/// Matching takes time linear in the output, whatever the pattern.
///
/// ```
/// use handfast::output::Pattern;
///
/// let pattern: Pattern = "(?m)^listening on port [0-9]+$".parse()?;
/// assert_eq!(pattern.to_string(), "(?m)^listening on port [0-9]+$");
/// assert!("(".parse::<Pattern>().is_err());
/// # Ok::<(), handfast::output::PatternError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

/// This is no pattern, or it would take more than 1 MiB.
#[derive(Debug, Clone, thiserror::Error)]
#[error("no usable pattern: {reason}")]
pub struct PatternError {
    /// What is wrong with it, for people.
    pub reason: String,
}

impl Pattern {
    /// A pattern for exactly this text.
    #[must_use]
    pub fn literal(text: &str) -> Option<Pattern> {
        regex::escape(text).parse().ok()
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let regex = RegexBuilder::new(text).size_limit(SIZE).build();
        regex.map(Pattern).map_err(|error| PatternError {
            reason: error.to_string(),
        })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.as_str())
    }
}

/// One search.
#[derive(Debug)]
pub(super) struct Matcher {
    pattern: Pattern,
    /// What is looked at again: some context, then up to [`LOOK_BEHIND`] bytes.
    window: Vec<u8>,
    /// Where in the window a match may begin.
    begin: usize,
    /// The offset of the byte after the window.
    next: u64,
    unseen: u64,
}

impl Matcher {
    /// Looks from this offset on.
    pub(super) fn new(pattern: Pattern, from: u64) -> Matcher {
        Matcher {
            pattern,
            window: Vec::new(),
            begin: 0,
            next: from,
            unseen: 0,
        }
    }

    /// Where to read on.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// How many bytes it was never shown.
    pub(super) fn unseen(&self) -> u64 {
        self.unseen
    }

    /// Looks at what was read from [`Matcher::next`]; answers offset and length of the first match.
    pub(super) fn look(&mut self, chunk: &Chunk) -> Option<(u64, usize)> {
        if chunk.omitted_before > 0 {
            self.unseen += chunk.omitted_before;
            // Neither the beginning of a line nor of a word: it is not known what came before.
            self.window = vec![0];
            self.begin = 1;
        }
        self.window.extend_from_slice(&chunk.bytes);
        self.next = chunk.next.offset();
        let found = self.pattern.0.find_at(&self.window, self.begin);
        if let Some(found) = found {
            let behind = (self.window.len() - found.start()) as u64;
            return Some((self.next - behind, found.len()));
        }
        let begin = self.window.len().saturating_sub(LOOK_BEHIND);
        let begin = begin.max(self.begin);
        let kept = begin.saturating_sub(CONTEXT);
        self.window.drain(..kept);
        self.begin = begin - kept;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Cursor;
    use proptest::prelude::*;

    fn chunk(offset: u64, omitted: u64, bytes: &[u8]) -> Chunk {
        let mut chunk = Chunk::new(offset - omitted, offset);
        chunk.bytes = bytes.to_vec();
        chunk.next = Cursor::new(
            offset + bytes.len() as u64,
            crate::output::Counts::default(),
        );
        chunk
    }

    fn search(pattern: &str, pieces: &[&[u8]]) -> Option<(u64, usize)> {
        let mut matcher = Matcher::new(pattern.parse().unwrap(), 0);
        pieces
            .iter()
            .find_map(|piece| matcher.look(&chunk(matcher.next(), 0, piece)))
    }

    #[test]
    fn a_match_may_be_cut_anywhere() {
        assert_eq!(search("ready", &[b"x re", b"a", b"dy!"]), Some((2, 5)));
        assert_eq!(search(">>> $", &[b"3\n>", b">> "]), Some((2, 4)));
        assert_eq!(search("ready", &[b"rea", b"Dy"]), None);
    }

    #[test]
    fn what_comes_before_counts_for_lines_and_words() {
        assert_eq!(search("(?m)^b", &[b"a", b"b", b"\n", b"b"]), Some((3, 1)));
        assert_eq!(search("^b", &[b"a", b"b"]), None);
        assert_eq!(search(r"\bb", &["ä".as_bytes(), b"b b"]), Some((4, 1)));
    }

    #[test]
    fn far_from_the_beginning_it_is_not_the_beginning() {
        let long = vec![b'a'; 3 * LOOK_BEHIND];
        assert_eq!(search("^ab", &[&long, b"b"]), None);
        assert_eq!(
            search("ab", &[&long, b"b"]),
            Some((long.len() as u64 - 1, 2))
        );
    }

    #[test]
    fn a_gap_is_counted_and_nothing_matches_across_it() {
        let mut matcher = Matcher::new("(?m)^dy|ready".parse().unwrap(), 0);
        assert_eq!(matcher.look(&chunk(0, 0, b"rea")), None);
        assert_eq!(matcher.look(&chunk(10, 7, b"dy")), None);
        assert_eq!(matcher.look(&chunk(12, 0, b" ready")), Some((13, 5)));
        assert_eq!(matcher.unseen(), 7);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut matcher = Matcher::new("b".parse().unwrap(), 0);
        for number in 0..10_000 {
            assert_eq!(matcher.look(&chunk(number * 3, 0, b"aaa")), None);
            assert!(matcher.window.len() <= LOOK_BEHIND + CONTEXT);
        }
    }

    proptest! {
        /// Any pieces find what one piece finds, where a match cannot grow.
        #[test]
        fn where_the_pieces_are_cut_makes_no_difference(
            text in "[ab\n]{0,60}", cuts in prop::collection::vec(0_usize..61, 0..8),
            pattern in prop::sample::select(&["ab", "aab|ba", "(?m)^b", "(?m)a\nb", r"\bab", "a{3}", "^a"][..]),
        ) {
            let text = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &text[cut[0]..cut[1]]).collect();
            let whole = regex::bytes::Regex::new(pattern).unwrap().find(text)
                .map(|found| (found.start() as u64, found.len()));
            prop_assert_eq!(search(pattern, &pieces), whole);
        }
    }
}

//! The beginning and the end of a text, by lines or by bytes, and what was left out between.
//!
//! It is apart because a text may be larger than memory: only what is kept is held. What must stay
//! true: head, what was omitted and tail are the whole text in order, the omitted part is counted
//! exactly, and characters stay whole.
//!
//! A line ends with its `\n`; what comes after the last one is a line too, if there is anything.

use std::fmt;

/// The most bytes of each half when lines are counted: a line has any length.
pub const HALF_BYTES: usize = 1 << 20;

/// Which part of a text is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Excerpt {
    /// All of it.
    #[default]
    All,
    /// The first `head` and the last `tail` lines, each half at most [`HALF_BYTES`].
    Lines {
        /// How many lines of the beginning.
        head: usize,
        /// How many lines of the end.
        tail: usize,
    },
    /// The first `head` and the last `tail` bytes, less where a character would be split.
    Bytes {
        /// How many bytes of the beginning.
        head: usize,
        /// How many bytes of the end.
        tail: usize,
    },
}

impl Excerpt {
    /// The first `lines` lines.
    #[must_use]
    pub fn head(lines: usize) -> Self {
        Self::Lines {
            head: lines,
            tail: 0,
        }
    }

    /// The last `lines` lines.
    #[must_use]
    pub fn tail(lines: usize) -> Self {
        Self::Lines {
            head: 0,
            tail: lines,
        }
    }
}

/// What was left out between head and tail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Omitted {
    /// Line ends in it.
    pub lines: u64,
    /// Bytes of text.
    pub bytes: u64,
}

impl Omitted {
    fn add(&mut self, text: &str) {
        self.lines += line_ends(text);
        self.bytes += text.len() as u64;
    }
}

/// The kept parts of a text.
///
/// `Display` joins them. Where something is missing it says so: `... {n} lines omitted ...`, or
/// `... {n} bytes omitted ...` where no line end is missing or bytes were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    /// The beginning.
    pub head: String,
    /// What is missing after it.
    pub omitted: Omitted,
    /// The end.
    pub tail: String,
    by_lines: bool,
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.head)?;
        let Omitted { lines, bytes } = self.omitted;
        if bytes > 0 {
            if !self.head.is_empty() && !self.head.ends_with('\n') {
                f.write_str("\n")?;
            }
            if self.by_lines && lines > 0 {
                writeln!(f, "... {lines} lines omitted ...")?;
            } else {
                writeln!(f, "... {bytes} bytes omitted ...")?;
            }
        }
        f.write_str(&self.tail)
    }
}

/// Keeps the wanted part of a text as it comes.
///
/// ```
/// use handfast::output::view::{Excerpt, Excerpts};
///
/// let mut excerpts = Excerpts::new(Excerpt::Lines { head: 1, tail: 1 });
/// excerpts.push("one\ntwo\nth");
/// excerpts.push("ree\nfour\n");
/// assert_eq!(excerpts.finish().to_string(), "one\n... 2 lines omitted ...\nfour\n");
/// ```
#[derive(Debug, Clone)]
pub struct Excerpts {
    excerpt: Excerpt,
    head: String,
    head_lines: usize,
    head_full: bool,
    omitted: Omitted,
    tail: String,
    /// The length of the tail at which it is cut next.
    cut_at: usize,
}

/// How much the tail may grow before it is cut again, so that cutting costs little for each byte.
const SLACK: usize = 64 * 1024;

impl Excerpts {
    /// Begins a text.
    #[must_use]
    pub fn new(excerpt: Excerpt) -> Self {
        Self {
            excerpt,
            head: String::new(),
            head_lines: 0,
            head_full: false,
            omitted: Omitted::default(),
            tail: String::new(),
            cut_at: SLACK,
        }
    }

    /// The next part of the text.
    pub fn push(&mut self, text: &str) {
        let into_head = if self.head_full {
            0
        } else {
            self.head_part(text)
        };
        let (head, rest) = text.split_at(into_head);
        self.head.push_str(head);
        if rest.is_empty() {
            return;
        }
        self.head_full = true;
        if self.wants_no_tail() {
            self.omitted.add(rest);
            return;
        }
        self.tail.push_str(rest);
        if self.tail.len() >= self.cut_at {
            self.cut_tail();
            self.cut_at = 2 * self.tail.len() + SLACK;
        }
    }

    /// Ends the text.
    #[must_use]
    pub fn finish(mut self) -> Kept {
        self.cut_tail();
        Kept {
            head: self.head,
            omitted: self.omitted,
            tail: self.tail,
            by_lines: matches!(self.excerpt, Excerpt::Lines { .. }),
        }
    }

    fn wants_no_tail(&self) -> bool {
        match self.excerpt {
            Excerpt::All => false,
            Excerpt::Lines { tail, .. } | Excerpt::Bytes { tail, .. } => tail == 0,
        }
    }

    /// How many bytes of `text` belong to the head.
    fn head_part(&mut self, text: &str) -> usize {
        match self.excerpt {
            Excerpt::All => text.len(),
            Excerpt::Bytes { head, .. } => text.floor_char_boundary(head - self.head.len()),
            Excerpt::Lines { head, .. } => {
                let wanted = head - self.head_lines;
                let (end, ends) = first_lines(text, wanted);
                self.head_lines += ends;
                text[..end].floor_char_boundary(HALF_BYTES - self.head.len())
            }
        }
    }

    /// Cuts the tail down to what is wanted.
    fn cut_tail(&mut self) {
        let from = match self.excerpt {
            Excerpt::All => 0,
            Excerpt::Bytes { tail, .. } => self.tail.len().saturating_sub(tail),
            Excerpt::Lines { tail, .. } => {
                let most = self.tail.len().saturating_sub(HALF_BYTES);
                last_lines(&self.tail, tail).max(most)
            }
        };
        let from = self.tail.ceil_char_boundary(from);
        self.omitted.add(&self.tail[..from]);
        self.tail.drain(..from);
    }
}

fn line_ends(text: &str) -> u64 {
    text.bytes().filter(|&byte| byte == b'\n').count() as u64
}

/// Where the first `lines` lines end, and how many of them have their line end there.
fn first_lines(text: &str, lines: usize) -> (usize, usize) {
    if lines == 0 {
        return (0, 0);
    }
    let mut ends = 0;
    for (at, _) in text.match_indices('\n') {
        ends += 1;
        if ends == lines {
            return (at + 1, ends);
        }
    }
    (text.len(), ends)
}

/// Where the last `lines` lines begin.
fn last_lines(text: &str, lines: usize) -> usize {
    if lines == 0 {
        return text.len();
    }
    let inner = text.strip_suffix('\n').unwrap_or(text);
    let mut ends = inner.rmatch_indices('\n');
    ends.nth(lines - 1).map_or(0, |(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kept(excerpt: Excerpt, text: &str) -> Kept {
        let mut excerpts = Excerpts::new(excerpt);
        excerpts.push(text);
        excerpts.finish()
    }

    fn shown(excerpt: Excerpt, text: &str) -> String {
        kept(excerpt, text).to_string()
    }

    #[test]
    fn lines_of_both_ends_are_kept() {
        let lines = |head, tail| Excerpt::Lines { head, tail };
        let cases = [
            (lines(1, 1), "a\nb\nc\n", "a\n... 1 lines omitted ...\nc\n"),
            (lines(1, 1), "a\nb\nc", "a\n... 1 lines omitted ...\nc"),
            (lines(2, 1), "a\nb\nc\n", "a\nb\nc\n"),
            (lines(9, 9), "a\nb", "a\nb"),
            (lines(0, 0), "a\nb", "... 1 lines omitted ...\n"),
            (lines(0, 0), "ab", "... 2 bytes omitted ...\n"),
            (Excerpt::head(1), "a\nb\n", "a\n... 1 lines omitted ...\n"),
            (Excerpt::tail(1), "a\nb\n", "... 1 lines omitted ...\nb\n"),
            (Excerpt::tail(1), "", ""),
            (Excerpt::All, "a\nb", "a\nb"),
        ];
        for (excerpt, text, want) in cases {
            assert_eq!(shown(excerpt, text), want, "{excerpt:?} of {text:?}");
        }
    }

    #[test]
    fn bytes_of_both_ends_are_kept_and_characters_whole() {
        let bytes = |head, tail| Excerpt::Bytes { head, tail };
        let cases = [
            (bytes(2, 2), "abcdef", "ab\n... 2 bytes omitted ...\nef"),
            (bytes(2, 2), "éxé", "é\n... 1 bytes omitted ...\né"),
            (bytes(3, 3), "éxé", "éxé"),
            (bytes(1, 1), "éé", "... 4 bytes omitted ...\n"),
            (bytes(2, 0), "a\nb\n", "a\n... 2 bytes omitted ...\n"),
        ];
        for (excerpt, text, want) in cases {
            assert_eq!(shown(excerpt, text), want, "{excerpt:?} of {text:?}");
        }
    }

    #[test]
    fn lines_of_any_length_are_held_within_bounds() {
        let mut excerpts = Excerpts::new(Excerpt::Lines { head: 1, tail: 1 });
        let block = "é".repeat(50_000);
        for _ in 0..100 {
            excerpts.push(&block);
            assert!(excerpts.head.len() + excerpts.tail.len() <= 5 * HALF_BYTES);
        }
        let kept = excerpts.finish();
        assert_eq!((kept.head.len(), kept.tail.len()), (HALF_BYTES, HALF_BYTES));
        let rest = 10_000_000 - 2 * HALF_BYTES as u64;
        let want = Omitted {
            lines: 0,
            bytes: rest,
        };
        assert_eq!(kept.omitted, want);
    }

    fn any_excerpt() -> impl Strategy<Value = Excerpt> {
        let half = 0..6_usize;
        prop_oneof![
            (half.clone(), half.clone()).prop_map(|(head, tail)| Excerpt::Lines { head, tail }),
            (half.clone(), half).prop_map(|(head, tail)| Excerpt::Bytes { head, tail }),
        ]
    }

    proptest! {
        #[test]
        fn head_and_omitted_and_tail_are_the_whole(
            excerpt in any_excerpt(),
            text in "[aé\n]{0,24}",
        ) {
            let kept = kept(excerpt, &text);
            prop_assert!(text.starts_with(&kept.head));
            prop_assert!(text.ends_with(&kept.tail));
            let gone = text.len() - kept.head.len() - kept.tail.len();
            prop_assert_eq!(gone as u64, kept.omitted.bytes);
            let between = &text[kept.head.len()..text.len() - kept.tail.len()];
            prop_assert_eq!(line_ends(between), kept.omitted.lines);
        }

        #[test]
        fn every_split_keeps_the_same(excerpt in any_excerpt(), text in "[aé\n]{0,24}") {
            let want = kept(excerpt, &text);
            for at in (0..=text.len()).filter(|&at| text.is_char_boundary(at)) {
                let mut excerpts = Excerpts::new(excerpt);
                excerpts.push(&text[..at]);
                excerpts.push(&text[at..]);
                prop_assert_eq!(&excerpts.finish(), &want);
            }
        }
    }
}

//! The stages of a view, one behind the other, over a stream that comes in parts.
//!
//! It is apart from the settings because it has state: what a read held back is the beginning of the
//! next one. What must stay true: the input is worked through in blocks, so that between the stages
//! there is never more than a few blocks of text.

use super::{
    Collected, Escapes, Excerpts, LeftOut, Lines, Overwrite, Piece, Seen, Utf8, View,
    estimate_tokens, truncate_middle,
};

/// How many bytes go through the stages at once.
const BLOCK: usize = 64 * 1024;

/// Reads a stream through a [`View`], part by part.
///
/// [`take`](ViewReader::take) gives what can be shown until now; what it gives is not given again.
/// Held back are the beginning of a character and, with a filter or numbers, an unfinished line. An
/// unfinished line that is shown cannot be overwritten by what comes later.
///
/// ```
/// use handfast::output::view::View;
///
/// let mut reader = View::plain().reader();
/// reader.push(b"Name\xc3");
/// assert_eq!(reader.take().text, "Name");
/// reader.push(b"\xa9? \x1b[3");
/// assert_eq!(reader.take().text, "é? ");
/// reader.push(b"2mok\n");
/// assert_eq!(reader.finish().text, "ok\n");
/// ```
#[derive(Debug, Clone)]
pub struct ViewReader {
    view: View,
    utf8: Utf8,
    escapes: Escapes,
    overwrite: Overwrite,
    lines: Lines,
    excerpts: Excerpts,
    /// Bytes of input since the last take.
    observed: u64,
    /// Bytes of gaps since the last take.
    missing: u64,
    /// The counts of the stages at the last take.
    before: LeftOut,
}

impl ViewReader {
    pub(super) fn new(view: View) -> Self {
        Self {
            utf8: Utf8::default(),
            escapes: Escapes::default(),
            overwrite: Overwrite::default(),
            lines: Lines::new(view.filter.clone(), view.numbered),
            excerpts: Excerpts::new(view.excerpt),
            observed: 0,
            missing: 0,
            before: LeftOut::default(),
            view,
        }
    }

    /// The next bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.observed += bytes.len() as u64;
        for block in bytes.chunks(BLOCK) {
            let mut text = String::with_capacity(block.len());
            self.utf8.push(block, &mut text);
            self.text(&text);
        }
    }

    /// Bytes of the stream are missing here: the line `... {bytes} bytes omitted ...` stands for
    /// them, whatever the filter. What was held back is shown before it, and an unfinished escape
    /// sequence is forgotten.
    pub fn gap(&mut self, bytes: u64) {
        if bytes == 0 {
            return;
        }
        self.end_line(true);
        self.escapes.reset();
        self.missing += bytes;
        self.excerpts
            .push(&format!("\n... {bytes} bytes omitted ...\n"));
    }

    /// What can be shown until now.
    pub fn take(&mut self) -> Seen {
        self.end_line(false);
        self.seen()
    }

    /// All that is left.
    #[must_use]
    pub fn finish(mut self) -> Seen {
        self.end_line(true);
        self.seen()
    }

    /// Decoded text through the other stages.
    fn text(&mut self, text: &str) {
        if !self.view.strip {
            self.collapse(text);
            return;
        }
        if !self.view.collapse {
            let mut plain = String::with_capacity(text.len());
            self.escapes.push_text(text, &mut plain);
            self.select(&plain);
            return;
        }
        let overwrite = &mut self.overwrite;
        let mut shown = String::with_capacity(text.len());
        self.escapes.push(text, |piece| match piece {
            Piece::Text(text) => overwrite.push(text, &mut shown),
            Piece::Erase(part) => overwrite.erase(part),
            Piece::Column(column) => overwrite.column(column),
            Piece::Shift(columns) => overwrite.shift(columns),
        });
        self.select(&shown);
    }

    fn collapse(&mut self, text: &str) {
        if self.view.collapse {
            let mut shown = String::with_capacity(text.len());
            self.overwrite.push(text, &mut shown);
            self.select(&shown);
        } else {
            self.select(text);
        }
    }

    fn select(&mut self, text: &str) {
        let mut selected = String::new();
        self.lines.push(text, &mut selected);
        self.excerpts.push(&selected);
    }

    /// Shows the unfinished line. At the end of a part of the stream (`last`) also what could still
    /// have become a character, or a line that the filter wants.
    fn end_line(&mut self, last: bool) {
        if last {
            let mut text = String::new();
            self.utf8.finish(&mut text);
            self.text(&text);
        }
        let mut shown = String::new();
        self.overwrite.finish(&mut shown);
        self.select(&shown);
        if last {
            let mut selected = String::new();
            self.lines.finish(&mut selected);
            self.excerpts.push(&selected);
        }
    }

    /// Ends what is shown, and begins the next.
    fn seen(&mut self) -> Seen {
        let next = Excerpts::new(self.view.excerpt);
        let kept = std::mem::replace(&mut self.excerpts, next).finish();
        let mut left_out = self.counted();
        left_out.excerpted = kept.omitted;
        let mut text = kept.to_string();
        if let Some(budget) = self.view.budget {
            left_out.truncated_bytes = truncate_middle(&text, budget).removed_bytes as u64;
            let mut collected = Collected::whole(&text);
            if self.missing > 0 {
                collected.omitted_bytes = self.missing;
                collected.original_tokens = estimate_tokens(self.observed + self.missing);
            }
            text = collected.within(budget).into_owned();
        }
        (self.observed, self.missing) = (0, 0);
        Seen { text, left_out }
    }

    /// What the stages left out since the last take.
    fn counted(&mut self) -> LeftOut {
        let total = LeftOut {
            missing_bytes: self.before.missing_bytes + self.missing,
            malformed_bytes: self.utf8.replaced(),
            escape_bytes: self.escapes.stripped(),
            overwritten_bytes: self.overwrite.overwritten(),
            filtered: self.lines.left_out(),
            ..LeftOut::default()
        };
        let before = std::mem::replace(&mut self.before, total);
        let mut since = total;
        since.missing_bytes -= before.missing_bytes;
        since.malformed_bytes -= before.malformed_bytes;
        since.escape_bytes -= before.escape_bytes;
        since.overwritten_bytes -= before.overwritten_bytes;
        since.filtered.lines -= before.filtered.lines;
        since.filtered.bytes -= before.filtered.bytes;
        since
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Excerpt, LineFilter, Omitted, Policy};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_raw_view_changes_nothing_but_malformed_bytes() {
        let seen = View::raw().read(b"\x1b[1ma\rb\x08\xff\n");
        assert_eq!(seen.text, "\u{1b}[1ma\rb\u{8}\u{fffd}\n");
        let want = LeftOut {
            malformed_bytes: 1,
            ..LeftOut::default()
        };
        assert_eq!(seen.left_out, want);
    }

    #[test]
    fn erased_progress_leaves_no_rest() {
        let bytes = b"\x1b[32m Building \x1b[0m[====> ] 99%\r\x1b[K\x1b[32m Finished\x1b[0m\n";
        let seen = View::plain().read(bytes);
        assert_eq!(seen.text, " Finished\n");
        assert_eq!(seen.left_out.overwritten_bytes, 22);
        // Alone, each stage does what it says.
        let stripped = View::raw().strip(true).read(bytes).text;
        assert_eq!(stripped, " Building [====> ] 99%\r Finished\n");
    }

    #[test]
    fn every_stage_counts() {
        let view = View::plain()
            .filter(LineFilter::new("a").unwrap())
            .numbered(true)
            .excerpt(Excerpt::Lines { head: 1, tail: 1 })
            .budget(Policy::Bytes(4));
        let seen = view.read(b"x\ra1\nno\n\x1b[1ma2\na3\n\xff a4");
        let excerpt = "1:a1\n... 2 lines omitted ...\n5:\u{fffd} a4";
        assert!(excerpt.ends_with("a4"));
        let want = LeftOut {
            missing_bytes: 0,
            malformed_bytes: 1,
            escape_bytes: 4,
            overwritten_bytes: 1,
            filtered: Omitted { lines: 1, bytes: 3 },
            excerpted: Omitted {
                lines: 2,
                bytes: 10,
            },
            truncated_bytes: excerpt.len() as u64 - 4,
        };
        assert_eq!(seen.left_out, want);
        assert!(
            seen.text.ends_with("\n\n1:…31 chars truncated…a4"),
            "{}",
            seen.text
        );
    }

    #[test]
    fn a_gap_is_said_whatever_the_filter() {
        let mut reader = View::plain().filter(LineFilter::new("b").unwrap()).reader();
        reader.push(b"a\nbe\x1b]0;tit");
        reader.gap(7);
        reader.gap(0);
        reader.push(b"b\nc\n");
        let seen = reader.finish();
        assert_eq!(seen.text, "be\n... 7 bytes omitted ...\nb\n");
        assert_eq!(seen.left_out.missing_bytes, 7);
    }

    #[test]
    fn a_gap_changes_the_warning() {
        let mut reader = View::raw().budget(Policy::Tokens(1)).reader();
        reader.push(b"0123456789");
        reader.gap(30);
        let seen = reader.finish();
        let header = "Warning: truncated output (original token count: 10)\n";
        let want = format!("{header}... 30 bytes omitted ...\n\n01…8 tokens truncated….\n");
        assert_eq!(seen.text, want);
    }

    #[test]
    fn takes_count_what_is_new_and_the_filter_holds_a_line_back() {
        let view = View::plain().filter(LineFilter::new("^error").unwrap());
        let mut reader = view.reader();
        reader.push(b"no\n\x1b[merr");
        let seen = reader.take();
        assert_eq!((seen.text.as_str(), seen.left_out.filtered.lines), ("", 1));
        assert_eq!(seen.left_out.escape_bytes, 3);
        reader.push(b"or: x\nno\n");
        let seen = reader.take();
        assert_eq!(seen.text, "error: x\n");
        assert_eq!(seen.left_out.filtered, Omitted { lines: 1, bytes: 3 });
        assert_eq!(reader.take(), Seen::default());
    }

    fn any_view() -> impl Strategy<Value = View> {
        (any::<[bool; 4]>(), 0..4_usize).prop_map(|([strip, collapse, filter, numbered], most)| {
            let mut view = View::raw()
                .strip(strip)
                .collapse(collapse)
                .numbered(numbered);
            if filter {
                view = view.filter(LineFilter::new("[a-m]").unwrap());
            }
            match most {
                0 => view,
                1 => view.excerpt(Excerpt::Lines { head: 2, tail: 1 }),
                2 => view.excerpt(Excerpt::Bytes { head: 5, tail: 5 }),
                _ => view.budget(Policy::Bytes(9)),
            }
        })
    }

    /// Characters of every length, and sequences of every kind, whole and broken.
    const SAMPLE: &str = "a\u{e9}\u{20ac}\u{1f496}\x1b[1;31mred\x1b[m\x1b]0;title\x07b\x1b]8;;x\x1b\\c\r\
                          \x1bPq#0\x1b\\50%\x1b[K\u{9b}2K\x1b(B\n\x1b[\x18d\u{8}e\x1b";

    #[test]
    fn every_two_cuts_and_byte_by_byte_are_seen_as_the_whole() {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        bytes.extend(b"\xff\xe2\x82z\n\xf0\x9f");
        let views = [
            View::raw(),
            View::plain(),
            View::raw().strip(true),
            View::plain().numbered(true),
        ];
        for view in views {
            let want = view.read(&bytes);
            let mut single = view.reader();
            bytes.chunks(1).for_each(|byte| single.push(byte));
            assert_eq!(single.finish(), want);
            for first in 0..=bytes.len() {
                for second in first..=bytes.len() {
                    let mut reader = view.reader();
                    reader.push(&bytes[..first]);
                    reader.push(&bytes[first..second]);
                    reader.push(&bytes[second..]);
                    assert_eq!(reader.finish(), want, "{first} {second}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn every_split_is_seen_as_the_whole(
            view in any_view(),
            bytes in prop::collection::vec(prop_oneof![
                any::<u8>(),
                prop::sample::select(&b"\x1b[]K2;m\r\n\x08\x07aaz\xc3\xa9"[..]),
            ], 0..40),
        ) {
            let want = view.read(&bytes);
            for at in 0..=bytes.len() {
                let mut reader = view.reader();
                reader.push(&bytes[..at]);
                reader.push(&bytes[at..]);
                prop_assert_eq!(&reader.finish(), &want);
            }
        }

        #[test]
        fn takes_put_together_are_the_whole(
            filter in any::<bool>(),
            strip in any::<bool>(),
            bytes in prop::collection::vec(prop_oneof![
                any::<u8>(),
                prop::sample::select(&b"\x1b[]K2;m\n\xc3\xa9a"[..]),
            ], 0..40),
        ) {
            let mut view = View::raw().strip(strip);
            if filter {
                view = view.filter(LineFilter::new("a").unwrap());
            }
            let want = view.read(&bytes).text;
            for at in 0..=bytes.len() {
                let mut reader = view.reader();
                reader.push(&bytes[..at]);
                let mut text = reader.take().text;
                reader.push(&bytes[at..]);
                text.push_str(&reader.finish().text);
                prop_assert_eq!(&text, &want);
            }
        }
    }
}

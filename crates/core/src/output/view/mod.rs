//! Views: text that is made from kept bytes when somebody reads them.
//!
//! The bytes stay as they came; a [`View`] says how one reader wants to see them. It works in one
//! order: bytes → [lossy UTF-8](Utf8) → [escape sequences stripped](Escapes) → [overwritten text
//! collapsed](Overwrite) → [lines filtered and numbered](Lines) → [head and tail](Excerpts) → [token
//! budget](Collected). Each stage is also usable alone, works on parts of any size, and counts what it
//! leaves out. No stage does I/O, and all but the last two hold a bounded amount of text.
//!
//! What must stay true: a character is never split between two reads, what a stage leaves out is
//! counted in [`LeftOut`], and the bytes of a gap in the input are said in the text.

mod ansi;
mod carriage;
mod filter;
mod frames;
mod lines;
mod reader;
mod tokens;
mod utf8;

pub use ansi::{Erase, Escapes, Piece};
pub use carriage::{Overwrite, WINDOW_CHARACTERS};
pub use filter::{COMPILED_BYTES, LINE_BYTES, LineFilter, Lines, PATTERN_BYTES, PatternError};
pub use frames::{FRAME_BYTES, FRAMES, Frames, Withheld};
pub use lines::{Excerpt, Excerpts, HALF_BYTES, Kept, Omitted};
pub use reader::ViewReader;
pub use tokens::{
    Collected, DEFAULT_OUTPUT_TOKENS, Policy, Truncated, estimate_tokens, truncate_middle,
};
pub use utf8::{HELD_BYTES, Utf8, incomplete_suffix};

/// How somebody wants to read output.
///
/// ```
/// use handfast::output::view::{Excerpt, LineFilter, View};
///
/// let view = View::plain()
///     .filter(LineFilter::new("warning").unwrap())
///     .excerpt(Excerpt::tail(1));
/// let seen = view.read(b"ok\n\x1b[33mwarning\x1b[m: a\n 5%\r50%\nwarning: b\n");
/// assert_eq!(seen.text, "... 1 lines omitted ...\nwarning: b\n");
/// assert_eq!(seen.left_out.filtered.lines, 2);
/// assert_eq!(seen.left_out.escape_bytes, 8);
/// ```
#[derive(Debug, Clone, Default)]
pub struct View {
    strip: bool,
    collapse: bool,
    filter: Option<LineFilter>,
    numbered: bool,
    excerpt: Excerpt,
    budget: Option<Policy>,
}

impl View {
    /// Everything, as text: malformed bytes become U+FFFD and nothing else changes.
    #[must_use]
    pub fn raw() -> Self {
        Self::default()
    }

    /// Without escape sequences, and with overwritten text collapsed.
    #[must_use]
    pub fn plain() -> Self {
        Self::raw().strip(true).collapse(true)
    }

    /// Whether escape sequences are taken out.
    #[must_use]
    pub fn strip(mut self, strip: bool) -> Self {
        self.strip = strip;
        self
    }

    /// Whether text that was overwritten after `\r` or backspace is left out.
    ///
    /// With [`strip`](View::strip) the sequences that erase a part of the line or move along it are
    /// obeyed too.
    #[must_use]
    pub fn collapse(mut self, collapse: bool) -> Self {
        self.collapse = collapse;
        self
    }

    /// Only the lines that the filter wants. An unfinished line is shown when it ends.
    #[must_use]
    pub fn filter(mut self, filter: LineFilter) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Whether each line begins with its number: `12:text`. All lines count, also filtered ones.
    #[must_use]
    pub fn numbered(mut self, numbered: bool) -> Self {
        self.numbered = numbered;
        self
    }

    /// Only the beginning and the end of what is left.
    #[must_use]
    pub fn excerpt(mut self, excerpt: Excerpt) -> Self {
        self.excerpt = excerpt;
        self
    }

    /// At most this much text, its middle cut out, with the warning of [`Collected::within`].
    #[must_use]
    pub fn budget(mut self, budget: Policy) -> Self {
        self.budget = Some(budget);
        self
    }

    /// Reads all bytes of a finished stream.
    #[must_use]
    pub fn read(&self, bytes: &[u8]) -> Seen {
        let mut reader = self.reader();
        reader.push(bytes);
        reader.finish()
    }

    /// Begins to read a stream that comes in parts.
    #[must_use]
    pub fn reader(&self) -> ViewReader {
        ViewReader::new(self.clone())
    }
}

/// What a reader sees, and what it does not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    /// The text.
    pub text: String,
    /// What is not in it, for each stage.
    pub left_out: LeftOut,
}

/// What each stage left out, in the order of the stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// Bytes that were missing in the input, as the reader was told with [`ViewReader::gap`].
    pub missing_bytes: u64,
    /// Malformed bytes, shown as U+FFFD.
    pub malformed_bytes: u64,
    /// Bytes of escape sequences and control characters.
    pub escape_bytes: u64,
    /// Bytes of text that were overwritten or erased.
    pub overwritten_bytes: u64,
    /// Lines that the filter did not want.
    pub filtered: Omitted,
    /// What was between head and tail.
    pub excerpted: Omitted,
    /// Bytes that the budget cut out.
    pub truncated_bytes: u64,
}

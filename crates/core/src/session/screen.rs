//! The screen of a terminal, as far as bytes were written to it.
//!
//! It is apart because it is the only part that knows `vt100`. It follows the program's output,
//! answers what the program asks, draws itself again for somebody who attaches, and knows in which
//! modes keys are encoded. What must stay true: bounded memory whatever the program writes (32 bytes
//! for each cell, `vt100` keeps 1 KiB of an operating system command, answers of one feed are
//! bounded), and every split of the output gives the same screen and the same answers.
//!
//! A screen of 24 rows and 80 columns takes some 60 KiB, and as much again when the alternate one is
//! used; make one where somebody looks, and not for every process.

use std::num::NonZeroU16;

use vt100::capture::{BasicFormattedCaptureRange, basic_formatted_to_plain};
use vt100::{Callbacks, MouseProtocolEncoding, MouseProtocolMode, Parser};

use crate::output::view::Utf8;

use super::answers::{Facts, Palette, answer, mode_report};
use super::key_bytes::InputModes;
use super::keyboard::Keyboard;
use super::queries::{Queries, Query};

/// The most bytes of answers to one [`feed`](Screen::feed). What is above is not answered, but
/// counted: a program that asks without reading would otherwise fill our memory.
pub const ANSWER_BYTES: usize = 4_096;

/// The longest title that is kept, in bytes.
pub const TITLE_BYTES: usize = 1_024;

/// The most rows and columns of a screen: 1,000 each.
pub const SCREEN_SIDE: u16 = 1_000;

/// How large a terminal is, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScreenSize {
    /// Rows, from 1 to [`SCREEN_SIDE`].
    pub rows: u16,
    /// Columns, from 1 to [`SCREEN_SIDE`].
    pub columns: u16,
}

impl Default for ScreenSize {
    fn default() -> Self {
        Self {
            rows: 24,
            columns: 80,
        }
    }
}

impl ScreenSize {
    /// The nearest size that a screen can have.
    #[must_use]
    pub fn clamped(self) -> Self {
        Self {
            rows: self.rows.clamp(1, SCREEN_SIDE),
            columns: self.columns.clamp(1, SCREEN_SIDE),
        }
    }

    fn sides(self) -> (NonZeroU16, NonZeroU16) {
        let Self { rows, columns } = self.clamped();
        let side = |value| NonZeroU16::new(value).unwrap_or(NonZeroU16::MIN);
        (side(rows), side(columns))
    }
}

/// Where the cursor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Counted from 0 at the top.
    pub row: u16,
    /// Counted from 0 at the left. As large as the screen is wide after a character in the last
    /// column.
    pub column: u16,
    /// The program has not hidden it.
    pub visible: bool,
}

/// What is to be written to the program after a feed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answers {
    /// The answers, in the order of the questions. At most [`ANSWER_BYTES`].
    pub bytes: Vec<u8>,
    /// How many questions were not answered, because their answers would have been above that.
    pub dropped: u64,
}

/// What `vt100` tells beside the cells.
#[derive(Debug, Clone, Default)]
struct Notes {
    title: String,
}

impl Callbacks for Notes {
    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        let title = String::from_utf8_lossy(title);
        self.title = title.chars().filter(|c| !c.is_control()).collect();
        let end = self.title.floor_char_boundary(TITLE_BYTES);
        self.title.truncate(end);
    }
}

/// A terminal without a display.
///
/// ```
/// use handfast::session::{Screen, ScreenSize};
///
/// let mut screen = Screen::new(ScreenSize { rows: 3, columns: 20 }, 100);
/// let answers = screen.feed(b"\x1b]2;demo\x07one\r\n\x1b[1mtwo\x1b[6n");
/// assert_eq!(answers.bytes, b"\x1b[2;4R");
/// assert_eq!(screen.text(), "one\ntwo");
/// assert_eq!(screen.title(), "demo");
/// assert_eq!((screen.cursor().row, screen.cursor().column), (1, 3));
/// ```
pub struct Screen {
    parser: Parser<Notes>,
    /// `vte` 0.15 loses what comes after a character that was split between two calls; it is never
    /// given a part of one.
    utf8: Utf8,
    queries: Queries,
    keyboard: Keyboard,
    palette: Palette,
}

impl std::fmt::Debug for Screen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Screen")
            .field("size", &self.size())
            .field("cursor", &self.cursor())
            .finish_non_exhaustive()
    }
}

impl Screen {
    /// An empty screen that remembers this many rows above it. The size is
    /// [clamped](ScreenSize::clamped).
    #[must_use]
    pub fn new(size: ScreenSize, scrollback_rows: usize) -> Self {
        let (rows, columns) = size.sides();
        let notes = Notes::default();
        Self {
            parser: Parser::new_with_callbacks(rows, columns, scrollback_rows, notes),
            utf8: Utf8::default(),
            queries: Queries::default(),
            keyboard: Keyboard::default(),
            palette: Palette::default(),
        }
    }

    /// Which colours are named to programs that ask.
    #[must_use]
    pub fn with_palette(mut self, palette: Palette) -> Self {
        self.palette = palette;
        self
    }

    /// Draws what the program wrote. Returns what must be written to the program, because it may be
    /// waiting for it.
    #[must_use = "a program may wait for the answers"]
    pub fn feed(&mut self, bytes: &[u8]) -> Answers {
        let mut found = Vec::new();
        self.queries
            .push(bytes, |end, query| found.push((end, query)));
        let mut answers = Answers::default();
        let mut drawn = 0;
        for (end, query) in found {
            // A question is answered with the screen as it is at that point.
            self.draw_until(&bytes[drawn..end], query);
            drawn = end;
            let answer = self.ask(query);
            if answers.bytes.len() + answer.len() <= ANSWER_BYTES {
                answers.bytes.extend_from_slice(answer.as_bytes());
            } else {
                answers.dropped += 1;
            }
        }
        self.draw(&bytes[drawn..]);
        answers
    }

    /// Gives the screen another size, [clamped](ScreenSize::clamped). Lines are not wrapped anew:
    /// programs draw again when they are told.
    pub fn resize(&mut self, size: ScreenSize) {
        let (rows, columns) = size.sides();
        self.parser.set_size(rows, columns);
    }

    /// What is visible: rows with `\n` between, wrapped lines in one, without blanks at the ends of
    /// lines and without empty rows at the end.
    #[must_use]
    pub fn text(&self) -> String {
        plain(&self.vt().contents_formatted_basic())
    }

    /// What is remembered above the screen, and the screen, as [`text`](Screen::text). Of the
    /// alternate screen nothing is remembered.
    #[must_use]
    pub fn history(&self) -> String {
        let mut text = String::new();
        let range = BasicFormattedCaptureRange::Full(&mut Default::default());
        let written = self.vt().write_contents_formatted_basic(&mut text, range);
        debug_assert!(written.is_ok(), "a string takes everything");
        plain(&text)
    }

    /// How many rows are remembered above the screen.
    #[must_use]
    pub fn scrollback_rows(&self) -> usize {
        self.vt().scrollback_len()
    }

    /// Where the cursor is.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        let (row, column) = self.vt().cursor_position();
        let visible = !self.vt().hide_cursor();
        Cursor {
            row,
            column,
            visible,
        }
    }

    /// How large it is.
    #[must_use]
    pub fn size(&self) -> ScreenSize {
        let (rows, columns) = self.vt().size();
        ScreenSize {
            rows: rows.get(),
            columns: columns.get(),
        }
    }

    /// Whether the program draws on the alternate screen: an editor, a pager, a full-screen program.
    #[must_use]
    pub fn is_alternate(&self) -> bool {
        self.vt().alternate_screen()
    }

    /// The title that the program gave, without control characters; empty if it gave none.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.parser.callbacks().title
    }

    /// In which modes the program wants its keys.
    #[must_use]
    pub fn input_modes(&self) -> InputModes {
        let vt = self.vt();
        InputModes {
            application_cursor: vt.application_cursor(),
            bracketed_paste: vt.bracketed_paste(),
            disambiguate: self.keyboard_flags() != 0,
        }
    }

    /// The bytes that draw this screen on another terminal of the same size, and put it into the
    /// same modes. For somebody who attaches; [`RELEASE`] undoes it when they leave.
    #[must_use]
    pub fn redraw(&self) -> Vec<u8> {
        let screen = if self.is_alternate() {
            "\u{1b}[?1049h"
        } else {
            "\u{1b}[?1049l"
        };
        let mut bytes = screen.to_owned();
        bytes.push_str(&self.vt().state_formatted());
        if !self.title().is_empty() {
            bytes.push_str(&format!("\u{1b}]2;{}\u{1b}\\", self.title()));
        }
        if self.keyboard_flags() != 0 {
            bytes.push_str(&format!("\u{1b}[={};1u", self.keyboard_flags()));
        }
        bytes.into_bytes()
    }

    /// Draws up to the end of a question. A repetition fills the screen at most: a few bytes of
    /// output must not keep us busy for long.
    fn draw_until(&mut self, bytes: &[u8], query: Query) {
        const CANCEL: &str = "\u{18}";
        let ScreenSize { rows, columns } = self.size();
        let cells = u32::from(rows) * u32::from(columns);
        match (query, bytes.split_last()) {
            (Query::Repeat(count), Some((_, begun))) if u32::from(count) > cells => {
                self.draw(begun);
                self.draw(format!("{CANCEL}\u{1b}[{cells}b").as_bytes());
            }
            _ => self.draw(bytes),
        }
    }

    fn draw(&mut self, bytes: &[u8]) {
        let mut text = String::with_capacity(bytes.len());
        self.utf8.push(bytes, &mut text);
        self.parser.process(text.as_bytes());
    }

    fn vt(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    fn keyboard_flags(&self) -> u8 {
        self.keyboard.flags(self.is_alternate())
    }

    /// Does what a question asks for, and answers it.
    fn ask(&mut self, query: Query) -> String {
        let alternate = self.is_alternate();
        match query {
            Query::PushKeyboard(flags) => self.keyboard.push(alternate, flags),
            Query::PopKeyboard(count) => self.keyboard.pop(alternate, count),
            Query::SetKeyboard { flags, mode } => self.keyboard.set(alternate, flags, mode),
            Query::Reset => self.keyboard.reset(),
            Query::Mode { number, private } => {
                let set = private.then(|| self.private_mode(number)).flatten();
                return mode_report(number, private, set);
            }
            _ => {}
        }
        let ScreenSize { rows, columns } = self.size();
        let Cursor { row, column, .. } = self.cursor();
        let facts = Facts {
            palette: self.palette,
            // After a character in the last column the cursor is still said to be on it.
            cursor: (row + 1, column.min(columns - 1) + 1),
            size: (rows, columns),
            keyboard: self.keyboard_flags(),
        };
        answer(query, &facts)
    }

    /// Whether a private mode is set, `None` if it is not known here.
    fn private_mode(&self, number: u16) -> Option<bool> {
        let vt = self.vt();
        let mouse = |mode| Some(vt.mouse_protocol_mode() == mode);
        let encoding = |mode| Some(vt.mouse_protocol_encoding() == mode);
        match number {
            1 => Some(vt.application_cursor()),
            9 => mouse(MouseProtocolMode::Press),
            25 => Some(!vt.hide_cursor()),
            47 | 1049 => Some(vt.alternate_screen()),
            1000 => mouse(MouseProtocolMode::PressRelease),
            1002 => mouse(MouseProtocolMode::ButtonMotion),
            1003 => mouse(MouseProtocolMode::AnyMotion),
            1005 => encoding(MouseProtocolEncoding::Utf8),
            1006 => encoding(MouseProtocolEncoding::Sgr),
            2004 => Some(vt.bracketed_paste()),
            _ => None,
        }
    }
}

/// The bytes that put a terminal back as a shell expects it, after [`Screen::redraw`] and whatever
/// came after: main screen, visible cursor, plain text, no mouse, no paste brackets, usual keys.
pub const RELEASE: &[u8] = b"\x1b[?1049l\x1b[?25h\x1b[m\x1b[?1l\x1b>\x1b[?2004l\
    \x1b[?9l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1005l\x1b[?1006l\x1b[0 q\x1b[=0;1u\x1b[r";

/// Captured rows without attributes, blanks at their ends and empty rows at the end.
fn plain(captured: &str) -> String {
    let text: String = basic_formatted_to_plain(captured).collect();
    let mut lines: Vec<&str> = text
        .split('\n')
        .map(|line| line.trim_end_matches(' '))
        .collect();
    let end = lines.iter().rposition(|line| !line.is_empty());
    lines.truncate(end.map_or(0, |last| last + 1));
    lines.join("\n")
}

#[cfg(test)]
mod tests;

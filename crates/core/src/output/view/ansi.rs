//! Text without terminal escape sequences.
//!
//! It is apart because a sequence may be cut anywhere by a read, and because its payload may be of
//! any length: only a state and one number are kept, never the payload. What must stay true: every
//! split of the text gives the same result, and no visible character is lost unless it stands inside
//! a sequence.
//!
//! The states are those of Paul Williams' parser for DEC terminals, as `anstyle-parse` has them. Its
//! stripping adapters are not used: on a control character inside a sequence (a newline in `CSI`)
//! they give another result when the bytes are split there.

use anstyle_parse::state::{Action, State, state_change};

/// A part of the text that is left, or something that a sequence did to the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Visible text, with `\n`, `\r`, `\t`, form feed and backspace, and no other control character.
    Text(&'t str),
    /// `CSI K`: a part of the current line was made blank.
    Erase(Erase),
    /// `CSI G`: the cursor went to this column, counted from 0.
    Column(usize),
    /// `CSI C` and `CSI D`: the cursor went this many columns to the right, or to the left if
    /// negative.
    Shift(isize),
}

/// Which part of a line is made blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erase {
    /// From the cursor to the end.
    Right,
    /// From the beginning to the cursor, the cell below the cursor too.
    Left,
    /// All of it. The cursor stays.
    Line,
}

/// Takes escape sequences out of text as it comes.
///
/// CSI, OSC, DCS, APC, PM and SOS sequences go, also unfinished ones, and control characters other
/// than `\n`, `\r`, `\t`, form feed and backspace. A sequence that is broken by a character beyond
/// ASCII ends before it. A string sequence (OSC, DCS, APC, PM, SOS) ends as in a terminal: at its
/// terminator, or at the next ESC, CAN or SUB.
///
/// ```
/// use handfast::output::view::Escapes;
///
/// let (mut escapes, mut text) = (Escapes::default(), String::new());
/// escapes.push_text("\u{1b}[3", &mut text);
/// escapes.push_text("1mred\u{1b}[m\tplain", &mut text);
/// assert_eq!(text, "red\tplain");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Escapes {
    state: State,
    first: Option<usize>,
    rest: bool,
    private: bool,
    stripped: u64,
}

impl Escapes {
    /// Appends what is left of `text` to `out`, and nothing of what the sequences do.
    pub fn push_text(&mut self, text: &str, out: &mut String) {
        self.push(text, |piece| {
            if let Piece::Text(left) = piece {
                out.push_str(left);
            }
        });
    }

    /// Calls `each` for every piece of `text`, in order.
    pub fn push<'t>(&mut self, text: &'t str, mut each: impl FnMut(Piece<'t>)) {
        let mut rest = text;
        while !rest.is_empty() {
            rest = if self.state == State::Ground {
                self.ground(rest, &mut each)
            } else {
                self.sequence(rest, &mut each)
            };
        }
    }

    /// Forgets an unfinished sequence: what comes next is text. For a gap in the stream.
    pub fn reset(&mut self) {
        self.state = State::Ground;
    }

    /// How many bytes were taken out until now.
    #[must_use]
    pub fn stripped(&self) -> u64 {
        self.stripped
    }

    /// Text up to the next character that is none, and that character.
    fn ground<'t>(&mut self, text: &'t str, each: &mut impl FnMut(Piece<'t>)) -> &'t str {
        let bytes = text.as_bytes();
        let end = (0..bytes.len())
            .find(|&at| is_control(bytes, at))
            .unwrap_or(bytes.len());
        let (visible, rest) = text.split_at(end);
        if !visible.is_empty() {
            each(Piece::Text(visible));
        }
        let Some(control) = rest.chars().next() else {
            return rest;
        };
        if control == '\u{1b}' {
            self.enter(State::Escape);
        }
        self.strip(rest, control.len_utf8())
    }

    /// One character of a sequence.
    fn sequence<'t>(&mut self, text: &'t str, each: &mut impl FnMut(Piece<'t>)) -> &'t str {
        let byte = text.as_bytes()[0];
        if !byte.is_ascii() {
            let character = text.chars().next().map_or(1, char::len_utf8);
            if is_string(self.state) {
                return self.strip(text, character);
            }
            self.state = State::Ground;
            return text;
        }
        let (next, action) = state_change(self.state, byte);
        match action {
            Action::Param => self.parameter(byte),
            Action::Collect => self.private = true,
            Action::CsiDispatch => self.dispatch(byte, each),
            // A terminal obeys these in the middle of a sequence, and goes on with it.
            Action::Execute if is_kept(byte) => {
                each(Piece::Text(&text[..1]));
                return &text[1..];
            }
            _ => {}
        }
        if next != State::Anywhere {
            self.enter(next);
        }
        self.strip(text, 1)
    }

    fn enter(&mut self, state: State) {
        if state == State::Escape {
            (self.first, self.rest, self.private) = (None, false, false);
        }
        self.state = state;
    }

    fn strip<'t>(&mut self, text: &'t str, bytes: usize) -> &'t str {
        self.stripped += bytes as u64;
        &text[bytes..]
    }

    /// Keeps the first number only: no sequence that is understood here has two.
    fn parameter(&mut self, byte: u8) {
        if !byte.is_ascii_digit() {
            self.rest = true;
        } else if !self.rest {
            let digit = usize::from(byte - b'0');
            let number = self.first.unwrap_or(0);
            self.first = Some(number.saturating_mul(10).saturating_add(digit));
        }
    }

    fn dispatch<'t>(&self, byte: u8, each: &mut impl FnMut(Piece<'t>)) {
        if self.private {
            return;
        }
        let count = self.first.filter(|&count| count > 0).unwrap_or(1);
        let shift = isize::try_from(count).unwrap_or(isize::MAX);
        let piece = match (byte, self.first.unwrap_or(0)) {
            (b'K', 0) => Piece::Erase(Erase::Right),
            (b'K', 1) => Piece::Erase(Erase::Left),
            (b'K', 2) => Piece::Erase(Erase::Line),
            (b'G', _) => Piece::Column(count - 1),
            (b'C', _) => Piece::Shift(shift),
            (b'D', _) => Piece::Shift(-shift),
            _ => return,
        };
        each(piece);
    }
}

/// Whether the character that begins at `at` is taken out of text.
fn is_control(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        0x7f => true,
        // U+0080 to U+009F, the C1 controls.
        0xc2 => bytes.get(at + 1).is_some_and(|&next| next < 0xa0),
        byte => byte < b' ' && !is_kept(byte),
    }
}

/// The control characters that are part of text: `\n`, `\r`, `\t`, form feed, backspace.
fn is_kept(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | b'\t' | 0x0c | 0x08)
}

/// Whether the state is inside a sequence that carries any text.
fn is_string(state: State) -> bool {
    matches!(
        state,
        State::OscString | State::DcsPassthrough | State::DcsIgnore | State::SosPmApcString
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stripped(text: &str) -> String {
        let mut out = String::new();
        Escapes::default().push_text(text, &mut out);
        out
    }

    fn pieces(text: &str) -> Vec<Piece<'_>> {
        let mut all = Vec::new();
        Escapes::default().push(text, |piece| all.push(piece));
        all
    }

    #[test]
    fn every_kind_of_sequence_goes_and_text_stays() {
        let cases = [
            ("a\tb\r\n", "a\tb\r\n"),
            ("\u{1b}[1;31mred\u{1b}[0m", "red"),
            ("\u{1b}[38:2::1:2:3mred", "red"),
            ("\u{1b}]0;title\u{7}x", "x"),
            ("\u{1b}]8;;http://é.x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{1b}P1$r0m\u{1b}\\x", "x"),
            ("\u{1b}_Gf=100;AAAA\u{1b}\\x", "x"),
            ("\u{1b}^pm\u{1b}\\\u{1b}Xsos\u{1b}\\x", "x"),
            ("\u{1b}(B\u{1b}=\u{1b}>\u{1b}7x\u{1b}8", "x"),
            ("\u{1b}[?25l\u{1b}[?2004hx", "x"),
            ("bell\u{7}nul\0del\u{7f}c1\u{9b}.", "bellnuldelc1."),
            ("\u{1b}[31\nm-", "\n-"),
            ("\u{1b}[3é", "é"),
            ("\u{1b}]0;cut\u{18}x", "x"),
            ("end\u{1b}", "end"),
            ("end\u{1b}]0;never closed", "end"),
            ("a\u{8}b\u{c}", "a\u{8}b\u{c}"),
            ("é💖\u{a0}", "é💖\u{a0}"),
        ];
        for (text, want) in cases {
            assert_eq!(stripped(text), want, "{text:?}");
        }
    }

    #[test]
    fn what_is_done_to_the_line_is_told() {
        use Piece::{Column, Erase as Erased, Shift, Text};
        let text = "a\u{1b}[K\u{1b}[1K\u{1b}[2K\u{1b}[3Kb\u{1b}[5G\u{1b}[C\u{1b}[2D\u{1b}[?K";
        let want = [
            Text("a"),
            Erased(Erase::Right),
            Erased(Erase::Left),
            Erased(Erase::Line),
            Text("b"),
            Column(4),
            Shift(1),
            Shift(-2),
        ];
        assert_eq!(pieces(text), want);
    }

    #[test]
    fn a_payload_of_any_length_costs_no_memory_and_is_counted() {
        let (mut escapes, mut out) = (Escapes::default(), String::new());
        escapes.push_text("\u{1b}]52;c;", &mut out);
        let block = "QUJD".repeat(1 << 14);
        for _ in 0..64 {
            escapes.push_text(&block, &mut out);
        }
        escapes.push_text("\u{7}after", &mut out);
        assert_eq!(out, "after");
        assert_eq!(escapes.stripped(), 7 + 64 * (4 << 14) + 1);
    }

    /// Text with many sequences, whole and broken.
    fn hostile() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            any::<char>().prop_map(String::from),
            "[\u{1b}\\[\\]P_;0-9mKGCD?\u{7}\\\\\n\r\u{8}\u{9b}\u{18}é ]{1,6}",
            "[a-z]{1,4}",
        ];
        prop::collection::vec(part, 0..16).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn every_split_gives_the_same(text in hostile()) {
            let want = stripped(&text);
            for (at, _) in text.char_indices() {
                let (mut escapes, mut out) = (Escapes::default(), String::new());
                let (left, right) = text.split_at(at);
                escapes.push_text(left, &mut out);
                escapes.push_text(right, &mut out);
                prop_assert_eq!(&out, &want);
                prop_assert_eq!(escapes.stripped() as usize, text.len() - want.len());
            }
        }

        #[test]
        fn nothing_but_text_is_left(text in hostile()) {
            let is_text = |c: char| !c.is_control() || "\n\r\t\u{c}\u{8}".contains(c);
            prop_assert!(stripped(&text).chars().all(is_text));
        }
    }
}

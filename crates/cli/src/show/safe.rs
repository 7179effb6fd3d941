//! What may reach a terminal of what others have written: text and colours.
//!
//! A process may write what moves the cursor, renames the window, fills the clipboard or makes a
//! terminal answer. Of all that only colours (`ESC [ … m`) are passed on, and tabs, and the ends of
//! lines. Pure; an escape sequence may be cut anywhere between two calls.

/// The longest sequence for a colour that is passed on.
const LONGEST: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum At {
    #[default]
    Text,
    Escape,
    /// Between `ESC` and the last byte of a short sequence.
    Intermediate,
    Control,
    /// A text for the terminal itself, up to `BEL` or `ESC \`.
    Words,
    WordsEscape,
}

/// Takes away what only a terminal would understand.
#[derive(Debug, Default)]
pub(crate) struct Safe {
    at: At,
    held: Vec<u8>,
}

impl Safe {
    /// What of these bytes may be shown.
    pub(crate) fn pass(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut shown = Vec::with_capacity(bytes.len());
        for byte in bytes {
            self.step(*byte, &mut shown);
        }
        shown
    }

    fn step(&mut self, byte: u8, shown: &mut Vec<u8>) {
        self.at = match (self.at, byte) {
            (At::Words, 0x07) | (At::WordsEscape, b'\\') => At::Text,
            (At::Words, 0x1b) => At::WordsEscape,
            (At::WordsEscape, 0x1b) => At::WordsEscape,
            (At::Words | At::WordsEscape, _) => At::Words,
            (_, 0x1b) => At::Escape,
            (At::Escape, b'[') => {
                self.held.clear();
                At::Control
            }
            (At::Escape, b']' | b'P' | b'X' | b'^' | b'_') => At::Words,
            (At::Escape | At::Intermediate, 0x20..=0x2f) => At::Intermediate,
            (At::Escape | At::Intermediate, _) => At::Text,
            (At::Control, _) => self.control(byte, shown),
            (At::Text, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..) => {
                shown.push(byte);
                At::Text
            }
            (At::Text, _) => At::Text,
        };
    }

    fn control(&mut self, byte: u8, shown: &mut Vec<u8>) -> At {
        match byte {
            b'm' if self
                .held
                .iter()
                .all(|byte| matches!(byte, b'0'..=b'9' | b';' | b':')) =>
            {
                shown.extend_from_slice(b"\x1b[");
                shown.append(&mut self.held);
                shown.push(b'm');
                At::Text
            }
            0x40..=0x7e => At::Text,
            _ if self.held.len() < LONGEST => {
                self.held.push(byte);
                At::Control
            }
            // Longer than any colour: its end is still looked for.
            _ => At::Control,
        }
    }
}

/// A text on one line, with what would control a terminal written out.
pub(crate) fn word(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        // What changes the direction of writing would show another text than there is.
        let turns = matches!(letter, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if letter.is_control() || turns {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pieces: &[&[u8]]) -> String {
        let mut safe = Safe::default();
        let all: Vec<u8> = pieces.iter().flat_map(|piece| safe.pass(piece)).collect();
        String::from_utf8(all).unwrap()
    }

    #[test]
    fn colours_and_text_pass() {
        let text = "a\tb\r\n\u{1b}[1;31mred\u{1b}[0m \u{e9}\u{4e2d}\u{1b}[38:2::1:2:3mx\u{1b}[m";
        assert_eq!(shown(&[text.as_bytes()]), text);
    }

    #[test]
    fn nothing_else_does() {
        for odd in [
            "\u{1b}]0;title\u{7}",
            "\u{1b}]52;c;YQ==\u{1b}\\",
            "\u{1b}[2J\u{1b}[H",
            "\u{1b}[6n",
            "\u{1b}[?1049h",
            "\u{1b}[>4;1m",
            "\u{1b}P+q544e\u{1b}\\",
            "\u{1b}c",
            "\u{1b}(0",
            "\u{1b}_x\u{1b}\u{1b}\\",
            "\u{7}\u{8}\u{0}\u{c}",
        ] {
            assert_eq!(shown(&[format!("a{odd}b").as_bytes()]), "ab", "{odd:?}");
            // Wherever it is cut.
            for at in 0..odd.len() {
                let (one, other) = odd.as_bytes().split_at(at);
                assert_eq!(shown(&[b"a", one, other, b"b"]), "ab", "{odd:?} at {at}");
            }
        }
    }

    #[test]
    fn a_colour_without_end_is_no_colour() {
        let long = format!("\u{1b}[{}mx", "1;".repeat(LONGEST));
        let shown = shown(&[long.as_bytes()]);
        assert!(shown.len() < LONGEST + 8, "{shown:?}");
    }

    #[test]
    fn a_word_cannot_move_the_cursor_or_turn_the_line() {
        assert_eq!(
            word("a\u{1b}[2Jb\nc\u{202e}d"),
            "a\\u{1b}[2Jb\\nc\\u{202e}d"
        );
    }
}

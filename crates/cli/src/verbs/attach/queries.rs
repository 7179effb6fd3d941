//! What a program asks its terminal, taken out of what is shown to a person.
//!
//! The daemon has answered already: the terminal that shows a copy must not answer too, since its answer
//! would be typed into the program. Pure; a sequence may be cut anywhere between two calls.

/// The longest sequence that is looked at; a longer one asks nothing that we know.
const LONGEST: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum At {
    #[default]
    Text,
    Escape,
    Control,
    /// A text for the terminal, up to `BEL` or `ESC \`.
    Words,
    WordsEscape,
}

/// Lets everything through but questions.
#[derive(Debug, Default)]
pub(super) struct Queries {
    at: At,
    /// A sequence that has begun.
    held: Vec<u8>,
}

impl Queries {
    /// What of these bytes is shown.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut shown = Vec::with_capacity(bytes.len());
        for byte in bytes {
            self.step(*byte, &mut shown);
        }
        shown
    }

    fn step(&mut self, byte: u8, shown: &mut Vec<u8>) {
        if self.at == At::Text && byte != 0x1b {
            shown.push(byte);
            return;
        }
        if byte == 0x1b && !matches!(self.at, At::Words) {
            // Whatever had begun is over.
            shown.append(&mut self.held);
            self.held.push(byte);
            self.at = At::Escape;
            return;
        }
        self.held.push(byte);
        self.at = match (self.at, byte) {
            (At::Escape, b'[') => At::Control,
            (At::Escape, b']' | b'P' | b'X' | b'^' | b'_') => At::Words,
            (At::Escape, 0x20..=0x2f) => At::Escape,
            (At::Control, 0x20..=0x3f) => At::Control,
            (At::Words, 0x1b) => At::WordsEscape,
            (At::Words, 0x07) | (At::WordsEscape, b'\\') => At::Text,
            (At::Words | At::WordsEscape, _) => At::Words,
            (At::Text | At::Escape | At::Control, _) => At::Text,
        };
        if self.at == At::Text {
            if !is_question(&self.held) {
                shown.extend_from_slice(&self.held);
            }
            self.held.clear();
        } else if self.held.len() >= LONGEST {
            // Its rest is passed on as text, which is what follows it in any case.
            shown.append(&mut self.held);
            self.at = At::Text;
        }
    }
}

/// Whether a terminal answers to this sequence.
fn is_question(sequence: &[u8]) -> bool {
    match sequence {
        [0x1b, b'[', inner @ .., last] => is_control_question(inner, *last),
        // A colour or another property, asked for by `?`.
        [0x1b, b']', inner @ ..] => {
            let inner = inner.strip_suffix(b"\x07").unwrap_or(inner);
            let inner = inner.strip_suffix(b"\x1b\\").unwrap_or(inner);
            inner.ends_with(b";?")
        }
        [0x1b, b'P', b'$' | b'+', b'q', ..] => true,
        [0x1b, b'Z'] => true,
        _ => false,
    }
}

fn is_control_question(inner: &[u8], last: u8) -> bool {
    let (kind, numbers) = match inner {
        [kind @ (b'?' | b'>' | b'='), rest @ ..] => (Some(*kind), rest),
        rest => (None, rest),
    };
    let is_number = numbers.iter().all(u8::is_ascii_digit);
    match (kind, last) {
        // Attributes of the terminal.
        (None | Some(b'>' | b'='), b'c') => is_number,
        // Its state, and where the cursor is.
        (None | Some(b'?'), b'n') => is_number,
        // Its name, and which keys it tells apart.
        (Some(b'>'), b'q') | (Some(b'?'), b'u') => is_number,
        // Whether a mode is set.
        (None | Some(b'?'), b'p') => numbers.ends_with(b"$"),
        (None, b'x') => is_number,
        // How large its window is.
        (None, b't') => matches!(
            numbers,
            b"11" | b"13" | b"14" | b"15" | b"16" | b"18" | b"19" | b"20" | b"21"
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pieces: &[&[u8]]) -> String {
        let mut queries = Queries::default();
        let all: Vec<u8> = pieces
            .iter()
            .flat_map(|piece| queries.pass(piece))
            .collect();
        String::from_utf8(all).unwrap()
    }

    #[test]
    fn questions_are_taken_out_wherever_they_are_cut() {
        for question in [
            "\u{1b}[c",
            "\u{1b}[0c",
            "\u{1b}[>c",
            "\u{1b}[=0c",
            "\u{1b}[5n",
            "\u{1b}[6n",
            "\u{1b}[?6n",
            "\u{1b}[>q",
            "\u{1b}[?u",
            "\u{1b}[?2026$p",
            "\u{1b}[18t",
            "\u{1b}]11;?\u{7}",
            "\u{1b}]4;1;?\u{1b}\\",
            "\u{1b}P+q544e\u{1b}\\",
            "\u{1b}P$qm\u{1b}\\",
            "\u{1b}Z",
        ] {
            for at in 0..question.len() {
                let (one, other) = question.as_bytes().split_at(at);
                assert_eq!(
                    shown(&[b"a", one, other, b"b"]),
                    "ab",
                    "{question:?} at {at}"
                );
            }
        }
    }

    #[test]
    fn everything_else_goes_through() {
        for other in [
            "text \u{e9}",
            "\u{1b}[1;31m",
            "\u{1b}[2J\u{1b}[H",
            "\u{1b}[?1049h\u{1b}[?25l",
            "\u{1b}]0;title\u{7}",
            "\u{1b}]11;#ffffff\u{1b}\\",
            "\u{1b}[!p",
            "\u{1b}[22;0t",
            "\u{1b}(B\u{1b}=\u{1b}7\u{1b}8",
            "\u{1b}[>4;1m\u{1b}[>1u",
            "\u{1b}[ q",
        ] {
            assert_eq!(shown(&[other.as_bytes(), b"."]), format!("{other}."));
        }
    }

    #[test]
    fn a_sequence_without_end_is_not_held_for_ever() {
        let long = format!("\u{1b}]0;{}", "x".repeat(1000));
        assert_eq!(shown(&[long.as_bytes()]), long);
    }
}

//! The questions that programs ask their terminal, found in what they write.
//!
//! It is apart from the [screen](super::Screen) because it looks for other things: a program that
//! waits for an answer stands still until it comes. What must stay true: every split of the stream
//! finds the same questions, and no more than [`BODY`] bytes of a sequence are kept.
//!
//! Forms and meanings are those of "XTerm Control Sequences" and of the kitty keyboard protocol.

use anstyle_parse::state::{Action, State, state_change};

/// How much of a sequence is kept. A longer one is no question that is answered.
const BODY: usize = 128;

/// Something that a program asks of its terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Query {
    /// DA1, `CSI c`: what the terminal can do. Programs ask it last, to see where answers end.
    PrimaryAttributes,
    /// DA2, `CSI > c`: kind and version.
    SecondaryAttributes,
    /// DA3, `CSI = c`: serial number.
    TertiaryAttributes,
    /// DSR, `CSI 5 n`: whether it works.
    Status,
    /// CPR, `CSI 6 n`: where the cursor is.
    CursorPosition,
    /// DECXCPR, `CSI ? 6 n`: the same, answered with `?`.
    ExtendedCursorPosition,
    /// `OSC 10 ; ?` to `OSC 12 ; ?`: the colour of text (10), background (11) or cursor (12).
    Color {
        /// 10, 11 or 12.
        number: u8,
        /// It ended with BEL and not with ST; so does the answer.
        bell: bool,
    },
    /// XTVERSION, `CSI > q`: name and version.
    Version,
    /// DECRQM, `CSI ? {number} $ p`, or without `?` for a mode of ANSI.
    Mode {
        /// The mode.
        number: u16,
        /// With `?`.
        private: bool,
    },
    /// `CSI 18 t`: rows and columns.
    Size,
    /// DECRQSS, `DCS $ q … ST`: a setting.
    Setting,
    /// XTGETTCAP, `DCS + q … ST`: an entry of terminfo.
    Capability,
    /// `CSI ? u`: the flags of the kitty keyboard protocol.
    Keyboard,
    /// `CSI > {flags} u`: new flags, the present ones are kept below. Not answered.
    PushKeyboard(u8),
    /// `CSI < {number} u`: back to earlier flags. Not answered.
    PopKeyboard(u16),
    /// `CSI = {flags} ; {mode} u`: other flags: all (1), these too (2), not these (3). Not answered.
    SetKeyboard {
        /// The flags.
        flags: u8,
        /// 1, 2 or 3.
        mode: u16,
    },
    /// REP, `CSI {number} b`: the last character again. Not answered.
    Repeat(u16),
    /// RIS, `ESC c`: everything as at the beginning. Not answered.
    Reset,
}

/// Finds questions in a stream.
///
/// ```
/// use handfast::session::{Queries, Query};
///
/// let (mut queries, mut found) = (Queries::default(), Vec::new());
/// queries.push(b"text\x1b[", |end, query| found.push((end, query)));
/// queries.push(b"6n\x1b]11;?\x07", |end, query| found.push((end, query)));
/// let color = Query::Color { number: 11, bell: true };
/// assert_eq!(found, [(2, Query::CursorPosition), (9, color)]);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Queries {
    state: State,
    /// What the sequence is, from its introducer on.
    kind: Kind,
    body: Vec<u8>,
    /// Something in the sequence was not kept.
    spoilt: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Control,
    /// Operating system command, open.
    System,
    /// Device control string, open.
    Device,
    /// A string was ended by ESC: it counts if `\` comes next.
    SystemEnd,
    DeviceEnd,
}

impl Queries {
    /// Calls `found` for each question, with how many of these bytes come before its end.
    pub fn push(&mut self, bytes: &[u8], mut found: impl FnMut(usize, Query)) {
        let mut at = 0;
        while at < bytes.len() {
            if self.state == State::Ground {
                // The common case: nothing but an escape matters in text.
                match memchr::memchr(0x1b, &bytes[at..]) {
                    Some(skipped) => at += skipped,
                    None => return,
                }
            }
            let byte = bytes[at];
            at += 1;
            self.byte(byte, &mut |query| found(at, query));
        }
    }

    /// Whether no sequence is open: then nothing is found before the next escape character.
    #[must_use]
    pub fn is_in_text(&self) -> bool {
        self.state == State::Ground
    }

    fn byte(&mut self, byte: u8, found: &mut impl FnMut(Query)) {
        if !byte.is_ascii() {
            self.beyond_ascii();
            return;
        }
        let before = self.state;
        let (next, action) = state_change(before, byte);
        match (before, action) {
            (_, Action::EscDispatch) => self.escape(byte, found),
            (_, Action::CsiDispatch) => each(control(self.kept(), byte), found),
            (State::OscString, _) if byte == 0x07 => self.system(true, found),
            (_, Action::Param | Action::Collect | Action::OscPut | Action::Put) => self.keep(byte),
            _ => {}
        }
        if next != State::Anywhere {
            self.enter(before, next, byte);
        }
    }

    /// No question has such a byte in it. A string goes on, everything else ends.
    fn beyond_ascii(&mut self) {
        let strings = [
            State::OscString,
            State::DcsPassthrough,
            State::DcsIgnore,
            State::SosPmApcString,
        ];
        if strings.contains(&self.state) {
            self.spoilt = true;
        } else {
            self.state = State::Ground;
        }
    }

    fn enter(&mut self, before: State, next: State, byte: u8) {
        self.state = next;
        match next {
            State::Escape => {
                self.kind = match (before, self.kind) {
                    (State::OscString, _) => Kind::SystemEnd,
                    (State::DcsPassthrough, _) => Kind::DeviceEnd,
                    _ => Kind::Control,
                };
            }
            State::CsiEntry | State::OscString | State::DcsEntry => {
                self.kind = match next {
                    State::OscString => Kind::System,
                    State::DcsEntry => Kind::Device,
                    _ => Kind::Control,
                };
                self.body.clear();
                self.spoilt = false;
            }
            // The final byte of the introducer belongs to the question.
            State::DcsPassthrough => self.keep(byte),
            _ => {}
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.body.len() < BODY {
            self.body.push(byte);
        } else {
            self.spoilt = true;
        }
    }

    fn kept(&self) -> &[u8] {
        if self.spoilt { b"!" } else { &self.body }
    }

    /// An escape sequence of one byte: the end of a string, or a reset.
    fn escape(&mut self, byte: u8, found: &mut impl FnMut(Query)) {
        let is_bare = self.state == State::Escape;
        match (self.kind, byte) {
            (Kind::SystemEnd, b'\\') => self.system(false, found),
            (Kind::DeviceEnd, b'\\') => each(device(self.kept()), found),
            (_, b'c') if is_bare => found(Query::Reset),
            _ => {}
        }
    }

    /// `10;?` asks for one colour, `10;?;?` for the next one too.
    fn system(&self, bell: bool, found: &mut impl FnMut(Query)) {
        let mut parts = self.kept().split(|&byte| byte == b';');
        let Some(first) = parts.next().and_then(number) else {
            return;
        };
        for (number, part) in (first..=12).zip(parts) {
            if part == b"?" && number >= 10 {
                let number = number as u8;
                found(Query::Color { number, bell });
            }
        }
    }
}

fn each(query: Option<Query>, found: &mut impl FnMut(Query)) {
    if let Some(query) = query {
        found(query);
    }
}

/// What a control sequence asks: `body` is what stands between `CSI` and its last byte.
fn control(body: &[u8], last: u8) -> Option<Query> {
    let (prefix, body) = match body.split_first() {
        Some((&prefix @ b'<'..=b'?', rest)) => (prefix, rest),
        _ => (b' ', body),
    };
    let end = body.iter().position(|byte| (b' '..=b'/').contains(byte));
    let (numbers, between) = body.split_at(end.unwrap_or(body.len()));
    // Answers look like questions with more numbers. A program may write back what it reads, and
    // must not be answered for ever.
    let (is_bare, is_one) = (numbers.is_empty(), !numbers.contains(&b';'));
    let mut numbers = numbers.split(|&byte| byte == b';');
    let first = number(numbers.next().unwrap_or_default())?;
    let second = number(numbers.next().unwrap_or_default())?;
    let flags = (first & 0x1f) as u8;
    Some(match (prefix, between, last, first) {
        (b' ', b"", b'c', 0) if is_one => Query::PrimaryAttributes,
        (b'>', b"", b'c', 0) if is_one => Query::SecondaryAttributes,
        (b'=', b"", b'c', 0) if is_one => Query::TertiaryAttributes,
        (b' ', b"", b'n', 5) => Query::Status,
        (b' ', b"", b'n', 6) => Query::CursorPosition,
        (b'?', b"", b'n', 6) => Query::ExtendedCursorPosition,
        (b'>', b"", b'q', 0) => Query::Version,
        (b' ', b"", b't', 18) => Query::Size,
        (b'?' | b' ', b"$", b'p', number) => Query::Mode {
            number,
            private: prefix == b'?',
        },
        (b' ', b"", b'b', count) => Query::Repeat(count.max(1)),
        (b'?', b"", b'u', _) if is_bare => Query::Keyboard,
        (b'>', b"", b'u', _) => Query::PushKeyboard(flags),
        (b'<', b"", b'u', count) => Query::PopKeyboard(count.max(1)),
        (b'=', b"", b'u', _) => Query::SetKeyboard {
            flags,
            mode: second.max(1),
        },
        _ => return None,
    })
}

fn device(body: &[u8]) -> Option<Query> {
    match body.get(..2)? {
        b"$q" => Some(Query::Setting),
        b"+q" => Some(Query::Capability),
        _ => None,
    }
}

/// A number of a sequence. None at all is 0.
fn number(digits: &[u8]) -> Option<u16> {
    let digits = str::from_utf8(digits).ok()?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits {
        "" => Some(0),
        digits if is_number => Some(digits.parse().unwrap_or(u16::MAX)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(parts: &[&[u8]]) -> Vec<Query> {
        let (mut queries, mut all) = (Queries::default(), Vec::new());
        for part in parts {
            queries.push(part, |end, query| {
                assert!((1..=part.len()).contains(&end));
                all.push(query);
            });
            assert!(queries.body.len() <= BODY);
        }
        all
    }

    fn color(number: u8, bell: bool) -> Query {
        Query::Color { number, bell }
    }

    #[test]
    fn every_question_is_found() {
        use Query::*;
        let mode = |number, private| Mode { number, private };
        let set = |flags, mode| SetKeyboard { flags, mode };
        let cases: [(&[u8], &[Query]); 30] = [
            (b"a\x1b[b\x1b[9b", &[Repeat(1), Repeat(9)]),
            (b"\x1b[c\x1b[0c", &[PrimaryAttributes, PrimaryAttributes]),
            (
                b"\x1b[>c\x1b[>0c",
                &[SecondaryAttributes, SecondaryAttributes],
            ),
            (b"\x1b[=c", &[TertiaryAttributes]),
            (b"\x1b[5n", &[Status]),
            (b"\x1b[6n", &[CursorPosition]),
            (b"\x1b[?6n", &[ExtendedCursorPosition]),
            (b"\x1b]10;?\x07", &[color(10, true)]),
            (b"\x1b]11;?\x1b\\", &[color(11, false)]),
            (
                b"\x1b]10;?;?;?;?\x07",
                &[color(10, true), color(11, true), color(12, true)],
            ),
            (b"\x1b]10;red;?\x07", &[color(11, true)]),
            (b"\x1b[>q\x1b[>0q", &[Version, Version]),
            (b"\x1b[?2026$p", &[mode(2026, true)]),
            (b"\x1b[4$p", &[mode(4, false)]),
            (b"\x1b[18t", &[Size]),
            (b"\x1bP$qm\x1b\\", &[Setting]),
            (b"\x1bP+q544e\x1b\\", &[Capability]),
            (b"\x1b[?u", &[Keyboard]),
            (b"\x1b[>1u\x1b[>u", &[PushKeyboard(1), PushKeyboard(0)]),
            (b"\x1b[<u\x1b[<2u", &[PopKeyboard(1), PopKeyboard(2)]),
            (b"\x1b[=5u\x1b[=1;3u", &[set(5, 1), set(1, 3)]),
            (b"\x1bc", &[Reset]),
            // A control character in the middle changes nothing.
            (b"\x1b[\n6n", &[CursorPosition]),
            // Answers, settings and text are no questions.
            (
                b"\x1b[?62;22c\x1b[>0;1;0c\x1b[1;1R\x1b[0n\x1b[?0u\x1b[31mc",
                &[],
            ),
            (b"\x1b]11;#000000\x07\x1b]0;?\x07\x1b]4;1;?\x07", &[]),
            (b"\x1b(c\x1b[6", &[]),
            // Broken ones neither: cancelled, beyond ASCII, without the second byte of the end.
            (b"\x1b[6\x18n\x1b]11;?\x18\x07", &[]),
            (b"\x1b[6\xc3\xa9n", &[]),
            (b"\x1b]11;?\x1b[6n", &[CursorPosition]),
            (b"\x1bP$qm\x1bc", &[Reset]),
        ];
        for (bytes, want) in cases {
            assert_eq!(
                found(&[bytes]),
                want,
                "{:?}",
                String::from_utf8_lossy(bytes)
            );
        }
    }

    #[test]
    fn a_sequence_of_any_length_is_no_question_and_costs_nothing() {
        let zeros = [b'0'; 100_000];
        assert!(found(&[b"\x1b[", &zeros, b"6n"]).is_empty());
        assert!(found(&[b"\x1b]11;?", &zeros, b"\x07"]).is_empty());
        assert!(found(&[b"\x1bP$q", &zeros, b"\x1b\\"]).is_empty());
        let after = found(&[b"\x1b[", &zeros, b"6n\x1b[6n"]);
        assert_eq!(after, [Query::CursorPosition]);
    }

    proptest! {
        #[test]
        fn every_split_finds_the_same(bytes in prop::collection::vec(
            prop::sample::select(&b"\x1b\x1b[[]P?>=<$+;q0156bcnutp\\\x07\n\xc3\xa9 "[..]), 0..40)
        ) {
            let want = found(&[&bytes]);
            for at in 0..=bytes.len() {
                prop_assert_eq!(&found(&[&bytes[..at], &bytes[at..]]), &want);
            }
        }
    }
}

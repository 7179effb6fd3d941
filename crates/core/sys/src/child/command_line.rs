//! A list of arguments as the one string that Windows gives a program, and back. Pure.
//!
//! It is apart because Windows has no list of arguments: each program splits a string by itself, and
//! nearly all do it as `CommandLineToArgvW` does. What must stay true: whatever [`join`] writes,
//! [`split`] reads back unit by unit, for any string at all; what cannot be written so that it reads
//! back is refused. The units are UTF-16 as Windows has them, unpaired surrogates included.
//!
//! The rules are those of Microsoft's "Parsing C command-line arguments" and of the page on
//! `CommandLineToArgvW`. The first word has rules of its own: it ends at the next quote, and a
//! backslash is nothing special in it. `cmd.exe` reads by other rules altogether, so batch files are
//! not for this.

/// The longest command line that `CreateProcessW` takes, in units, without the zero at its end.
pub const LONGEST: usize = 32_766;

const QUOTE: u16 = b'"' as u16;
const BACKSLASH: u16 = b'\\' as u16;
const SPACE: u16 = b' ' as u16;
const TAB: u16 = b'\t' as u16;

/// Why a list of arguments cannot be a command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unquotable {
    /// There is no first word, which is the program's own name.
    Nothing,
    /// This word (counted from 0) has a zero in it, which would end the line.
    Zero {
        /// Which word.
        place: usize,
    },
    /// The program's own name has a quote in it, and there is no way to write one there.
    QuoteInName,
    /// The line would be longer than [`LONGEST`].
    TooLong {
        /// How long it would be, in units.
        units: usize,
    },
}

impl std::fmt::Display for Unquotable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unquotable::Nothing => f.write_str("there is no name of the program"),
            Unquotable::Zero { place } => write!(f, "argument {place} has a zero in it"),
            Unquotable::QuoteInName => f.write_str("the name of the program has a quote in it"),
            Unquotable::TooLong { units } => write!(
                f,
                "the command line has {units} units, and {LONGEST} are the most"
            ),
        }
    }
}

impl std::error::Error for Unquotable {}

/// Writes arguments as a command line, without a zero at its end. The first is the program's name.
///
/// # Errors
///
/// [`Unquotable`], where no line reads back as these.
pub fn join<W: AsRef<[u16]>>(words: &[W]) -> Result<Vec<u16>, Unquotable> {
    let (name, arguments) = words.split_first().ok_or(Unquotable::Nothing)?;
    let zero = words.iter().position(|word| word.as_ref().contains(&0));
    if let Some(place) = zero {
        return Err(Unquotable::Zero { place });
    }
    if name.as_ref().contains(&QUOTE) {
        return Err(Unquotable::QuoteInName);
    }
    let mut line = vec![QUOTE];
    line.extend_from_slice(name.as_ref());
    line.push(QUOTE);
    for argument in arguments {
        line.push(SPACE);
        write(argument.as_ref(), &mut line);
    }
    match line.len() {
        units @ 0..=LONGEST => {
            debug_assert!(units > 0);
            Ok(line)
        }
        units => Err(Unquotable::TooLong { units }),
    }
}

/// Writes one argument: as it is where that is safe, else in quotes.
fn write(argument: &[u16], line: &mut Vec<u16>) {
    // What ends a word for one program or another; the rules name spaces and tabs only.
    let ends_a_word = |unit: &u16| *unit <= SPACE || *unit == QUOTE;
    if !argument.is_empty() && !argument.iter().any(ends_a_word) {
        // Without a quote behind them, backslashes are themselves.
        line.extend_from_slice(argument);
        return;
    }
    line.push(QUOTE);
    let mut backslashes = 0;
    for &unit in argument {
        if unit == QUOTE {
            // Each backslash once more, and one for the quote itself.
            line.extend(std::iter::repeat_n(BACKSLASH, backslashes + 1));
        }
        backslashes = if unit == BACKSLASH {
            backslashes + 1
        } else {
            0
        };
        line.push(unit);
    }
    // They would make the last quote a part of the argument.
    line.extend(std::iter::repeat_n(BACKSLASH, backslashes));
    line.push(QUOTE);
}

/// Reads a command line as `CommandLineToArgvW` does; an empty one has no words here.
#[must_use]
pub fn split(line: &[u16]) -> Vec<Vec<u16>> {
    if line.is_empty() {
        return Vec::new();
    }
    let (name, mut rest) = name(line);
    let mut words = vec![name];
    loop {
        rest = skip_blanks(rest);
        if rest.is_empty() {
            return words;
        }
        let (word, after) = argument(rest);
        words.push(word);
        rest = after;
    }
}

fn is_blank(unit: u16) -> bool {
    unit == SPACE || unit == TAB
}

fn skip_blanks(line: &[u16]) -> &[u16] {
    let first = line.iter().position(|unit| !is_blank(*unit));
    first.map_or(&[], |first| &line[first..])
}

/// The first word and what is behind it.
fn name(line: &[u16]) -> (Vec<u16>, &[u16]) {
    if let Some(rest) = line.strip_prefix(&[QUOTE]) {
        let end = rest.iter().position(|unit| *unit == QUOTE);
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
        return (name.to_vec(), after.get(1..).unwrap_or_default());
    }
    let end = line.iter().position(|unit| is_blank(*unit));
    let (name, after) = line.split_at(end.unwrap_or(line.len()));
    (name.to_vec(), after)
}

/// Any other word and what is behind it.
fn argument(line: &[u16]) -> (Vec<u16>, &[u16]) {
    let mut word = Vec::new();
    let mut quoted = false;
    let mut rest = line;
    while let Some((&unit, after)) = rest.split_first() {
        match unit {
            BACKSLASH => {
                let count = run(rest, BACKSLASH);
                rest = &rest[count..];
                if rest.first() != Some(&QUOTE) {
                    word.extend(std::iter::repeat_n(BACKSLASH, count));
                    continue;
                }
                word.extend(std::iter::repeat_n(BACKSLASH, count / 2));
                if count % 2 == 1 {
                    word.push(QUOTE);
                    rest = &rest[1..];
                }
            }
            QUOTE => {
                let count = run(rest, QUOTE);
                rest = &rest[count..];
                quoted = quotes(count, quoted, &mut word);
            }
            unit if is_blank(unit) && !quoted => return (word, rest),
            unit => {
                word.push(unit);
                rest = after;
            }
        }
    }
    (word, rest)
}

/// Quotes in a row: each third since the opening one is a quote of the word, after which the word is
/// no longer quoted; two leave it unquoted as well. Answers whether it is quoted now.
fn quotes(count: usize, quoted: bool, word: &mut Vec<u16>) -> bool {
    let since_opening = usize::from(quoted) + count;
    word.extend(std::iter::repeat_n(QUOTE, since_opening / 3));
    since_opening % 3 == 1
}

fn run(line: &[u16], of: u16) -> usize {
    line.iter().take_while(|unit| **unit == of).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wide(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn words(line: &str) -> Vec<String> {
        let words = split(&wide(line)).into_iter();
        words
            .map(|word| String::from_utf16(&word).unwrap())
            .collect()
    }

    #[test]
    fn lines_are_read_as_the_rules_say() {
        let cases: [(&str, &[&str]); 12] = [
            (r#"p "abc" d e"#, &["p", "abc", "d", "e"]),
            (r#"p a\\\b d"e f"g h"#, &["p", r"a\\\b", "de fg", "h"]),
            (r#"p a\\\"b c d"#, &["p", r#"a\"b"#, "c", "d"]),
            (r#"p a\\\\"b c" d e"#, &["p", r"a\\b c", "d", "e"]),
            ("p \t a  ", &["p", "a"]),
            (r#""a b\" c"#, &[r"a b\", "c"]),
            (r#"p """"#, &["p", "\""]),
            (r#"p """ a"#, &["p", "\"", "a"]),
            (r#"p "" x"#, &["p", "", "x"]),
            (r#"p "a b"#, &["p", "a b"]),
            (r#"p"q r" s"#, &["p\"q", "r s"]),
            ("", &[]),
        ];
        for (line, want) in cases {
            assert_eq!(words(line), want, "{line}");
        }
    }

    #[test]
    fn what_no_line_can_say_is_refused() {
        assert_eq!(join::<Vec<u16>>(&[]), Err(Unquotable::Nothing));
        assert_eq!(join(&[wide("a\"b")]), Err(Unquotable::QuoteInName));
        let zero = join(&[wide("a"), wide("b\0c")]);
        assert_eq!(zero, Err(Unquotable::Zero { place: 1 }));
        let name = wide("n");
        // Two quotes and a space are written besides.
        let most = vec![u16::from(b'x'); LONGEST - 4];
        assert_eq!(join(&[name.clone(), most.clone()]).unwrap().len(), LONGEST);
        let more = [most, wide("x")].concat();
        let units = LONGEST + 1;
        assert_eq!(join(&[name, more]), Err(Unquotable::TooLong { units }));
    }

    /// Units that matter to the rules, and any others.
    pub(crate) fn any_unit() -> impl Strategy<Value = u16> {
        prop_oneof![
            6 => prop::sample::select(wide("\\\" \ta")),
            1 => 1_u16..=u16::MAX,
        ]
    }

    proptest! {
        #[test]
        fn every_list_reads_back(
            name in prop::collection::vec(any_unit().prop_filter("", |unit| *unit != QUOTE), 0..9),
            arguments in prop::collection::vec(prop::collection::vec(any_unit(), 0..9), 0..6),
        ) {
            let words = [vec![name], arguments].concat();
            prop_assert_eq!(split(&join(&words).unwrap()), words);
        }

        #[test]
        fn no_line_makes_the_reader_panic(line in prop::collection::vec(any_unit(), 0..40)) {
            let _ = split(&line);
        }
    }
}

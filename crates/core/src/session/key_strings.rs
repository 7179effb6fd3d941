//! Several keys in one string: `'print(1)' enter ctrl-d`.
//!
//! It is apart because it is a small language. What must stay true: a word is a key or an error; text
//! is typed only where it is quoted, so that a misspelt name is never typed into a program.

use super::key_bytes::{InputModes, paste};
use super::keys::{Key, KeyError};

/// The most bytes that one string of keys may make.
pub const KEYS_BYTES: usize = 65_536;

/// The most times that a key is repeated by one word.
pub const REPEATS: usize = 1_000;

/// One step of a string of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stroke {
    /// A key, pressed this many times.
    Press {
        /// The key.
        key: Key,
        /// How many times, from 1 to [`REPEATS`].
        times: usize,
    },
    /// Text, typed as it is.
    Type(String),
    /// Text, pasted in one go.
    Paste(String),
}

/// Reads a string of keys: words with space between.
///
/// * `ctrl-c`, `up`, `f5`, `x`: a [key](Key). `up*3`: three times.
/// * `'text'` or `"text"`: typed. Between double quotes `\"`, `\\`, `\n`, `\r` and `\t` are understood.
/// * `paste'text'` or `paste"text"`: pasted.
///
/// # Errors
///
/// [`KeyError`] for the first word that is none of these.
///
/// ```
/// use handfast::session::{InputModes, key_bytes, read_keys};
///
/// let strokes = read_keys("'ls -l' enter up*2").unwrap();
/// let bytes = key_bytes(&strokes, InputModes::default()).unwrap();
/// assert_eq!(bytes, b"ls -l\r\x1b[A\x1b[A");
/// ```
pub fn read_keys(keys: &str) -> Result<Vec<Stroke>, KeyError> {
    let mut strokes = Vec::new();
    let mut at = 0;
    while let Some(skipped) = keys[at..].find(|c: char| !c.is_whitespace()) {
        at += skipped;
        let (stroke, end) = stroke(keys, at)?;
        strokes.push(stroke);
        at = end;
    }
    Ok(strokes)
}

/// The bytes of all strokes, one behind the other.
///
/// # Errors
///
/// [`KeyError::NoBytes`] and [`KeyError::PasteEnd`] as for one key or paste, [`KeyError::TooMany`]
/// above [`KEYS_BYTES`].
pub fn key_bytes(strokes: &[Stroke], modes: InputModes) -> Result<Vec<u8>, KeyError> {
    let mut all = Vec::new();
    for stroke in strokes {
        match stroke {
            Stroke::Press { key, times } => all.extend(key.bytes(modes)?.repeat(*times)),
            Stroke::Type(text) => all.extend_from_slice(text.as_bytes()),
            Stroke::Paste(text) => all.extend(paste(text, modes)?),
        }
        if all.len() > KEYS_BYTES {
            return Err(KeyError::TooMany);
        }
    }
    Ok(all)
}

/// One stroke, and where it ends.
fn stroke(keys: &str, at: usize) -> Result<(Stroke, usize), KeyError> {
    let rest = &keys[at..];
    if let Some(after) = rest.strip_prefix("paste")
        && after.starts_with(['\'', '"'])
    {
        let (text, end) = quoted(keys, at + "paste".len())?;
        return Ok((Stroke::Paste(text), end));
    }
    if rest.starts_with(['\'', '"']) {
        let (text, end) = quoted(keys, at)?;
        return Ok((Stroke::Type(text), end));
    }
    let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
    Ok((press(&rest[..length])?, at + length))
}

fn press(word: &str) -> Result<Stroke, KeyError> {
    // `*` alone and `ctrl-*` are keys.
    let repeated = word
        .rsplit_once('*')
        .filter(|(name, times)| !name.is_empty() && !times.is_empty());
    let Some((name, times)) = repeated else {
        let (key, times) = (word.parse()?, 1);
        return Ok(Stroke::Press { key, times });
    };
    let times = times.parse().ok();
    let times = times.filter(|times| (1..=REPEATS).contains(times));
    let word = word.to_owned();
    let times = times.ok_or(KeyError::BadRepeat { word })?;
    let key = name.parse()?;
    Ok(Stroke::Press { key, times })
}

/// The text of the quotes that begin at `at`, and where they end.
fn quoted(keys: &str, at: usize) -> Result<(String, usize), KeyError> {
    let quote = keys.as_bytes()[at];
    let mut text = String::new();
    let mut characters = keys[at + 1..].char_indices();
    while let Some((offset, character)) = characters.next() {
        if character == char::from(quote) {
            return Ok((text, at + 1 + offset + 1));
        }
        if character != '\\' || quote == b'\'' {
            text.push(character);
            continue;
        }
        match characters.next().map(|(_, escaped)| escaped) {
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some(escaped @ ('"' | '\\')) => text.push(escaped),
            Some(other) => text.extend(['\\', other]),
            None => break,
        }
    }
    Err(KeyError::OpenQuote { at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(keys: &str) -> Result<String, KeyError> {
        let bytes = key_bytes(&read_keys(keys)?, InputModes::default())?;
        Ok(String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn keys_and_text_become_bytes() {
        let cases = [
            ("", ""),
            ("  ctrl-c  ", "\u{3}"),
            ("a b\tc\n", "abc"),
            ("'it is' enter", "it is\r"),
            (r#""say \"hi\"\n\t\\ \d" x"#, "say \"hi\"\n\t\\ \\dx"),
            (r"'a\nb'", r"a\nb"),
            ("up*2 *", "\u{1b}[A\u{1b}[A*"),
            ("**3 ctrl-_*2", "***\u{1f}\u{1f}"),
            ("''", ""),
            ("'é''x'", "éx"),
            ("paste'a\nb' enter", "a\rb\r"),
        ];
        for (keys, want) in cases {
            assert_eq!(bytes(keys).unwrap(), want, "{keys:?}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let cases = [
            ("enter 'open", KeyError::OpenQuote { at: 6 }),
            ("paste\"open\\", KeyError::OpenQuote { at: 5 }),
            (
                "up*0",
                KeyError::BadRepeat {
                    word: "up*0".into(),
                },
            ),
            (
                "up*x",
                KeyError::BadRepeat {
                    word: "up*x".into(),
                },
            ),
            (
                "up*1001",
                KeyError::BadRepeat {
                    word: "up*1001".into(),
                },
            ),
            ("paste'\u{1b}[201~'", KeyError::PasteEnd { at: 0 }),
        ];
        for (keys, want) in cases {
            assert_eq!(bytes(keys).unwrap_err(), want, "{keys:?}");
        }
        assert!(matches!(bytes("echo"), Err(KeyError::Unknown { .. })));
        assert!(matches!(bytes("ctrl-enter"), Err(KeyError::NoBytes { .. })));
        let many = "f12*1000 ".repeat(20);
        assert_eq!(bytes(&many).unwrap_err(), KeyError::TooMany);
    }

    proptest! {
        #[test]
        fn quoted_text_is_typed_as_it_is(text in "[^']{0,20}") {
            prop_assert_eq!(bytes(&format!("'{text}'")).unwrap(), text);
        }

        #[test]
        fn any_string_is_read_or_refused(keys in "[a-c'\"* \\\\é-]{0,20}") {
            let _ = bytes(&keys);
        }
    }
}

//! Keys by name: what a person would press, as words.
//!
//! It is apart from the [bytes](super::key_bytes) that a terminal sends, because those depend on what
//! the program has asked of its terminal. What must stay true: a name that is not known is an error
//! with the names that are near, never something that is typed instead.

use std::fmt;
use std::str::FromStr;

use super::near;

/// Why keys cannot be pressed. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// No key has this name.
    #[error("no key is called `{name}`{}", hint(near))]
    Unknown {
        /// The name, with its modifiers.
        name: String,
        /// Names that are written nearly so, the nearest first, at most three.
        near: Vec<String>,
    },
    /// A classic terminal sends nothing for it, or the same as for another key.
    ///
    /// A program that has switched the kitty keyboard protocol on can be sent most of these.
    #[error("`{key}` has no bytes of its own in this program's terminal")]
    NoBytes {
        /// The key.
        key: Key,
    },
    /// A quoted text without its second quote.
    #[error("the quote that begins at byte {at} has no end")]
    OpenQuote {
        /// Where the first quote is, in bytes from the beginning.
        at: usize,
    },
    /// What follows `*` is no number from 1 to [`REPEATS`](super::REPEATS).
    #[error(
        "`{word}` repeats a key a number of times that is not from 1 to {}",
        super::REPEATS
    )]
    BadRepeat {
        /// The word.
        word: String,
    },
    /// The keys make more bytes than are written at once.
    #[error("the keys make more than {} bytes", super::KEYS_BYTES)]
    TooMany,
    /// The text to paste holds what ends a paste, so that its rest would be taken as typed.
    #[error("the text to paste has the end of a bracketed paste in it, at byte {at}")]
    PasteEnd {
        /// Where, in bytes from the beginning.
        at: usize,
    },
}

fn hint(near: &[String]) -> String {
    match near {
        [] => String::new(),
        names => format!("; near are `{}`", names.join("`, `")),
    }
}

/// Which key, without modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The key that types this character.
    Character(char),
    /// Enter.
    Enter,
    /// Tab.
    Tab,
    /// Escape.
    Escape,
    /// Backspace.
    Backspace,
    /// Insert.
    Insert,
    /// Delete, the one that deletes to the right.
    Delete,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// A function key, from 1 to 24.
    Function(u8),
}

/// What is held down with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Modifiers {
    /// Control.
    pub ctrl: bool,
    /// Alt, also called Meta or Option.
    pub alt: bool,
    /// Shift. A letter with shift alone is the upper-case [`Code::Character`] without it.
    pub shift: bool,
}

/// One key with its modifiers.
///
/// Names are `enter`, `tab`, `escape`, `space`, `backspace`, `insert`, `delete`, `home`, `end`,
/// `page-up`, `page-down`, `up`, `down`, `left`, `right`, `f1` to `f24`, and any single character.
/// Before them, in any order, `ctrl-`, `alt-`, `shift-`. Upper and lower case are the same, except
/// for single characters; `+` may stand for `-`. Also understood: `return`, `esc`, `bs`, `del`,
/// `ins`, `pgup`, `pgdn`, `control-`, `meta-`, `option-`, `c-`, `m-`, `s-`, and `^c` for `ctrl-c`.
///
/// ```
/// use handfast::session::{InputModes, Key};
///
/// let key: Key = "Ctrl-C".parse().unwrap();
/// assert_eq!(key.to_string(), "ctrl-c");
/// assert_eq!(key.bytes(InputModes::default()).unwrap(), b"\x03");
///
/// let error = "entr".parse::<Key>().unwrap_err();
/// assert_eq!(error.to_string(), "no key is called `entr`; near are `enter`");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// What is held down.
    pub modifiers: Modifiers,
}

/// The first of each is the name that is printed.
const NAMES: [(Code, &[&str]); 15] = [
    (Code::Enter, &["enter", "return", "cr"]),
    (Code::Tab, &["tab"]),
    (Code::Escape, &["escape", "esc"]),
    (Code::Character(' '), &["space", "spc"]),
    (Code::Backspace, &["backspace", "bspace", "bs"]),
    (Code::Insert, &["insert", "ins"]),
    (Code::Delete, &["delete", "del"]),
    (Code::Home, &["home"]),
    (Code::End, &["end"]),
    (Code::PageUp, &["page-up", "pageup", "pgup"]),
    (Code::PageDown, &["page-down", "pagedown", "pgdn", "pgdown"]),
    (Code::Up, &["up", "arrow-up"]),
    (Code::Down, &["down", "arrow-down"]),
    (Code::Left, &["left", "arrow-left"]),
    (Code::Right, &["right", "arrow-right"]),
];

/// How many function keys have a name.
const FUNCTIONS: u8 = 24;

impl Key {
    /// A key without modifiers.
    #[must_use]
    pub fn plain(code: Code) -> Self {
        Self {
            code,
            modifiers: Modifiers::default(),
        }
    }
}

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(name: &str) -> Result<Self, KeyError> {
        let (modifiers, base) = split(name);
        let unknown = || KeyError::Unknown {
            name: name.to_owned(),
            near: near_names(name, base),
        };
        let code = code(base).ok_or_else(unknown)?;
        Ok(settled(code, modifiers))
    }
}

/// Takes the modifiers off a name.
fn split(name: &str) -> (Modifiers, &str) {
    const PREFIXES: [(&str, char); 10] = [
        ("control", 'c'),
        ("ctrl", 'c'),
        ("c", 'c'),
        ("option", 'm'),
        ("meta", 'm'),
        ("alt", 'm'),
        ("m", 'm'),
        ("shift", 's'),
        ("s", 's'),
        ("^", 'c'),
    ];
    let mut modifiers = Modifiers::default();
    let mut rest = name;
    'prefixes: loop {
        for (prefix, kind) in PREFIXES {
            let Some(after) = after_prefix(rest, prefix) else {
                continue;
            };
            match kind {
                'c' => modifiers.ctrl = true,
                'm' => modifiers.alt = true,
                _ => modifiers.shift = true,
            }
            rest = after;
            continue 'prefixes;
        }
        return (modifiers, rest);
    }
}

/// What follows the prefix and its separator, if anything does. `^` has no separator.
fn after_prefix<'n>(name: &'n str, prefix: &str) -> Option<&'n str> {
    let (head, rest) = name.split_at_checked(prefix.len())?;
    if !head.eq_ignore_ascii_case(prefix) {
        return None;
    }
    let rest = if prefix == "^" {
        rest
    } else {
        rest.strip_prefix(['-', '+'])?
    };
    (!rest.is_empty()).then_some(rest)
}

fn code(base: &str) -> Option<Code> {
    let mut characters = base.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        return (!only.is_control()).then_some(Code::Character(only));
    }
    let lower = base.to_ascii_lowercase();
    let named = NAMES
        .iter()
        .find(|(_, names)| names.contains(&lower.as_str()));
    if let Some((code, _)) = named {
        return Some(*code);
    }
    let number: u8 = lower.strip_prefix('f')?.parse().ok()?;
    let is_plain = lower == format!("f{number}");
    (is_plain && (1..=FUNCTIONS).contains(&number)).then_some(Code::Function(number))
}

/// One key for each way to write it: `shift-a` is `A`, and `ctrl-C` is `ctrl-c`.
fn settled(code: Code, mut modifiers: Modifiers) -> Key {
    let Code::Character(character) = code else {
        return Key { code, modifiers };
    };
    let character = if modifiers.ctrl {
        character.to_ascii_lowercase()
    } else if modifiers.shift && character.is_ascii_alphabetic() {
        modifiers.shift = false;
        character.to_ascii_uppercase()
    } else {
        character
    };
    Key {
        code: Code::Character(character),
        modifiers,
    }
}

fn near_names(name: &str, base: &str) -> Vec<String> {
    let prefix = &name[..name.len() - base.len()];
    let functions: Vec<String> = (1..=FUNCTIONS).map(|number| format!("f{number}")).collect();
    let names = NAMES.iter().flat_map(|(_, names)| names.iter().copied());
    let all = names.chain(functions.iter().map(String::as_str));
    let near = near::names(&base.to_ascii_lowercase(), all);
    near.iter().map(|name| format!("{prefix}{name}")).collect()
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Modifiers { ctrl, alt, shift } = self.modifiers;
        for (held, name) in [(ctrl, "ctrl-"), (alt, "alt-"), (shift, "shift-")] {
            f.write_str(if held { name } else { "" })?;
        }
        let named = NAMES.iter().find(|(code, _)| *code == self.code);
        match (self.code, named) {
            (_, Some((_, names))) => f.write_str(names[0]),
            (Code::Function(number), None) => write!(f, "f{number}"),
            (Code::Character(character), None) => write!(f, "{character}"),
            (code, None) => write!(f, "{code:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(name: &str) -> Key {
        name.parse().unwrap()
    }

    #[test]
    fn every_way_to_write_a_key_is_the_same_key() {
        let same = [
            ("ctrl-c", &["Ctrl-C", "control+c", "C-c", "^c", "^C"][..]),
            ("alt-x", &["M-x", "meta-x", "Option+x"]),
            ("A", &["shift-a", "S-a", "shift-A"]),
            ("shift-tab", &["S-Tab", "SHIFT+TAB"]),
            ("ctrl-alt-delete", &["alt-ctrl-del", "M-C-Delete"]),
            ("page-up", &["PageUp", "pgup"]),
            ("enter", &["return", "CR"]),
            ("space", &[" "]),
            ("ctrl--", &["ctrl+-", "^-"]),
            ("f24", &["F24"]),
        ];
        for (name, others) in same {
            for other in others {
                assert_eq!(key(other), key(name), "{other}");
            }
            assert_eq!(key(name).to_string(), name);
        }
        for single in ["c", "m", "s", "-", "^", "+", "é", "A"] {
            assert_eq!(key(single).to_string(), single);
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_those_near() {
        let cases = [
            ("entr", "; near are `enter`"),
            ("ctrl-upp", "; near are `ctrl-up`"),
            ("pageupp", "; near are `pageup`"),
            ("esacpe", "; near are `escape`"),
            ("xyzzy", ""),
            ("", ""),
            ("\n", ""),
        ];
        for (name, want) in cases {
            let error = name.parse::<Key>().unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("no key is called `{name}`{want}")
            );
        }
        for name in ["f0", "f25", "f01", "f+1", "ctrl-", "hello"] {
            assert!(name.parse::<Key>().is_err(), "{name}");
        }
    }

    proptest! {
        #[test]
        fn a_printed_key_is_read_again(
            name in prop::sample::select(NAMES.map(|(_, names)| names[0]).to_vec()),
            held in any::<[bool; 3]>(),
        ) {
            let [ctrl, alt, shift] = held;
            let mut want = key(name);
            want.modifiers = Modifiers { ctrl, alt, shift };
            prop_assert_eq!(key(&want.to_string()), want);
        }

        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            if let Ok(read) = text.parse::<Key>() {
                prop_assert_eq!(key(&read.to_string()), read);
            }
        }
    }
}

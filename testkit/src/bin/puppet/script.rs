//! Words, brackets and what can be wrong with them.
//!
//! A script is a slice of the argument list; `[` and `]` stand as words of their own and nest.

use std::fmt::Display;
use std::str::FromStr;

use rustix::io::write;
use rustix::stdio::stderr;

/// The exit code of a puppet whose script failed.
const FAILED: i32 = 125;

/// Why a word could not be done.
#[derive(Debug)]
pub(crate) struct Fault(String);

impl Fault {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    /// Names what was tried, for `map_err`.
    pub(crate) fn tried<E: Display>(what: impl Display) -> impl FnOnce(E) -> Self {
        move |error| Self(format!("{what}: {error}"))
    }

    /// The exit code of what was played; a failure is said on stderr.
    pub(crate) fn code(played: Result<(), Self>) -> i32 {
        let Err(Self(what)) = played else { return 0 };
        // A puppet without stderr can only end.
        let _unheard = write(stderr(), format!("puppet: {what}\n").as_bytes());
        FAILED
    }
}

/// The words still to be done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Script<'a> {
    words: &'a [String],
}

impl<'a> Script<'a> {
    pub(crate) fn new(words: &'a [String]) -> Self {
        Self { words }
    }

    /// The next word, if there is one.
    pub(crate) fn word(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    /// The argument that `of` needs.
    pub(crate) fn argument(&mut self, of: &str) -> Result<&'a str, Fault> {
        self.word()
            .ok_or_else(|| Fault::new(format!("{of} needs an argument")))
    }

    /// The argument that `of` needs, parsed.
    pub(crate) fn parsed<T: FromStr<Err: Display>>(&mut self, of: &str) -> Result<T, Fault> {
        let argument = self.argument(of)?;
        argument
            .parse()
            .map_err(Fault::tried(format_args!("{of} {argument}")))
    }

    /// All that is left.
    pub(crate) fn rest(&mut self) -> &'a [String] {
        std::mem::take(&mut self.words)
    }

    /// The bracketed script that `of` needs.
    pub(crate) fn bracket(&mut self, of: &str) -> Result<Script<'a>, Fault> {
        let unbalanced = || Fault::new(format!("{of} needs [ a script ]"));
        if self.word() != Some("[") {
            return Err(unbalanced());
        }
        let mut depth = 1_usize;
        let closes = |word: &String| {
            depth = match word.as_str() {
                "[" => depth + 1,
                "]" => depth - 1,
                _ => depth,
            };
            depth == 0
        };
        let end = self.words.iter().position(closes).ok_or_else(unbalanced)?;
        let inside = Script::new(&self.words[..end]);
        self.words = &self.words[end + 1..];
        Ok(inside)
    }
}

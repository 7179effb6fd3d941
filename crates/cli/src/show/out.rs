//! Standard output, with or without colours.

use crate::app::When;
use crate::explain::Failure;
use serde::Serialize;
use std::io::{ErrorKind, IsTerminal, Stdout, Write, stdout};

/// A colour with a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hue {
    /// The head of a table, and what matters less.
    Dim,
    /// What is as it should be.
    Good,
    /// What changes.
    Busy,
    /// What went wrong.
    Bad,
    /// One of several that are told apart, by its place among them.
    Of(usize),
}

impl Hue {
    /// What begins it on a terminal.
    fn code(self) -> &'static str {
        const SEVERAL: [&str; 6] = ["36", "35", "34", "32", "33", "31"];
        match self {
            Hue::Dim => "2",
            Hue::Good => "32",
            Hue::Busy => "33",
            Hue::Bad => "31",
            Hue::Of(place) => SEVERAL.get(place % SEVERAL.len()).unwrap_or(&"36"),
        }
    }
}

/// Where a verb writes.
#[derive(Debug)]
pub(crate) struct Out {
    stream: Stdout,
    colour: bool,
    terminal: bool,
}

impl Out {
    /// Standard output; in colour as `when` says.
    pub(crate) fn new(when: When) -> Out {
        let stream = stdout();
        let terminal = stream.is_terminal();
        let colour = match when {
            When::Auto => terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
            When::Always => true,
            When::Never => false,
        };
        Out {
            stream,
            colour,
            terminal,
        }
    }

    /// Whether a person looks at it.
    pub(crate) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// A text in a colour, if there are any.
    pub(crate) fn paint(&self, hue: Hue, text: &str) -> String {
        if self.colour && !text.is_empty() {
            format!("\x1b[{}m{text}\x1b[0m", hue.code())
        } else {
            text.to_owned()
        }
    }

    /// Writes these bytes, at once.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let mut stream = self.stream.lock();
        let written = stream.write_all(bytes).and_then(|()| stream.flush());
        written.map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => Failure::nobody_reads(),
            _ => Failure::new("cli.output", "write to standard output", &error),
        })
    }

    /// Writes a line.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), Failure> {
        self.bytes(format!("{text}\n").as_bytes())
    }

    /// Writes a line of JSON.
    pub(crate) fn json(&mut self, line: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(line);
        let failed = |error| Failure::new("cli.output", "write a line of JSON", &error);
        self.line(&text.map_err(failed)?)
    }
}

//! What our terminal answers to a [`Query`].
//!
//! It is apart because an answer is a promise: only what the [screen](super::Screen) and the
//! [keys](super::Key) really do is said. What must stay true: nothing that the program chose itself
//! is ever sent back to it, because an answer arrives as if somebody had typed it.
//!
//! Not answered, and why:
//!
//! * `CSI 20 t`, `CSI 21 t` (title), ENQ, DECRQCRA, `OSC 52 ; … ; ?` (clipboard): a program could have
//!   text of its choice typed into whatever reads the terminal next, or read what is not its own.
//! * `OSC 4 ; n ; ?` (palette), `CSI 14 t`, `CSI 16 t` (pixels), `CSI ? 996 n` (dark or light): there
//!   is no display here that has them. Programs ask DA1 behind them and go on when it is answered.
//! * Other reports of DSR (printer, locator, macros): a terminal without the part does not answer.

use super::queries::Query;

/// A colour, eight bits for each part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// The colours that are named to programs that ask. Light on dark, unless set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// Text, `OSC 10`.
    pub foreground: Rgb,
    /// Background, `OSC 11`. Programs choose dark or light themes by it.
    pub background: Rgb,
    /// Cursor, `OSC 12`.
    pub cursor: Rgb,
}

impl Default for Palette {
    fn default() -> Self {
        Self {
            foreground: Rgb(0xe5, 0xe5, 0xe5),
            background: Rgb(0, 0, 0),
            cursor: Rgb(0xe5, 0xe5, 0xe5),
        }
    }
}

/// What is true of the terminal at the moment of the question.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    pub(super) palette: Palette,
    /// Row and column, counted from 1.
    pub(super) cursor: (u16, u16),
    /// Rows and columns.
    pub(super) size: (u16, u16),
    pub(super) keyboard: u8,
}

/// The answer, empty where there is none. Modes are answered with [`mode_report`].
pub(super) fn answer(query: Query, facts: &Facts) -> String {
    let (row, column) = facts.cursor;
    match query {
        // A VT220 with colours. No sixel, no national sets.
        Query::PrimaryAttributes => "\u{1b}[?62;22c".to_owned(),
        // A VT100, version 1: no number from which programs guess at xterm's own extensions.
        Query::SecondaryAttributes => "\u{1b}[>0;1;0c".to_owned(),
        Query::TertiaryAttributes => "\u{1b}P!|00000000\u{1b}\\".to_owned(),
        Query::Status => "\u{1b}[0n".to_owned(),
        Query::CursorPosition => format!("\u{1b}[{row};{column}R"),
        Query::ExtendedCursorPosition => format!("\u{1b}[?{row};{column}R"),
        Query::Color { number, bell } => color(number, bell, facts.palette),
        Query::Version => format!("\u{1b}P>|handfast({})\u{1b}\\", env!("CARGO_PKG_VERSION")),
        Query::Size => format!("\u{1b}[8;{};{}t", facts.size.0, facts.size.1),
        // "Not known": the program goes on with what it assumes.
        Query::Setting => "\u{1b}P0$r\u{1b}\\".to_owned(),
        Query::Capability => "\u{1b}P0+r\u{1b}\\".to_owned(),
        Query::Keyboard => format!("\u{1b}[?{}u", facts.keyboard),
        Query::Mode { .. }
        | Query::PushKeyboard(_)
        | Query::PopKeyboard(_)
        | Query::SetKeyboard { .. }
        | Query::Repeat(_)
        | Query::Reset => String::new(),
    }
}

fn color(number: u8, bell: bool, palette: Palette) -> String {
    let Rgb(red, green, blue) = match number {
        10 => palette.foreground,
        11 => palette.background,
        _ => palette.cursor,
    };
    let end = if bell { "\u{7}" } else { "\u{1b}\\" };
    // Sixteen bits for each part, as xterm answers.
    let wide = |part: u8| format!("{part:02x}{part:02x}");
    let (red, green, blue) = (wide(red), wide(green), wide(blue));
    format!("\u{1b}]{number};rgb:{red}/{green}/{blue}{end}")
}

/// DECRPM: whether a mode is set; `None` for one that is not known here.
pub(super) fn mode_report(number: u16, private: bool, set: Option<bool>) -> String {
    let value = match set {
        None => 0,
        Some(true) => 1,
        Some(false) => 2,
    };
    let prefix = if private { "?" } else { "" };
    format!("\u{1b}[{prefix}{number};{value}$y")
}

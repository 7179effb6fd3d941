//! What a terminal sends when a key is pressed.
//!
//! The bytes are those of xterm (`TERM=xterm-256color`, "XTerm Control Sequences", PC-style function
//! keys), and with [`InputModes::disambiguate`] those of the kitty keyboard protocol, flag 1. It is
//! apart from the [names](super::keys) because the same key gives other bytes in other modes. What
//! must stay true: a key that the terminal cannot tell from another is refused, not sent as that one.

use super::keys::{Code, Key, KeyError, Modifiers};

/// What the program has asked of its terminal. The [screen](super::Screen) knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InputModes {
    /// DECCKM, `CSI ? 1 h`: arrows, Home and End begin with `ESC O` and not with `ESC [`.
    pub application_cursor: bool,
    /// `CSI ? 2004 h`: a paste is put between `ESC [ 200 ~` and `ESC [ 201 ~`.
    pub bracketed_paste: bool,
    /// Flag 1 of the kitty keyboard protocol: keys that are otherwise the same have bytes of their
    /// own.
    pub disambiguate: bool,
}

const ESCAPE: u8 = 0x1b;
const PASTE_BEGIN: &str = "\u{1b}[200~";
const PASTE_END: &str = "\u{1b}[201~";

impl Key {
    /// The bytes that the terminal sends for this key.
    ///
    /// `backspace` is DEL (`kbs` of xterm-256color), `enter` is a carriage return.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoBytes`] if the terminal has none for it, or only those of another key:
    /// `shift-enter`, `ctrl-shift-c`, `ctrl-tab`.
    ///
    /// ```
    /// use handfast::session::{InputModes, Key};
    ///
    /// let mut modes = InputModes::default();
    /// let up: Key = "up".parse().unwrap();
    /// assert_eq!(up.bytes(modes).unwrap(), b"\x1b[A");
    /// modes.application_cursor = true;
    /// assert_eq!(up.bytes(modes).unwrap(), b"\x1bOA");
    ///
    /// let shift_enter: Key = "shift-enter".parse().unwrap();
    /// assert!(shift_enter.bytes(modes).is_err());
    /// modes.disambiguate = true;
    /// assert_eq!(shift_enter.bytes(modes).unwrap(), b"\x1b[13;2u");
    /// ```
    pub fn bytes(self, modes: InputModes) -> Result<Vec<u8>, KeyError> {
        if modes.disambiguate
            && let Some(bytes) = self.disambiguated()
        {
            return Ok(bytes);
        }
        let bytes = match self.code {
            Code::Character(character) => self.character(character),
            Code::Enter => self.control(b'\r'),
            Code::Escape => self.control(ESCAPE),
            Code::Tab if self.modifiers == SHIFT => Some(b"\x1b[Z".to_vec()),
            Code::Tab => self.control(b'\t'),
            Code::Backspace => self.backspace(),
            code => self.function(code, modes),
        };
        bytes.ok_or(KeyError::NoBytes { key: self })
    }

    /// A key that types text.
    fn character(self, character: char) -> Option<Vec<u8>> {
        let Modifiers { ctrl, alt, shift } = self.modifiers;
        if shift {
            return None;
        }
        let mut bytes = if alt { vec![ESCAPE] } else { Vec::new() };
        if ctrl {
            bytes.push(control(character)?);
        } else {
            bytes.extend(character.to_string().as_bytes());
        }
        Some(bytes)
    }

    /// A key that has one byte: with alt an escape stands before it, and there is no more.
    fn control(self, byte: u8) -> Option<Vec<u8>> {
        match self.modifiers {
            NONE => Some(vec![byte]),
            ALT => Some(vec![ESCAPE, byte]),
            _ => None,
        }
    }

    fn backspace(self) -> Option<Vec<u8>> {
        let Modifiers { ctrl, alt, shift } = self.modifiers;
        let byte = if ctrl { 0x08 } else { 0x7f };
        let plain = if alt { vec![ESCAPE, byte] } else { vec![byte] };
        (!shift).then_some(plain)
    }

    /// Arrows, the keys around them, and function keys.
    fn function(self, code: Code, modes: InputModes) -> Option<Vec<u8>> {
        let letter = match code {
            Code::Up => b'A',
            Code::Down => b'B',
            Code::Right => b'C',
            Code::Left => b'D',
            Code::Home => b'H',
            Code::End => b'F',
            _ => return self.numbered(code),
        };
        let is_bare = self.modifiers == NONE;
        Some(match (is_bare, modes.application_cursor) {
            (true, true) => vec![ESCAPE, b'O', letter],
            (true, false) => vec![ESCAPE, b'[', letter],
            (false, _) => self.lettered(letter),
        })
    }

    fn numbered(self, code: Code) -> Option<Vec<u8>> {
        let number = match code {
            Code::Insert => 2,
            Code::Delete => 3,
            Code::PageUp => 5,
            Code::PageDown => 6,
            Code::Function(number) => return self.function_key(number),
            _ => return None,
        };
        Some(self.tilde(number))
    }

    /// F1 to F4 have letters, the others numbers with holes: a VT220 had keys in groups.
    fn function_key(self, number: u8) -> Option<Vec<u8>> {
        const NUMBERS: [u8; 8] = [15, 17, 18, 19, 20, 21, 23, 24];
        match number {
            1..=4 => {
                let letter = b'P' + number - 1;
                let is_bare = self.modifiers == NONE;
                let bare = vec![ESCAPE, b'O', letter];
                Some(if is_bare { bare } else { self.lettered(letter) })
            }
            5..=12 => Some(self.tilde(NUMBERS[usize::from(number) - 5])),
            // `kf13` to `kf24` of terminfo are the first twelve with shift.
            13..=24 if self.modifiers == NONE => {
                let modifiers = SHIFT;
                Key { modifiers, ..self }.function_key(number - 12)
            }
            _ => None,
        }
    }

    fn lettered(self, letter: u8) -> Vec<u8> {
        let modifier = self.parameter();
        format!("\u{1b}[1;{modifier}{}", char::from(letter)).into_bytes()
    }

    fn tilde(self, number: u8) -> Vec<u8> {
        match self.parameter() {
            1 => format!("\u{1b}[{number}~").into_bytes(),
            modifier => format!("\u{1b}[{number};{modifier}~").into_bytes(),
        }
    }

    /// What the kitty protocol changes with flag 1, `None` where it changes nothing.
    fn disambiguated(self) -> Option<Vec<u8>> {
        let Modifiers { ctrl, alt, .. } = self.modifiers;
        let is_bare = self.modifiers == NONE;
        let mut key = self;
        let number = match self.code {
            Code::Escape => 27,
            Code::Enter if !is_bare => 13,
            Code::Tab if !is_bare => 9,
            Code::Backspace if !is_bare => 127,
            Code::Character(character) if ctrl || alt => {
                // The key is named by what it types without shift.
                key.modifiers.shift |= character.is_ascii_uppercase();
                u32::from(character.to_ascii_lowercase())
            }
            // Its letter would read as a cursor position report.
            Code::Function(3) if !is_bare => return Some(self.tilde(13)),
            _ => return None,
        };
        Some(match key.parameter() {
            1 => format!("\u{1b}[{number}u").into_bytes(),
            modifier => format!("\u{1b}[{number};{modifier}u").into_bytes(),
        })
    }

    /// The modifiers as xterm numbers them: 1 for none.
    fn parameter(self) -> u8 {
        let Modifiers { ctrl, alt, shift } = self.modifiers;
        1 + u8::from(shift) + 2 * u8::from(alt) + 4 * u8::from(ctrl)
    }
}

const NONE: Modifiers = Modifiers {
    ctrl: false,
    alt: false,
    shift: false,
};
const ALT: Modifiers = Modifiers { alt: true, ..NONE };
const SHIFT: Modifiers = Modifiers {
    shift: true,
    ..NONE
};

/// The control character of a key, as xterm has them, the digits of a VT220 included.
fn control(character: char) -> Option<u8> {
    let byte = match character {
        'a'..='z' => character as u8 & 0x1f,
        ' ' | '@' | '2' => 0x00,
        '[' | '3' => 0x1b,
        '\\' | '4' => 0x1c,
        ']' | '5' => 0x1d,
        '^' | '~' | '6' => 0x1e,
        '_' | '/' | '-' | '7' => 0x1f,
        '?' | '8' => 0x7f,
        _ => return None,
    };
    Some(byte)
}

/// The bytes of a pasted text: line ends become carriage returns, as terminals do, and the brackets
/// stand around it where the program has asked for them.
///
/// # Errors
///
/// [`KeyError::PasteEnd`] if the text holds the bracket that ends a paste: what follows would be
/// taken as typed.
///
/// ```
/// use handfast::session::{InputModes, paste};
///
/// let mut modes = InputModes::default();
/// assert_eq!(paste("a\nb", modes).unwrap(), b"a\rb");
/// modes.bracketed_paste = true;
/// assert_eq!(paste("a\r\nb", modes).unwrap(), b"\x1b[200~a\rb\x1b[201~");
/// ```
pub fn paste(text: &str, modes: InputModes) -> Result<Vec<u8>, KeyError> {
    if let Some(at) = text.find(PASTE_END) {
        return Err(KeyError::PasteEnd { at });
    }
    let text = text.replace("\r\n", "\r").replace('\n', "\r");
    if !modes.bracketed_paste {
        return Ok(text.into_bytes());
    }
    Ok([PASTE_BEGIN, &text, PASTE_END].concat().into_bytes())
}

#[cfg(test)]
mod tests;

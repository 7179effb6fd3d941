//! Input as a Windows console expects it.
//!
//! It is apart because a line end may be cut by two writes. The rules are those of unified-exec 3.2:
//! LF becomes CR, a CRLF pair gives one CR also when it is split, backspace (0x08) becomes DEL (0x7f),
//! and Ctrl-C becomes a key event, which is no byte. Pure, so it is tested on every system.

/// A part of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsoleInput {
    /// Bytes to write to the console.
    Bytes(Vec<u8>),
    /// A console key event for Ctrl-C, in its place between the bytes.
    Interrupt,
}

/// Makes input fit for a Windows console as it comes.
///
/// ```
/// use handfast_sys::console_input::{ConsoleInput, WindowsInput};
///
/// let mut input = WindowsInput::default();
/// assert_eq!(input.push(b"dir\r"), [ConsoleInput::Bytes(b"dir\r".to_vec())]);
/// assert_eq!(input.push(b"\n\x03"), [ConsoleInput::Interrupt]);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WindowsInput {
    after_return: bool,
}

impl WindowsInput {
    /// What is written for these bytes, in order.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<ConsoleInput> {
        let mut parts = Vec::new();
        let mut run = Vec::with_capacity(bytes.len());
        for &byte in bytes {
            let was_return = std::mem::replace(&mut self.after_return, byte == b'\r');
            match byte {
                b'\n' if was_return => {}
                b'\n' => run.push(b'\r'),
                0x08 => run.push(0x7f),
                0x03 => {
                    finish_run(&mut run, &mut parts);
                    parts.push(ConsoleInput::Interrupt);
                }
                byte => run.push(byte),
            }
        }
        finish_run(&mut run, &mut parts);
        parts
    }
}

fn finish_run(run: &mut Vec<u8>, parts: &mut Vec<ConsoleInput>) {
    if !run.is_empty() {
        parts.push(ConsoleInput::Bytes(std::mem::take(run)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The parts as bytes, an interrupt as `!`.
    fn written(parts: &[&[u8]]) -> Vec<u8> {
        let mut input = WindowsInput::default();
        let all = parts.iter().flat_map(|part| input.push(part));
        all.flat_map(|part| match part {
            ConsoleInput::Bytes(bytes) => bytes,
            ConsoleInput::Interrupt => b"!".to_vec(),
        })
        .collect()
    }

    #[test]
    fn line_ends_backspace_and_interrupt_are_normalised() {
        let cases: [(&[u8], &[u8]); 6] = [
            (b"a\nb", b"a\rb"),
            (b"a\r\nb", b"a\rb"),
            (b"\r\n\n\r\r\n", b"\r\r\r\r"),
            (b"ab\x08", b"ab\x7f"),
            (b"a\x03b", b"a!b"),
            (b"", b""),
        ];
        for (bytes, want) in cases {
            assert_eq!(written(&[bytes]), want, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn every_split_writes_the_same(bytes in "[a\r\n\u{8}\u{3}]{0,20}") {
            let bytes = bytes.as_bytes();
            let want = written(&[bytes]);
            for at in 0..=bytes.len() {
                prop_assert_eq!(&written(&[&bytes[..at], &bytes[at..]]), &want);
            }
        }
    }
}

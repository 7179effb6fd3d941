//! Words about input and output.
//!
//! `say TEXT` | `raw TEXT` (with `\n \r \t \e \\ \xNN`, no newline added) | `err TEXT` | `write-fd N TEXT` |
//! `flood BYTES` (see `testkit::flood`) | `echo` (input to output until end-of-file) | `wait-eof` |
//! `read-line` (says `line TEXT`, or `eof`) | `read-bytes N` (says `bytes TEXT` with escapes) |
//! `gate PATH` (reads a FIFO to its end: a test holds it open).

use std::fs;
use std::io::ErrorKind;

use handfast_sys::puppetry;
use rustix::io::{Errno, read};
use rustix::stdio::stdin;

use crate::script::{Fault, Script};
use crate::stage::Known;

/// How much of a flood is written at once; a multiple of a flood's line.
const PIECE: u64 = 64 * 1024;

/// Does the word if it is one of these.
pub(crate) fn step(word: &str, script: &mut Script<'_>) -> Known {
    match word {
        "say" => put(format!("{}\n", script.argument(word)?).as_bytes())?,
        "raw" => put(&unescaped(script.argument(word)?)?)?,
        "err" => put_to(2, format!("{}\n", script.argument(word)?).as_bytes())?,
        "write-fd" => {
            let number = script.parsed(word)?;
            put_to(number, format!("{}\n", script.argument(word)?).as_bytes())?;
        }
        "flood" => flood(script.parsed(word)?)?,
        "echo" => {
            while let Some(bytes) = take(&mut [0; 65_536])? {
                put(&bytes)?;
            }
        }
        "wait-eof" => while take(&mut [0; 65_536])?.is_some() {},
        "read-line" => read_line()?,
        "read-bytes" => read_bytes(script.parsed(word)?)?,
        "gate" => {
            let path = script.argument(word)?;
            fs::read(path).map_err(Fault::tried(format_args!("gate {path}")))?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Writes all of `bytes` to stdout, in one write where the pipe takes it.
pub(crate) fn put(bytes: &[u8]) -> Result<(), Fault> {
    put_to(1, bytes)
}

fn put_to(number: i32, bytes: &[u8]) -> Result<(), Fault> {
    puppetry::write_descriptor(number, bytes)
        .map_err(Fault::tried(format_args!("write to descriptor {number}")))
}

/// Reads once from stdin; `None` at the end. A hung-up terminal is an end too.
fn take(buffer: &mut [u8]) -> Result<Option<Vec<u8>>, Fault> {
    loop {
        match read(stdin(), &mut *buffer) {
            Ok(0) | Err(Errno::IO) => return Ok(None),
            Ok(length) => return Ok(Some(buffer[..length].to_vec())),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(Fault::tried("read stdin")(error)),
        }
    }
}

/// Reads byte by byte, so that what follows the line is left for others.
fn read_line() -> Result<(), Fault> {
    let mut line = Vec::new();
    while let Some(byte) = take(&mut [0; 1])? {
        if byte == b"\n" {
            return put(&[b"line ", &*line, b"\n"].concat());
        }
        line.extend(byte);
    }
    put(b"eof\n")
}

fn read_bytes(wanted: usize) -> Result<(), Fault> {
    let mut bytes = Vec::new();
    while bytes.len() < wanted
        && let Some(byte) = take(&mut [0; 1])?
    {
        bytes.extend(byte);
    }
    put(format!("bytes {}\n", bytes.escape_ascii()).as_bytes())
}

fn flood(bytes: u64) -> Result<(), Fault> {
    for start in (0..bytes).step_by(64 * 1024) {
        let length = usize::try_from(PIECE.min(bytes - start)).map_err(Fault::tried("flood"))?;
        put(&testkit::flood(start, length))?;
    }
    Ok(())
}

fn unescaped(text: &str) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let (byte, after) = if *byte == b'\\' {
            escape(after)?
        } else {
            (*byte, after)
        };
        bytes.push(byte);
        rest = after;
    }
    Ok(bytes)
}

fn escape(rest: &[u8]) -> Result<(u8, &[u8]), Fault> {
    let unknown = || Fault::new("raw knows the escapes \\n \\r \\t \\e \\\\ \\xNN");
    match rest {
        [b'n', after @ ..] => Ok((b'\n', after)),
        [b'r', after @ ..] => Ok((b'\r', after)),
        [b't', after @ ..] => Ok((b'\t', after)),
        [b'e', after @ ..] => Ok((0x1b, after)),
        [b'\\', after @ ..] => Ok((b'\\', after)),
        [b'x', high, low, after @ ..] => {
            let digits = [*high, *low];
            let digits = str::from_utf8(&digits).map_err(|_| unknown())?;
            Ok((
                u8::from_str_radix(digits, 16).map_err(|_| unknown())?,
                after,
            ))
        }
        _ => Err(unknown()),
    }
}

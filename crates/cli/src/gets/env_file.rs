//! Files of variables, one `NAME=VALUE` a line.
//!
//! No shell reads them: a value is everything between the first `=` and the end of the line, byte
//! for byte, with its quotes, blanks, `$` and `#`. A line end is `\n` or `\r\n`. Taken besides: empty
//! lines, lines whose first visible character is `#`, blanks before a name, and `export ` before it.
//! Anything else is refused with its line, since a variable that is silently missing is found late.

use crate::explain::Failure;
use handfast_sys::text;
use std::ffi::OsString;
use std::path::Path;

type Variable = (OsString, OsString);

/// What is wrong with one line.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
enum BadLine {
    #[error("line {0} has no `=`")]
    NoEquals(usize),
    #[error("line {0} has no name before its `=`")]
    NoName(usize),
    #[error("line {0} has a blank in the name before its `=`")]
    BlankInName(usize),
    #[error("line {0} has a NUL byte")]
    Nul(usize),
}

/// Reads all variables of a file, in their order.
pub(super) fn read(file: &Path) -> Result<Vec<Variable>, Failure> {
    let named = || format!("read the variables in `{}`", file.display());
    let bytes =
        std::fs::read(file).map_err(|error| Failure::new("cli.env-file", named(), &error))?;
    parse(&bytes).map_err(|error| {
        let (BadLine::NoEquals(line)
        | BadLine::NoName(line)
        | BadLine::BlankInName(line)
        | BadLine::Nul(line)) = error;
        let place = format!("read the variables at {}:{line}", file.display());
        Failure::new("cli.env-file", place, &error)
    })
}

fn parse(bytes: &[u8]) -> Result<Vec<Variable>, BadLine> {
    // Some editors begin a file with this mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let lines = bytes.split(|byte| *byte == b'\n').zip(1..);
    lines
        .filter_map(|(line, number)| variable(line, number).transpose())
        .collect()
}

fn variable(line: &[u8], number: usize) -> Result<Option<Variable>, BadLine> {
    let line = line.strip_suffix(b"\r").unwrap_or(line).trim_ascii_start();
    if line.is_empty() || line.starts_with(b"#") {
        return Ok(None);
    }
    if line.contains(&0) {
        return Err(BadLine::Nul(number));
    }
    let line = line
        .strip_prefix(b"export ")
        .unwrap_or(line)
        .trim_ascii_start();
    let equals = line.iter().position(|byte| *byte == b'=');
    let (name, value) = line.split_at(equals.ok_or(BadLine::NoEquals(number))?);
    if name.is_empty() {
        return Err(BadLine::NoName(number));
    }
    if name.iter().any(u8::is_ascii_whitespace) {
        return Err(BadLine::BlankInName(number));
    }
    let value = value.strip_prefix(b"=").unwrap_or(value);
    let text = |bytes: &[u8]| text::string(bytes).into_owned();
    Ok(Some((text(name), text(value))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_byte_for_byte() {
        let file = b"\xef\xbb\xbf# head\r\n\n  \t\nA=1\r\n  B= x # y \nexport C=\"$A\"\nD=\nE=a=b\n\xff=\xfe";
        let want: [(&[u8], &[u8]); 6] = [
            (b"A", b"1"),
            (b"B", b" x # y "),
            (b"C", b"\"$A\""),
            (b"D", b""),
            (b"E", b"a=b"),
            (b"\xff", b"\xfe"),
        ];
        let want = want.map(|(name, value)| {
            (
                text::string(name).into_owned(),
                text::string(value).into_owned(),
            )
        });
        assert_eq!(parse(file).unwrap(), want);
    }

    #[test]
    fn odd_lines_are_refused_with_their_number() {
        assert_eq!(parse(b"A=1\nB"), Err(BadLine::NoEquals(2)));
        assert_eq!(parse(b"\n\n=1"), Err(BadLine::NoName(3)));
        assert_eq!(parse(b"A =1"), Err(BadLine::BlankInName(1)));
        assert_eq!(parse(b"export A B=1"), Err(BadLine::BlankInName(1)));
        assert_eq!(parse(b"A=\0"), Err(BadLine::Nul(1)));
    }
}

//! Printing the daemon's log.

use super::log::old;
use crate::app::DaemonLogs as Options;
use crate::explain::Failure;
use handfast_daemon::Place;
use handfast_sys::host;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// How often the file is looked at while it is followed: files have no event that all systems know.
const AGAIN: Duration = Duration::from_millis(250);

pub(super) fn run(options: &Options) -> Result<ExitCode, Failure> {
    match print(options) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(Failure::new("cli.daemon-log", "read the log", &error)),
    }
}

fn print(options: &Options) -> io::Result<()> {
    let path = Place::ours().log();
    let mut out = io::stdout().lock();
    let mut text = read(&old(&path))?;
    let mut file = open(&path)?;
    if let Some(file) = &mut file {
        file.read_to_end(&mut text)?;
    }
    out.write_all(last(&text, options.tail))?;
    out.flush()?;
    if options.follow {
        follow(&path, file, &mut out)?;
    }
    Ok(())
}

/// Prints what comes, until nobody reads it any more.
fn follow(path: &Path, mut file: Option<File>, out: &mut impl Write) -> io::Result<()> {
    loop {
        std::thread::sleep(AGAIN);
        if let Some(file) = &mut file {
            io::copy(file, out)?;
        }
        out.flush()?;
        let now = open(path)?;
        if is_other(file.as_ref(), now.as_ref())? {
            file = now;
        }
    }
}

/// The last lines of a text.
fn last(text: &[u8], lines: usize) -> &[u8] {
    let ends = text.iter().enumerate().rev();
    let mut ends = ends.filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at);
    // The last end is that of the last line.
    match ends.nth(lines) {
        Some(end) => text.get(end + 1..).unwrap_or_default(),
        None => text,
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    if let Some(mut file) = open(path)? {
        file.read_to_end(&mut text)?;
    }
    Ok(text)
}

fn open(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether another file has the name now.
fn is_other(old: Option<&File>, new: Option<&File>) -> io::Result<bool> {
    match (old, new) {
        (Some(old), Some(new)) => Ok(!host::is_same_file(old, new)?),
        (old, new) => Ok(old.is_some() != new.is_some()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_the_last() {
        let text = b"a\nb\nc\n";
        assert_eq!(last(text, 2), b"b\nc\n");
        assert_eq!(last(text, 9), text);
        assert_eq!(last(text, 0), b"");
        assert_eq!(last(b"", 3), b"");
    }
}

//! The daemon's log: lines of what happens, in a file with a bound.
//!
//! What must stay true: the file and the one before it are never larger than twice the bound; what a panic
//! says goes there too; no token and no value of a variable is ever an event's field.

use handfast_daemon::Place;
use handfast_sys::descriptor::AsDescriptor;
use handfast_sys::host;
use handfast_sys::local::Folder;
use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// How large a file becomes: 1 MiB.
const MOST: u64 = 1024 * 1024;

/// How long a line may be.
const LINE: usize = 4096;

/// The variable that says how much is told.
const VARIABLE: &str = "HANDFAST_LOG";

/// The daemon's log file, which is standard error from here on.
#[derive(Debug)]
pub(super) struct Log {
    folder: Folder,
    path: PathBuf,
    file: File,
    size: u64,
}

impl Log {
    /// Goes on with the file of a place.
    pub(super) fn open(place: &Place) -> io::Result<Log> {
        place.make_way()?;
        let folder = Folder::open_or_make(place.state()).map_err(io::Error::other)?;
        let path = place.log();
        let (file, size) = opened(&folder, &path)?;
        let mut log = Log {
            folder,
            path,
            file,
            size,
        };
        log.make_room()?;
        Ok(log)
    }

    /// Puts the file aside where it is full. The folder is private, so nobody else moves anything in it.
    fn make_room(&mut self) -> io::Result<()> {
        if self.size >= MOST {
            std::fs::rename(&self.path, old(&self.path))?;
            (self.file, self.size) = opened(&self.folder, &self.path)?;
        }
        Ok(())
    }
}

/// The file before this one.
pub(super) fn old(path: &std::path::Path) -> PathBuf {
    let mut old = path.as_os_str().to_owned();
    old.push(".1");
    old.into()
}

fn opened(folder: &Folder, path: &std::path::Path) -> io::Result<(File, u64)> {
    let name = path.file_name().and_then(|name| name.to_str());
    let mut file = folder.file(name.unwrap_or_default())?;
    let size = file.seek(SeekFrom::End(0))?;
    host::put_stream(2, file.as_descriptor())?;
    Ok((file, size))
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.make_room()?;
        let written = self.file.write(bytes)?;
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes what happens from here on.
pub(super) fn to(out: impl Write + Send + 'static) {
    let most = std::env::var(VARIABLE).ok();
    let most = most.and_then(|word| word.parse().ok());
    let lines = Lines {
        out: Mutex::new(Box::new(out)),
        most: most.unwrap_or(Level::INFO),
    };
    // It is the first one, as this is the beginning of the program.
    let _ = tracing::subscriber::set_global_default(lines);
}

struct Lines {
    out: Mutex<Box<dyn Write + Send>>,
    most: Level,
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.most
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        Some(self.most.into())
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let now = jiff::Timestamp::now();
        let mut line = format!("{now:.3} {:5} {}:", metadata.level(), metadata.target());
        event.record(&mut Fields(&mut line));
        let mut shown: String = line.chars().take(LINE).map(plain).collect();
        shown.push('\n');
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk ends the log and not the daemon.
        let _ = out.write_all(shown.as_bytes());
    }

    // Spans are not shown.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// What a process is called may hold the ends of lines and the escapes of terminals.
fn plain(letter: char) -> char {
    if letter.is_control() { ' ' } else { letter }
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // A string takes what is written.
        let _ = match field.name() {
            "message" => write!(self.0, " {value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_make_lines() {
        let shown: String = "a\nb\u{1b}[2J".chars().map(plain).collect();
        assert_eq!(shown, "a b [2J");
    }
}

//! The output of a process on disk: files of a few megabytes, the oldest of which go first.
//!
//! It never grows above its bound, and never makes the process wait: what was rotated away is counted
//! by the sequence numbers and offsets of what is left.

use super::entry::OutputEntry;
use super::record::{LONGEST_RECORD, record};
use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// When a file is full, in bytes: 4 MiB.
pub const SEGMENT_BYTES: u64 = 4 * 1024 * 1024;

/// How much output of one process is kept on disk, in bytes: 16 MiB.
pub const OUTPUT_BYTES: u64 = 16 * 1024 * 1024;

/// The name of a segment.
const PREFIX: &str = "output.";

/// The largest piece of output in one record, so that its head fits too.
const PIECE: usize = LONGEST_RECORD / 2;

/// Writes the segments of one process.
#[derive(Debug)]
pub(super) struct Segments {
    folder: PathBuf,
    /// Number and size, the oldest first; the last one is written to.
    files: VecDeque<(u64, u64)>,
    open: Option<File>,
}

/// The numbers of the segments in a folder, in order.
pub(super) fn numbers(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        numbers.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

pub(super) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{PREFIX}{number:06}"))
}

impl Segments {
    /// Goes on after the segments that are there; the last one may be damaged, so a new one is begun.
    pub(super) fn after(folder: &Path) -> io::Result<Segments> {
        let mut files = VecDeque::new();
        for number in numbers(folder)? {
            let size = std::fs::metadata(path(folder, number))?.len();
            files.push_back((number, size));
        }
        Ok(Segments {
            folder: folder.to_path_buf(),
            files,
            open: None,
        })
    }

    pub(super) fn append(&mut self, entry: &OutputEntry) -> io::Result<()> {
        if entry.bytes.len() > PIECE {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let record = record(&entry.payload());
        let size = record.len() as u64;
        let is_full = |file: &(u64, u64)| file.1 + size > SEGMENT_BYTES;
        if self.open.is_none() || self.files.back().is_some_and(is_full) {
            self.begin()?;
        }
        if let (Some(file), Some(last)) = (&mut self.open, self.files.back_mut()) {
            last.1 += size;
            file.write_all(&record)?;
        }
        self.rotate()
    }

    fn begin(&mut self) -> io::Result<()> {
        let number = self.files.back().map_or(1, |(number, _)| number + 1);
        let mut options = OpenOptions::new();
        let file = options.append(true).create_new(true).mode(0o600);
        self.open = Some(file.open(path(&self.folder, number))?);
        self.files.push_back((number, 0));
        Ok(())
    }

    fn rotate(&mut self) -> io::Result<()> {
        let mut total: u64 = self.files.iter().map(|(_, size)| size).sum();
        while total > OUTPUT_BYTES && self.files.len() > 1 {
            if let Some((number, size)) = self.files.pop_front() {
                std::fs::remove_file(path(&self.folder, number))?;
                total -= size;
            }
        }
        Ok(())
    }
}

//! Up to where handles may have been given, on disk, so that none is given twice.
//!
//! Numbers are reserved in blocks, so a start writes nothing most of the time. The file is 32 bytes: the mark,
//! the count, and the two added up as a check.

use crate::process::Mark;
use handfast_sys::files::AtPlace;
use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// How many are reserved at once.
const BLOCK: u64 = 1024;

/// The file, and what is in it.
#[derive(Debug)]
pub(crate) struct IdFile {
    mark: Mark,
    /// Where this program began.
    first: u64,
    reserved: AtomicU64,
    file: Mutex<File>,
}

impl IdFile {
    /// Goes on with what is in the file, else with `other`.
    pub(super) fn open(
        file: File,
        other: impl FnOnce() -> io::Result<(Mark, u64)>,
    ) -> io::Result<IdFile> {
        let (mark, first) = match read(&file) {
            Some(found) => found,
            None => other()?,
        };
        let ids = IdFile {
            mark,
            first,
            reserved: AtomicU64::new(first),
            file: Mutex::new(file.try_clone()?),
        };
        ids.write(&file, first)?;
        Ok(ids)
    }

    pub(crate) fn mark(&self) -> Mark {
        self.mark
    }

    /// The first number that nobody was given before.
    pub(crate) fn reserved(&self) -> u64 {
        self.first
    }

    /// This number is given: whoever comes next gives none up to it.
    pub(crate) fn reserve(&self, number: u64) {
        if number < self.reserved.load(Ordering::Acquire) {
            return;
        }
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if number >= self.reserved.load(Ordering::Acquire) {
            let upto = number.saturating_add(BLOCK);
            if let Err(error) = self.write(&file, upto) {
                tracing::warn!(%error, "cannot write down which handles are given");
            }
            self.reserved.store(upto, Ordering::Release);
        }
    }

    fn write(&self, file: &File, upto: u64) -> io::Result<()> {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&self.mark.to_bytes());
        bytes[16..24].copy_from_slice(&upto.to_le_bytes());
        bytes[24..].copy_from_slice(&check(&self.mark.to_bytes(), upto));
        file.write_all_at(&bytes, 0)
    }
}

fn check(mark: &[u8; 16], upto: u64) -> [u8; 8] {
    let (parts, _) = mark.as_chunks();
    let parts = parts.iter().map(|part| u64::from_le_bytes(*part));
    let sum = parts.fold(upto, |sum, part| sum.rotate_left(7).wrapping_add(part));
    sum.to_le_bytes()
}

fn read(file: &File) -> Option<(Mark, u64)> {
    let mut bytes = [0; 32];
    file.read_exact_at(&mut bytes, 0).ok()?;
    let mark: [u8; 16] = bytes[..16].try_into().ok()?;
    let upto = u64::from_le_bytes(bytes[16..24].try_into().ok()?);
    let whole = bytes[24..] == check(&mark, upto);
    Mark::from_bytes(mark)
        .filter(|_| whole)
        .map(|mark| (mark, upto))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Ids;

    fn ids(file: &File) -> Ids {
        let drawn = || Ok((Mark::draw().unwrap(), 0));
        Ids::kept(IdFile::open(file.try_clone().unwrap(), drawn).unwrap())
    }

    #[test]
    fn no_number_is_given_twice_whoever_comes_next() {
        let file = tempfile::tempfile().unwrap();
        let first = ids(&file);
        let given: Vec<_> = (0..BLOCK + 3).map(|_| first.draw().1).collect();
        let second = ids(&file);
        let (number, handle) = second.draw();
        assert!(number > BLOCK + 2 && !given.contains(&handle));
        let known = given.iter().all(|handle| second.given(*handle).is_some());
        assert!(known, "the mark goes on");
    }

    #[test]
    fn a_file_that_was_changed_is_not_believed() {
        let file = tempfile::tempfile().unwrap();
        let first = ids(&file).draw().1;
        file.write_all_at(b"x", 20).unwrap();
        assert_eq!(ids(&file).given(first), None);
    }
}

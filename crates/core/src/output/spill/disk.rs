//! All segments of one store. Everything here blocks, and runs on threads for that.

use super::quota::{Charge, Quota};
use super::segment::{First, Segment, Tally, cost};
use super::writer::Writer;
use super::{Spill, SpillStatus};
use crate::config::Stream;
use crate::output::chunk::{Chunk, StreamChunk};
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How much is read from a store and written at once.
const PIECE: u64 = 256 * 1024;
/// What the directories of stores begin with.
const PREFIX: &str = "handfast-output-";
/// A file in each of them, locked for as long as its store lives.
const LOCK: &str = "lock";

/// The files of one store.
#[derive(Debug)]
pub(in crate::output) struct Disk {
    pub(super) parent: PathBuf,
    pub(super) quota: Quota,
    pub(super) size: u64,
    keep_files: bool,
    pub(super) tally: Arc<Tally>,
    place: Mutex<Option<Place>>,
    /// Of one that is written before anybody reads: see `record.rs`.
    pub(super) taken: Mutex<super::record::Taken>,
    pub(super) writer: Mutex<Option<Writer>>,
    /// In the order of their offsets, with their numbers in the quota.
    pub(super) segments: Mutex<VecDeque<(u64, Arc<Segment>)>>,
    pub(super) error: Mutex<Option<String>>,
}

/// A directory of our own.
#[derive(Debug)]
struct Place {
    path: PathBuf,
    /// Says to [`sweep`] that its store lives; without one it is never swept.
    _lock: Option<File>,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks is whole between any two steps.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Disk {
    /// In a directory that is there and stays.
    pub(super) fn kept(directory: &Path, quota: &Quota, size: u64) -> Disk {
        let disk = Disk::new(&Spill::into(directory, quota).segment(size).keep_files());
        *lock(&disk.place) = Some(Place {
            path: directory.to_owned(),
            _lock: None,
        });
        disk
    }

    /// Nothing is made until the first byte comes.
    pub(in crate::output) fn new(spill: &Spill) -> Disk {
        Disk {
            parent: spill.directory.clone(),
            quota: spill.quota.clone(),
            // Small enough that dropping one segment does not empty the quota.
            size: spill.segment.min(spill.quota.least() / 4).max(1),
            keep_files: spill.keep_files,
            tally: Arc::default(),
            place: Mutex::default(),
            taken: Mutex::default(),
            writer: Mutex::default(),
            segments: Mutex::default(),
            error: Mutex::default(),
        }
    }

    /// How many bytes a chunk may have to fit into a segment, were every byte a run of its own.
    pub(in crate::output) fn piece(&self) -> usize {
        let piece = (self.size / 9).clamp(1, PIECE);
        usize::try_from(piece).unwrap_or(1)
    }

    /// Writes a chunk that follows the last one. What cannot be written is counted.
    pub(in crate::output) fn append(&self, chunk: &Chunk) {
        let missed = &self.tally.missed;
        missed.fetch_add(chunk.omitted_before, Ordering::Relaxed);
        if let Err(error) = self.try_append(chunk) {
            missed.fetch_add(chunk.bytes.len() as u64, Ordering::Relaxed);
            tracing::debug!(%error, "output is not spilled");
            *lock(&self.error) = Some(error.to_string());
            // A file whose end is not known is not written to again.
            *lock(&self.writer) = None;
        }
    }

    fn try_append(&self, chunk: &Chunk) -> io::Result<()> {
        let mut writer = lock(&self.writer);
        let mut current = match writer.take() {
            Some(writer) if writer.segment.takes(chunk, self.size) => writer,
            _ => self.begin(First::of(chunk))?,
        };
        let mut charge = self.quota.charge(current.number, cost(chunk));
        if charge == Charge::Gone {
            current = self.begin(First::of(chunk))?;
            charge = self.quota.charge(current.number, cost(chunk));
        }
        if charge != Charge::Granted {
            return Err(io::Error::other("the quota is too small for any output"));
        }
        current.append(chunk)?;
        *writer = Some(current);
        Ok(())
    }

    /// A new segment.
    pub(super) fn begin(&self, first: First) -> io::Result<Writer> {
        let directory = self.directory()?;
        self.forget_dropped();
        let (segment, bytes, marks) = Segment::create(&directory, first, &self.tally)?;
        let number = self.quota.add(&segment);
        lock(&self.segments).push_back((number, Arc::clone(&segment)));
        Ok(Writer::new(segment, number, (bytes, marks)))
    }

    fn directory(&self) -> io::Result<PathBuf> {
        let mut place = lock(&self.place);
        if let Some(place) = &*place {
            return Ok(place.path.clone());
        }
        let made = make(&self.parent, self.keep_files)?;
        let path = made.path.clone();
        *place = Some(made);
        Ok(path)
    }

    fn forget_dropped(&self) {
        lock(&self.segments).retain(|(_, segment)| !segment.is_dropped());
    }

    /// At most `limit` bytes from an offset on, or from the first after it that is there.
    pub(in crate::output) fn read(&self, from: u64, limit: usize) -> Option<Chunk> {
        self.first(
            |segment| segment.end() > from,
            |segment| segment.read(from, limit),
        )
    }

    /// At most `limit` bytes of one stream from an offset in that on, or from the first after it that
    /// is there.
    pub(in crate::output) fn read_stream(
        &self,
        stream: Stream,
        from: u64,
        limit: usize,
    ) -> Option<StreamChunk> {
        self.first(
            |segment| segment.end_of(stream) > from,
            |segment| segment.read_stream(stream, from, limit),
        )
    }

    /// Reads the first segment of this kind that can be read.
    fn first<T>(
        &self,
        wanted: impl Fn(&Segment) -> bool,
        read: impl Fn(&Segment) -> io::Result<T>,
    ) -> Option<T> {
        loop {
            self.forget_dropped();
            let (number, segment) = {
                let segments = lock(&self.segments);
                let found = segments.iter().find(|(_, segment)| wanted(segment));
                found.cloned()?
            };
            match read(&segment) {
                Ok(chunk) => return Some(chunk),
                // Somebody else's hand, or it made room just now: there is nothing to read.
                Err(error) => {
                    if !segment.is_dropped() {
                        *lock(&self.error) = Some(error.to_string());
                    }
                    self.quota.remove(number);
                    segment.forget();
                }
            }
        }
    }

    pub(in crate::output) fn status(&self) -> SpillStatus {
        SpillStatus {
            directory: lock(&self.place).as_ref().map(|place| place.path.clone()),
            on_disk: self.tally.on_disk.load(Ordering::Relaxed),
            dropped: self.tally.dropped.load(Ordering::Relaxed),
            missed: self.tally.missed.load(Ordering::Relaxed),
            error: lock(&self.error).clone(),
        }
    }
}

/// Blocks while it removes files: milliseconds for each segment.
impl Drop for Disk {
    fn drop(&mut self) {
        for (number, _) in lock(&self.segments).drain(..) {
            self.quota.remove(number);
        }
        // Closed first: not every system removes the folder of a file that is open.
        drop(lock(&self.writer).take());
        let place = lock(&self.place).take().map(|place| place.path);
        if let Some(path) = place.filter(|_| !self.keep_files)
            && let Err(error) = fs::remove_dir_all(&path)
        {
            tracing::debug!(%error, path = %path.display(), "spilled output is left behind");
        }
    }
}

fn make(parent: &Path, keep_files: bool) -> io::Result<Place> {
    let mut name = [0; 8];
    getrandom::fill(&mut name).map_err(io::Error::other)?;
    let path = parent.join(format!("{PREFIX}{:016x}", u64::from_ne_bytes(name)));
    handfast_sys::files::make_private(&path)?;
    let lock = if keep_files {
        None
    } else {
        // Locked before it has its name, so that nobody finds it unlocked.
        let unnamed = path.join("new");
        let file = File::create_new(&unnamed)?;
        file.lock()?;
        fs::rename(&unnamed, path.join(LOCK))?;
        Some(file)
    };
    Ok(Place { path, _lock: lock })
}

/// Removes the directories of stores whose program is gone.
pub(super) fn sweep(parent: &Path) -> io::Result<usize> {
    let mut swept = 0;
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let Ok(file) = File::open(entry.path().join(LOCK)) else {
            continue;
        };
        let left = ours && file.try_lock().is_ok();
        // Nobody but another sweep takes the lock of a program that is gone.
        drop(file);
        if left && fs::remove_dir_all(entry.path()).is_ok() {
            swept += 1;
        }
    }
    Ok(swept)
}

#[cfg(test)]
mod tests;

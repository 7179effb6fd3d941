//! The whole output on disk, for those who ask: memory keeps the two ends, segment files the rest.
//!
//! A task (`follow.rs`) reads the store like everybody else and hands pieces to a thread for
//! blocking work, so no disk is waited for on the runtime and there is no queue but the tail of the
//! store itself. `quota.rs` bounds what all stores of an owner have on disk together, `segment.rs`
//! is one pair of files, `disk.rs` all of one store. What must be on disk before anybody has seen it is
//! written another way, into the same files (`record.rs`).
//!
//! What must stay true: what is on disk, was dropped, or was missed adds up to what came; whatever a
//! disk does, memory keeps what it keeps without one and no process ends for it; files are private;
//! nothing is left behind by a store that was dropped.

mod disk;
mod follow;
mod quota;
mod record;
mod segment;
mod writer;

pub(super) use disk::Disk;
pub(super) use follow::follow;
pub use quota::Quota;
pub(super) use record::Recorded;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How the output of a process is spilled to disk.
///
/// The files are in a directory of their own (mode 0700, files 0600) in the one that is named here,
/// which must be there. They go with the store, unless [`Spill::keep_files`] is said. What a killed
/// program left behind is removed by [`Spill::sweep`].
///
/// A child whose output is spilled is read as fast as the disk takes it, as if it wrote to a file
/// itself. Where the disk takes nothing for longer than the [`patience`](Spill::patience), the child
/// goes on and what passes by is counted as missed; an error of the disk counts in the same way.
///
/// ```
/// use handfast::output::{Capture, Quota, Spill};
///
/// let quota = Quota::new(1 << 30);
/// let capture = Capture::default().spill(Spill::into("/var/tmp", &quota));
/// assert_eq!((quota.limit(), quota.used()), (1 << 30, 0));
/// ```
#[derive(Debug, Clone)]
#[must_use = "it does nothing until it is given to a `Capture`"]
pub struct Spill {
    directory: PathBuf,
    quota: Quota,
    segment: u64,
    patience: Duration,
    keep_files: bool,
}

impl Spill {
    /// How large a segment is unless set: 16 MiB.
    pub const DEFAULT_SEGMENT: u64 = 16 * 1024 * 1024;

    /// How long a child waits for a disk that takes nothing, unless set: 1 s.
    pub const DEFAULT_PATIENCE: Duration = Duration::from_secs(1);

    /// Spills into a directory of its own in this one, within a quota that others may share.
    pub fn into(directory: impl Into<PathBuf>, quota: &Quota) -> Spill {
        Spill {
            directory: directory.into(),
            quota: quota.clone(),
            segment: Spill::DEFAULT_SEGMENT,
            patience: Spill::DEFAULT_PATIENCE,
            keep_files: false,
        }
    }

    /// How large a segment may be: what is dropped at once when the quota is reached. It is never
    /// more than a quarter of the quota.
    pub fn segment(mut self, bytes: u64) -> Self {
        self.segment = bytes;
        self
    }

    /// How long a child waits for a disk that takes nothing. Zero: never.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Leaves the files where they are when the store goes. Segments are named by the offset of
    /// their first byte: `<offset>.bytes`, and `<offset>.marks` for whose the bytes are.
    pub fn keep_files(mut self) -> Self {
        self.keep_files = true;
        self
    }

    /// Removes what programs that were killed have left in a directory; answers how many stores
    /// that were. Those of programs that run, and those that were to be kept, are left alone.
    ///
    /// It blocks while it removes files.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be read. What cannot be removed is left and not counted.
    pub fn sweep(directory: &Path) -> io::Result<usize> {
        disk::sweep(directory)
    }

    /// Keeps it within this quota too.
    pub(super) fn within(&mut self, quota: &Quota) {
        self.quota = quota.below(self.quota.limit());
    }

    pub(super) fn patience_of(&self) -> Duration {
        self.patience
    }
}

/// How the spill of an output stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpillStatus {
    /// Where the files are; `None` while nothing was written.
    pub directory: Option<PathBuf>,
    /// How many bytes of output are on disk.
    pub on_disk: u64,
    /// How many were on disk and had to make room within the quota.
    pub dropped: u64,
    /// How many never reached the disk, because it was too slow or refused them.
    pub missed: u64,
    /// What the disk said when it last refused.
    pub error: Option<String>,
}

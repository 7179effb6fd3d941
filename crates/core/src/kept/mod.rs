//! Processes that outlast the program which started them, and how the next one gets them back.
//!
//! A manager with a [`Keep`] has a private folder. In it lie the sockets of its reapers, at which the next
//! program finds them (`socket` of [`crate::reaper`]); a note of each process (`note.rs`); its output, which is
//! written before anybody reads it; and up to where handles were given (`ids.rs`). What must stay true: one
//! program has the folder at a time; no handle is given twice; what a note says of an end is written before the
//! reaper is told that it is known.

mod adopt;
mod ends;
mod error;
mod folder;
mod graves;
mod ids;
mod note;
mod taking;

pub use adopt::Adoption;
pub(crate) use ends::Ends;
pub use error::AdoptError;
pub(crate) use folder::{Failed, Kept};
pub(crate) use ids::IdFile;
pub(crate) use note::{Note, NotedEnd};

use crate::output::Quota;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where a manager keeps what the next program needs, and how much of it.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use handfast::{Keep, ProcessManager};
///
/// let keep = Keep::at("/var/lib/service/processes");
/// let manager = ProcessManager::builder().keep(keep).build()?;
/// let found = manager.adopt().await?;
/// println!("{} run, {} have ended meanwhile", found.adopted.len(), found.ended.len());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "it does nothing until it is given to a manager's builder"]
pub struct Keep {
    folder: PathBuf,
    quota: Quota,
    output: u64,
    stay: Duration,
}

impl Keep {
    /// The version of what is kept, and of what is said to reapers: a program takes over from one of the same
    /// version only.
    pub const VERSION: u32 = handfast_reaper::wire::VERSION;

    /// How much output of all processes is kept on disk unless set: 1 GiB.
    pub const DEFAULT_QUOTA: u64 = 1 << 30;

    /// How much output of one process is kept on disk unless set: 16 MiB.
    pub const DEFAULT_OUTPUT: u64 = 16 << 20;

    /// For how long an end that no program has seen is kept by a reaper, unless set: 7 days.
    pub const DEFAULT_STAY: Duration = Duration::from_secs(7 * 24 * 60 * 60);

    /// How many such ends a reaper keeps. The oldest go first, and are counted.
    pub const MOST_ENDS: u32 = 1024;

    /// In this folder, which is made where it is not there (its last part only), and which must be the
    /// user's own with nobody else in it.
    pub fn at(folder: impl Into<PathBuf>) -> Keep {
        Keep {
            folder: folder.into(),
            quota: Quota::new(Keep::DEFAULT_QUOTA),
            output: Keep::DEFAULT_OUTPUT,
            stay: Keep::DEFAULT_STAY,
        }
    }

    /// Whether processes can outlast their program on this system, so that a manager may be given a `Keep`.
    ///
    /// # Errors
    ///
    /// `Unsupported` where they cannot; what it says is why.
    ///
    /// # Platforms
    ///
    /// Linux: they can. Windows: they cannot, as a tree ends with the last handle of its job.
    pub fn check() -> std::io::Result<()> {
        handfast_sys::local::can_hand_over()
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps all output within this quota: what came first goes first, but for the beginning of each.
    pub fn quota(mut self, quota: &Quota) -> Self {
        self.quota = quota.clone();
        self
    }

    /// Keeps at most so many bytes of output of each process on disk. It is meant to be more than memory
    /// keeps of it: else the next program has less than this one.
    pub fn output(mut self, bytes: u64) -> Self {
        self.output = bytes;
        self
    }

    /// For how long a reaper stays for an end that no program has seen.
    pub fn stay(mut self, stay: Duration) -> Self {
        self.stay = stay;
        self
    }
}

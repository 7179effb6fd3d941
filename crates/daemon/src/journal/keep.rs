//! All folders of one daemon: who may write here, what is kept, and for how long.

use super::entry::ConfigEntry;
use super::folder::{self, Kept, ProcessFolder};
use handfast::ProcessHandle;
use handfast_sys::files::make_private;
use handfast_sys::local::{Folder, FolderError};
use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

const LOCK: &str = "lock";
const ACCESS: &str = "access";
const LAST_EVENT: &str = "last-event";

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// For how long what is kept of a process that is over answers.
    pub age: Duration,
    /// How many bytes on disk; those of processes that run are not taken away for it.
    pub bytes: u64,
}

impl Default for Bounds {
    /// 7 days and 1 GiB.
    fn default() -> Bounds {
        Bounds {
            age: Duration::from_secs(7 * 24 * 60 * 60),
            bytes: 1024 * 1024 * 1024,
        }
    }
}

/// Why there is no journal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Its folder is not private.
    #[error("keep a journal in a private folder")]
    Folder(#[from] FolderError),
    /// Another daemon writes there.
    #[error("keep a journal in {}: another daemon does", folder.display())]
    Taken {
        /// Where.
        folder: PathBuf,
    },
    /// The system refused.
    #[error("{attempt} in {}", folder.display())]
    System {
        /// What was attempted.
        attempt: &'static str,
        /// Where.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl JournalError {
    /// The name of this error, which never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            JournalError::Folder(_) => "journal.folder",
            JournalError::Taken { .. } => "journal.taken",
            JournalError::System { .. } => "journal.system",
        }
    }
}

/// What a sweep did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Swept {
    /// What was taken away.
    pub removed: Vec<ProcessHandle>,
    /// Folders that could not be, or are not of ours.
    pub left: Vec<PathBuf>,
    /// How many bytes are kept.
    pub bytes: u64,
}

/// What is kept of the processes of one daemon. Nobody else writes here while it lives.
#[derive(Debug)]
pub struct Journal {
    folder: Folder,
    _lock: File,
}

/// A folder, as a sweep sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    handle: ProcessHandle,
    bytes: u64,
    /// When it last changed.
    changed: SystemTime,
    is_kept: bool,
}

impl Journal {
    /// Opens a journal, and makes one where there is none.
    ///
    /// # Errors
    ///
    /// [`JournalError`].
    pub fn open(path: &Path) -> Result<Journal, JournalError> {
        let folder = Folder::open_or_make(path)?;
        let at = || folder.path().to_path_buf();
        let system = |attempt| {
            let folder = at();
            move |source| JournalError::System {
                attempt,
                folder,
                source,
            }
        };
        let lock = folder.file(LOCK).map_err(system("make a lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(JournalError::Taken { folder: at() }),
            Err(TryLockError::Error(error)) => return Err(system("lock")(error)),
        }
        Ok(Journal {
            folder,
            _lock: lock,
        })
    }

    fn path(&self, handle: ProcessHandle) -> PathBuf {
        self.folder.path().join(handle.to_string())
    }

    /// The file that says who may what.
    pub(crate) fn access(&self) -> PathBuf {
        self.folder.path().join(ACCESS)
    }

    /// The file that says up to where events were given numbers.
    pub(crate) fn events(&self) -> PathBuf {
        self.folder.path().join(LAST_EVENT)
    }

    /// The folder of a process, which need not be there.
    pub(crate) fn place(&self, handle: ProcessHandle) -> PathBuf {
        self.path(handle)
    }

    /// Takes away what is kept of a process. What cannot be is left to a sweep.
    pub(crate) fn remove(&self, handle: ProcessHandle) {
        if let Err(error) = fs::remove_dir_all(self.path(handle)) {
            tracing::debug!(%error, %handle, "what is kept of it is left behind");
        }
    }

    /// Begins to write about a process.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn begin(&self, handle: ProcessHandle, config: &ConfigEntry) -> io::Result<ProcessFolder> {
        let path = self.path(handle);
        match make_private(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            Ok(()) | Err(_) => {}
        }
        ProcessFolder::begin(&path, config)
    }

    /// Goes on to write about a process of which another daemon wrote.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn resume(&self, handle: ProcessHandle) -> io::Result<ProcessFolder> {
        ProcessFolder::resume(&self.path(handle))
    }

    /// What is kept of a process; `None` where nothing is.
    #[must_use]
    pub fn read(&self, handle: ProcessHandle) -> Option<Kept> {
        let path = self.path(handle);
        path.is_dir().then(|| folder::read(&path))
    }

    /// The processes of which something is kept.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn handles(&self) -> io::Result<Vec<ProcessHandle>> {
        let mut handles = Vec::new();
        for entry in fs::read_dir(self.folder.path())? {
            let name = entry?.file_name();
            handles.extend(
                name.to_str()
                    .and_then(|name| name.parse::<ProcessHandle>().ok()),
            );
        }
        Ok(handles)
    }

    /// Takes away what is older than the bounds allow, and then the oldest until the rest fits. What
    /// `lives` is left alone whatever its age and size.
    ///
    /// # Errors
    ///
    /// Where the journal cannot be listed. A folder that cannot be removed is said in the answer.
    pub fn sweep(
        &self,
        bounds: Bounds,
        now: SystemTime,
        lives: impl Fn(ProcessHandle) -> bool,
    ) -> io::Result<Swept> {
        let (mut seen, mut swept) = (Vec::new(), Swept::default());
        for entry in fs::read_dir(self.folder.path())? {
            let path = entry?.path();
            let is_ours =
                |name: &OsStr| [LOCK, ACCESS, LAST_EVENT].iter().any(|ours| name == *ours);
            if path.file_name().is_some_and(is_ours) {
                continue;
            }
            match look(&path, &lives) {
                Some(one) => seen.push(one),
                None => swept.left.push(path),
            }
        }
        let gone = too_much(&mut seen, bounds, now);
        for one in &seen {
            let path = self.path(one.handle);
            if gone.contains(&one.handle) && fs::remove_dir_all(&path).is_ok() {
                swept.removed.push(one.handle);
            } else {
                swept.bytes += one.bytes;
                if gone.contains(&one.handle) {
                    swept.left.push(path);
                }
            }
        }
        Ok(swept)
    }
}

/// `None` for what is no folder of a process.
fn look(path: &Path, lives: &impl Fn(ProcessHandle) -> bool) -> Option<Seen> {
    let handle: ProcessHandle = path.file_name()?.to_str()?.parse().ok()?;
    let (mut bytes, mut changed) = (0, fs::symlink_metadata(path).ok()?.modified().ok()?);
    for entry in fs::read_dir(path).ok()? {
        let about = entry.ok()?.metadata().ok()?;
        bytes += about.len();
        changed = changed.max(about.modified().ok()?);
    }
    Some(Seen {
        handle,
        bytes,
        changed,
        is_kept: lives(handle),
    })
}

/// Which are to go, the oldest first.
fn too_much(seen: &mut [Seen], bounds: Bounds, now: SystemTime) -> Vec<ProcessHandle> {
    seen.sort_by_key(|one| (one.changed, one.handle));
    let mut total: u64 = seen.iter().map(|one| one.bytes).sum();
    let mut gone = Vec::new();
    for one in seen.iter().filter(|one| !one.is_kept) {
        // What seems to come from the future is as young as can be.
        let age = now.duration_since(one.changed).unwrap_or_default();
        if age > bounds.age || total > bounds.bytes {
            total -= one.bytes;
            gone.push(one.handle);
        }
    }
    gone
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(number: u8, age: u64, bytes: u64, is_kept: bool) -> Seen {
        let handle = format!("00000000-0000-8000-8000-0000000000{number:02x}");
        Seen {
            handle: handle.parse().unwrap(),
            bytes,
            changed: SystemTime::UNIX_EPOCH + Duration::from_secs(1000 - age),
            is_kept,
        }
    }

    fn gone(mut all: Vec<Seen>, age: u64, bytes: u64) -> Vec<u8> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let age = Duration::from_secs(age);
        let handles = too_much(&mut all, Bounds { age, bytes }, now);
        let last = |handle: ProcessHandle| handle.to_string()[34..].parse().unwrap();
        handles.into_iter().map(last).collect()
    }

    #[test]
    fn the_old_go_first_and_the_living_never() {
        let all = vec![
            seen(1, 10, 5, false),
            seen(2, 90, 5, false),
            seen(3, 99, 5, true),
        ];
        assert_eq!(gone(all.clone(), 100, 100), [0_u8; 0]);
        assert_eq!(gone(all.clone(), 50, 100), [2]);
        assert_eq!(gone(all.clone(), 100, 12), [2]);
        assert_eq!(gone(all.clone(), 100, 9), [2, 1]);
        assert_eq!(gone(all, 0, 0), [2, 1]);
        let future = vec![Seen {
            changed: SystemTime::UNIX_EPOCH + Duration::from_secs(9999),
            ..seen(1, 0, 1, false)
        }];
        assert_eq!(gone(future, 0, 10), [0_u8; 0]);
    }
}

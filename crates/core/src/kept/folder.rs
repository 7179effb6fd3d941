//! The folder: who has it, and what is where in it.
//!
//! ```text
//!   FOLDER/lock                the program that has it
//!   FOLDER/ids                 up to where handles were given
//!   FOLDER/reaper-<rung>       where the reaper of that rung is found
//!   FOLDER/<handle>/note       of one process: see `note.rs`
//!   FOLDER/<handle>/*.bytes    its output: see `crate::output`
//! ```

use super::ids::IdFile;
use super::{Keep, Note, NotedEnd};
use crate::output::Quota;
use crate::owner::OwnerId;
use crate::process::{Mark, ProcessHandle};
use crate::tree::Rung;
use handfast_sys::channel::Channel;
use handfast_sys::files;
use handfast_sys::local::{Folder, FolderError, Listener};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const LOCK: &str = "lock";
const IDS: &str = "ids";
const NOTE: &str = "note";

/// Why a folder cannot be had.
#[derive(Debug)]
pub(crate) enum Failed {
    /// It is not private.
    Folder(FolderError),
    /// Another program has it.
    Taken,
    /// The system refused.
    System(io::Error),
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Failed::System(error)
    }
}

/// The folder, held.
#[derive(Debug)]
pub(crate) struct Kept {
    folder: Folder,
    /// Until the manager is gone.
    lock: Mutex<Option<File>>,
    quota: Quota,
    output: u64,
    pub(crate) stay: Duration,
}

impl Kept {
    /// Takes the folder, and what goes on with handles.
    pub(crate) fn open(keep: &Keep) -> Result<(Kept, IdFile), Failed> {
        Keep::check()?;
        let folder = Folder::open_or_make(&keep.folder).map_err(Failed::Folder)?;
        let lock = folder.file(LOCK)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Failed::Taken),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let ids = folder.file(IDS)?;
        let kept = Kept {
            folder,
            lock: Mutex::new(Some(lock)),
            quota: keep.quota.clone(),
            output: keep.output,
            stay: keep.stay,
        };
        let ids = IdFile::open(ids, || kept.guess())?;
        Ok((kept, ids))
    }

    /// The mark of what is there, and a number above all of it; a new mark where nothing is.
    fn guess(&self) -> io::Result<(Mark, u64)> {
        let mut handles = self.handles()?;
        handles.sort_unstable();
        let Some(last) = handles.last() else {
            return Ok((Mark::draw().map_err(io::Error::other)?, 0));
        };
        let mark = Mark::of(*last);
        Ok((mark, mark.count(*last).map_or(0, |count| count + 1)))
    }

    /// Lets another program have it.
    pub(crate) fn release(&self) {
        drop(
            self.lock
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
    }

    /// All processes of which something is there.
    pub(super) fn handles(&self) -> io::Result<Vec<ProcessHandle>> {
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

    pub(super) fn place(&self, handle: ProcessHandle) -> PathBuf {
        self.folder.path().join(handle.to_string())
    }

    /// A place for a new process, with its note.
    pub(crate) fn begin(&self, handle: ProcessHandle, note: &Note) -> io::Result<PathBuf> {
        let place = self.place(handle);
        files::make_private(&place)?;
        // Nobody asks for it yet, and a half of a note is none.
        put(&place.join(NOTE), true, &note.to_bytes())?;
        Ok(place)
    }

    /// Writes the note of a process anew: who reads it finds this one or the one before.
    pub(crate) fn note(&self, handle: ProcessHandle, note: &Note) -> io::Result<()> {
        self.write(&self.place(handle), note)
    }

    /// Writes down how one ended.
    pub(crate) fn end(&self, handle: ProcessHandle, end: &NotedEnd) -> io::Result<()> {
        let mut note = self.read(handle).ok_or(io::ErrorKind::InvalidData)?;
        note.set_end(end);
        self.note(handle, &note)
    }

    /// Writes down to whom one belongs now.
    pub(crate) fn set_owner(&self, handle: ProcessHandle, owner: &OwnerId) {
        let noted = self.read(handle).map(|mut note| {
            note.set_owner(owner);
            self.note(handle, &note)
        });
        if !matches!(noted, Some(Ok(()))) {
            tracing::warn!(%handle, "cannot write down whose it is");
        }
    }

    fn write(&self, place: &Path, note: &Note) -> io::Result<()> {
        let (bytes, path) = (note.to_bytes(), place.join(NOTE));
        let before = fs::metadata(&path).map(|found| found.len());
        let is_longer = before.is_ok_and(|before| before <= bytes.len() as u64);
        if is_longer && bytes.len() <= PAGE {
            return put(&path, false, &bytes);
        }
        let new = place.join("note.new");
        put(&new, true, &bytes)?;
        fs::rename(new, path)
    }

    /// The note of a process; `None` where it is not whole.
    pub(super) fn read(&self, handle: ProcessHandle) -> Option<Note> {
        let bytes = fs::read(self.place(handle).join(NOTE)).ok()?;
        Note::from_bytes(&bytes)
    }

    /// Removes all of a process.
    pub(crate) fn remove(&self, handle: ProcessHandle) {
        if let Err(error) = fs::remove_dir_all(self.place(handle)) {
            tracing::debug!(%error, %handle, "what was kept of it is left behind");
        }
    }

    /// The quota of one process.
    pub(crate) fn quota(&self) -> Quota {
        self.quota.below(self.output)
    }

    /// Listens where the next program looks for the reaper of a rung.
    pub(crate) fn listen(&self, rung: Rung) -> io::Result<Listener> {
        self.folder.listen_for_channels(&socket(rung))
    }

    /// Connects to the reaper of a rung; `None` where there is none. The name of one that is gone is
    /// removed.
    pub(crate) fn connect(&self, rung: Rung) -> io::Result<Option<Channel>> {
        match self.folder.connect_channel(&socket(rung)) {
            Ok(channel) => Ok(Some(channel)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                self.folder.remove(&socket(rung))?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

fn socket(rung: Rung) -> String {
    format!("reaper-{}", rung.word())
}

/// What one write puts into a file as a whole, whenever this program is killed: a page. It spares a new file in place of
/// the old one, which many file systems send to the disk at once.
const PAGE: usize = 4096;

fn put(path: &Path, is_new: bool, bytes: &[u8]) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create(is_new).truncate(is_new);
    let mut file = files::private(&mut options).open(path)?;
    io::Write::write_all(&mut file, bytes)
}

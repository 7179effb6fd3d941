//! A private folder, held open.

use super::trust::{self, Rights};
use super::{FolderError, Listener, Socket, unsupported, user};
use crate::channel::Channel;
use crate::child::calls::check;
use crate::child::wide;
use crate::local_pipe::{Connection, OwnerOnly};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::{AsHandle, AsRawHandle};
use std::path::{Path, PathBuf};
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, CreateDirectoryW, FILE_FLAG_BACKUP_SEMANTICS,
    FILE_FLAG_OPEN_REPARSE_POINT, FILE_LIST_DIRECTORY, FILE_READ_ATTRIBUTES, FILE_SHARE_DELETE,
    FILE_SHARE_READ, FILE_SHARE_WRITE, GetFileInformationByHandle, READ_CONTROL, WRITE_DAC,
};

/// A folder of the user's own, held open.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// It is not shared for deletion: neither it nor a folder above it can be renamed meanwhile.
    _held: File,
}

/// The longest name of a pipe that is believed, in bytes.
const LONGEST: u64 = 1024;

fn system(attempt: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.to_path_buf();
    move |source| FolderError::System {
        attempt,
        path,
        source,
    }
}

impl Folder {
    /// Opens a folder and makes sure that it is private; makes it where it is not there, its last
    /// part only.
    ///
    /// Private is: it belongs to us, nobody else but the system and its administrators may do anything with it,
    /// it is no link, and nobody but these could put another one into its place. One of ours that others may
    /// enter is closed to them.
    ///
    /// # Errors
    ///
    /// [`FolderError`]; nothing was changed but that.
    pub fn open_or_make(path: &Path) -> Result<Folder, FolderError> {
        Folder::opened(path, true)
    }

    /// As [`Folder::open_or_make`], for a folder that must be there. Nothing is changed: one that
    /// others may enter is refused.
    ///
    /// # Errors
    ///
    /// [`FolderError`].
    pub fn open(path: &Path) -> Result<Folder, FolderError> {
        Folder::opened(path, false)
    }

    fn opened(path: &Path, make: bool) -> Result<Folder, FolderError> {
        let (parent, name) = match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) if path.is_absolute() => (parent, name),
            _ => {
                let odd = io::ErrorKind::InvalidInput.into();
                return Err(system("use the relative path", path)(odd));
            }
        };
        // The way there may have links in it, of those who may be trusted.
        let parent = parent.canonicalize().map_err(system("find", parent))?;
        for above in parent.ancestors() {
            let rights = handle(above, READ_CONTROL)
                .and_then(|above| Rights::of(above.as_handle()))
                .map_err(system("look at", above))?;
            rights.trust_way(above)?;
        }
        let path = without_prefix(&parent).join(name);
        if make {
            match make_private(&path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(system("make", &path)(error));
                }
                _ => {}
            }
        }
        let held = handle(&path, READ_CONTROL | FILE_LIST_DIRECTORY);
        let held = held.map_err(system("open", &path))?;
        let about = held.metadata().map_err(system("look at", &path))?;
        if !about.is_dir() || about.is_symlink() {
            return Err(FolderError::NoFolder { path });
        }
        let rights = Rights::of(held.as_handle()).map_err(system("look at", &path))?;
        match rights.trust_own(&path) {
            Err(FolderError::Shared { .. }) if make => {
                let closing = handle(&path, READ_CONTROL | WRITE_DAC)
                    .and_then(|file| trust::close_to_others(file.as_handle()));
                closing.map_err(system("close to others", &path))?;
            }
            trusted => trusted?,
        }
        Ok(Folder { path, _held: held })
    }

    /// Its path, for people.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a file in it for reading and writing, made where it is not there, for whom the folder is for. A link
    /// is not followed.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn file(&self, name: &str) -> io::Result<File> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        opened_file(options, &self.path.join(name))
    }

    /// Whether a file is the one of that name, and not one that was there before.
    ///
    /// # Errors
    ///
    /// What the system says, but for a name that is not there.
    pub fn is_named(&self, file: &File, name: &str) -> io::Result<bool> {
        let mut options = OpenOptions::new();
        options.access_mode(FILE_READ_ATTRIBUTES);
        match opened_file(&mut options, &self.path.join(name)) {
            Ok(named) => Ok(identity(&named)? == identity(file)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Listens, and says where in a file of this name, in place of what was in it. Who connects finds the old one
    /// or the new one.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn listen(&self, name: &str) -> io::Result<Socket> {
        let (socket, pipe) = Socket::new(&user())?;
        // One call, and names of one user have one length: nobody reads a half of it.
        let line = format!("{pipe}\n");
        let mut file = self.file(name)?;
        file.write_all(line.as_bytes())?;
        file.set_len(line.len() as u64)?;
        Ok(socket)
    }

    /// Connects to who listens by this name.
    ///
    /// # Errors
    ///
    /// What the system says: `NotFound` where there is none, `ConnectionRefused` where nobody listens any
    /// more, `TimedOut` where so many connect that nobody came to it within 30 s.
    pub fn connect(&self, name: &str) -> io::Result<Connection> {
        let mut options = OpenOptions::new();
        let file = opened_file(options.read(true), &self.path.join(name))?;
        let mut line = String::new();
        file.take(LONGEST).read_to_string(&mut line)?;
        super::socket::connect(&line)
    }

    /// Refuses: there is no next program that could ask.
    ///
    /// # Errors
    ///
    /// `Unsupported`.
    pub fn listen_for_channels(&self, _: &str) -> io::Result<Listener> {
        Err(unsupported())
    }

    /// Refuses: nobody listens for it.
    ///
    /// # Errors
    ///
    /// `Unsupported`.
    pub fn connect_channel(&self, _: &str) -> io::Result<Channel> {
        Err(unsupported())
    }

    /// Removes a name; one that is not there is no error.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.path.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// Opens what is at a path itself, be it a link, to ask about it.
fn handle(path: &Path, access: u32) -> io::Result<File> {
    // Without deletion only where the contents are opened too: else it would mean nothing.
    let holds = access & FILE_LIST_DIRECTORY != 0;
    let share = FILE_SHARE_READ | FILE_SHARE_WRITE;
    let mut options = OpenOptions::new();
    options.access_mode(access | FILE_READ_ATTRIBUTES);
    options.share_mode(if holds {
        share
    } else {
        share | FILE_SHARE_DELETE
    });
    options.custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT);
    options.open(path)
}

/// Opens a file and no link.
fn opened_file(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let file = options
        .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT)
        .open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"))
    }
}

/// Makes a folder that is our user's alone, as will be what is made in it.
fn make_private(path: &Path) -> io::Result<()> {
    let name = wide(path.as_os_str())?;
    let security = OwnerOnly::for_folder()?;
    let attributes = security.attributes()?;
    // SAFETY: the name ends with a zero; the attributes and what they point at live during the call.
    check(unsafe { CreateDirectoryW(name.as_ptr(), &raw const attributes) })
}

/// What names a file for as long as it is there: its volume, and its number there.
fn identity(file: &File) -> io::Result<(u32, u32, u32)> {
    let mut about = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the file is open; the system writes one structure.
    check(unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut about) })?;
    Ok((
        about.dwVolumeSerialNumber,
        about.nFileIndexHigh,
        about.nFileIndexLow,
    ))
}

/// A path that was asked of the system, as people write it.
fn without_prefix(path: &Path) -> PathBuf {
    use std::path::{Component, Prefix};
    let mut parts = path.components();
    match parts.next() {
        Some(Component::Prefix(prefix)) => match prefix.kind() {
            Prefix::VerbatimDisk(drive) => {
                let drive = format!("{}:", char::from(drive));
                Path::new(&drive).join(parts.as_path())
            }
            _ => path.to_path_buf(),
        },
        _ => path.to_path_buf(),
    }
}

//! Folders by descriptor (`openat(2)` and its kin), and the sockets in them.

use super::os::{address, mode};
use super::{FolderError, Listener};
use crate::channel::Channel;
use crate::fork_lock;
use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, Stat, chmodat, fchmod, fstat, mkdir, openat, renameat,
    statat, unlinkat,
};
use rustix::io::Errno;
use std::fs::File;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// Only the user.
const PRIVATE: Mode = Mode::RWXU;

/// Who is not the user.
const OTHERS: u32 = 0o077;

/// Others may write, and not only into what is their own.
const WRITE: u32 = 0o022;
const STICKY: u32 = 0o1000;

fn system(attempt: &'static str, path: &Path) -> impl FnOnce(Errno) -> FolderError {
    let path = path.to_path_buf();
    move |errno| FolderError::System {
        attempt,
        path,
        source: errno.into(),
    }
}

pub(super) fn open(path: &Path, make: bool) -> Result<(OwnedFd, PathBuf), FolderError> {
    let (parent, name) = match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) if path.is_absolute() => (parent, name),
        _ => return Err(system("use the relative path", path)(Errno::INVAL)),
    };
    // The way there may have links in it, of those who may be trusted.
    let parent = parent
        .canonicalize()
        .map_err(|source| FolderError::System {
            attempt: "find",
            path: parent.to_path_buf(),
            source,
        })?;
    for above in parent.ancestors() {
        let stat = statat(CWD, above, AtFlags::SYMLINK_NOFOLLOW);
        trust_way(above, &stat.map_err(system("look at", above))?)?;
    }
    let path = parent.join(name);
    if make {
        match mkdir(&path, PRIVATE) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(system("make", &path)(errno)),
        }
    }
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::RDONLY;
    let held = match openat(CWD, &path, flags, Mode::empty()) {
        Ok(held) => held,
        Err(Errno::NOTDIR | Errno::LOOP) => return Err(FolderError::NoFolder { path }),
        Err(errno) => return Err(system("open", &path)(errno)),
    };
    let stat = fstat(&held).map_err(system("look at", &path))?;
    if stat.st_uid != user() {
        let owner = stat.st_uid;
        return Err(FolderError::NotOurs { path, owner });
    }
    let mode = mode(&stat) & 0o7777;
    if mode & OTHERS != 0 {
        if !make {
            return Err(FolderError::Open { path, mode });
        }
        fchmod(&held, PRIVATE).map_err(system("close to others", &path))?;
    }
    Ok((held, path))
}

/// Nobody but the user and root may put something else into the place of what is in there.
fn trust_way(path: &Path, stat: &Stat) -> Result<(), FolderError> {
    let (owner, mode) = (stat.st_uid, mode(stat) & 0o7777);
    let path = path.to_path_buf();
    if owner != 0 && owner != user() {
        return Err(FolderError::NotOurs { path, owner });
    }
    if mode & WRITE != 0 && mode & STICKY == 0 {
        return Err(FolderError::Open { path, mode });
    }
    Ok(())
}

pub(super) fn file(folder: BorrowedFd<'_>, name: &str) -> io::Result<File> {
    let flags =
        OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = openat(folder, name, flags, Mode::RUSR | Mode::WUSR)?;
    let stat = fstat(&file)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"));
    }
    Ok(File::from(file))
}

pub(super) fn is_named(
    folder: BorrowedFd<'_>,
    file: BorrowedFd<'_>,
    name: &str,
) -> io::Result<bool> {
    let ours = fstat(file)?;
    match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(named) => Ok((named.st_dev, named.st_ino) == (ours.st_dev, ours.st_ino)),
        Err(Errno::NOENT) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

pub(super) fn listen(folder: BorrowedFd<'_>, name: &str) -> io::Result<UnixListener> {
    let new = format!("{name}.new");
    remove(folder, &new)?;
    let address = address(folder, &new)?;
    let listener = {
        let _making = fork_lock::os::making();
        UnixListener::bind(address)?
    };
    chmodat(folder, &new, Mode::RUSR | Mode::WUSR, AtFlags::empty())?;
    renameat(folder, &new, folder, name)?;
    Ok(listener)
}

pub(super) fn listen_for_channels(folder: BorrowedFd<'_>, name: &str) -> io::Result<Listener> {
    let new = format!("{name}.new");
    remove(folder, &new)?;
    let listener = Listener::bind(&address(folder, &new)?)?;
    chmodat(folder, &new, Mode::RUSR | Mode::WUSR, AtFlags::empty())?;
    renameat(folder, &new, folder, name)?;
    Ok(listener)
}

pub(super) fn connect_channel(folder: BorrowedFd<'_>, name: &str) -> io::Result<Channel> {
    Channel::connect(&address(folder, name)?)
}

pub(super) fn connect(folder: BorrowedFd<'_>, name: &str) -> io::Result<UnixStream> {
    let address = address(folder, name)?;
    let _making = fork_lock::os::making();
    UnixStream::connect(address)
}

pub(super) fn remove(folder: BorrowedFd<'_>, name: &str) -> io::Result<()> {
    match unlinkat(folder, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

pub(super) fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

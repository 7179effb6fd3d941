//! Folders by descriptor (`openat(2)` and its kin), sockets by `/proc/self/fd`, peers by `unix(7)`.

use super::{FolderError, Listener, Peer};
use crate::channel::Channel;
use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, Stat, chmodat, fchmod, fstat, mkdir, openat, renameat,
    statat, unlinkat,
};
use rustix::io::Errno;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// Only the user.
const PRIVATE: Mode = Mode::RWXU;

/// Who is not the user.
const OTHERS: u32 = 0o077;

/// Others may write, and not only into what is their own.
const WRITE: u32 = 0o022;
const STICKY: u32 = 0o1000;

/// `SO_PEERPIDFD` (`asm-generic/socket.h`), since Linux 6.5; the crate `libc` has it not for all.
const SO_PEERPIDFD: i32 = 77;

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
    let mode = stat.st_mode & 0o7777;
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
    let (owner, mode) = (stat.st_uid, stat.st_mode & 0o7777);
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

/// A path to a name in a folder, short enough for the address of a socket.
fn short(folder: BorrowedFd<'_>, name: &str) -> String {
    format!("/proc/self/fd/{}/{name}", folder.as_raw_fd())
}

pub(super) fn listen(folder: BorrowedFd<'_>, name: &str) -> io::Result<UnixListener> {
    let new = format!("{name}.new");
    remove(folder, &new)?;
    let listener = UnixListener::bind(short(folder, &new))?;
    chmodat(folder, &new, Mode::RUSR | Mode::WUSR, AtFlags::empty())?;
    renameat(folder, &new, folder, name)?;
    Ok(listener)
}

pub(super) fn listen_for_channels(folder: BorrowedFd<'_>, name: &str) -> io::Result<Listener> {
    let new = format!("{name}.new");
    remove(folder, &new)?;
    let listener = Listener::bind(short(folder, &new).as_ref())?;
    chmodat(folder, &new, Mode::RUSR | Mode::WUSR, AtFlags::empty())?;
    renameat(folder, &new, folder, name)?;
    Ok(listener)
}

pub(super) fn connect_channel(folder: BorrowedFd<'_>, name: &str) -> io::Result<Channel> {
    Channel::connect(short(folder, name).as_ref())
}

pub(super) fn connect(folder: BorrowedFd<'_>, name: &str) -> io::Result<UnixStream> {
    UnixStream::connect(short(folder, name))
}

pub(super) fn remove(folder: BorrowedFd<'_>, name: &str) -> io::Result<()> {
    match unlinkat(folder, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

pub(super) fn peer(socket: BorrowedFd<'_>) -> io::Result<Peer> {
    // Not by `rustix`, for which a pid cannot be 0.
    let unknown = libc::ucred {
        pid: 0,
        uid: u32::MAX,
        gid: u32::MAX,
    };
    let named = option(socket, libc::SO_PEERCRED, unknown)?;
    Ok(Peer {
        user: named.uid,
        group: named.gid,
        pid: named.pid.unsigned_abs(),
        pidfd: pidfd(socket)?,
    })
}

fn pidfd(socket: BorrowedFd<'_>) -> io::Result<Option<OwnedFd>> {
    match option(socket, SO_PEERPIDFD, -1) {
        // SAFETY: the kernel has just made this descriptor for us, and nobody else knows of it.
        Ok(descriptor) if descriptor >= 0 => Ok(Some(unsafe { OwnedFd::from_raw_fd(descriptor) })),
        Ok(_) => Ok(None),
        Err(error) => match error.raw_os_error() {
            // An older kernel; a peer that is gone, or that never was a process.
            Some(libc::ENOPROTOOPT | libc::ESRCH | libc::ENODATA | libc::EINVAL) => Ok(None),
            _ => Err(error),
        },
    }
}

/// Plain numbers in the layout of the system, which any bytes are.
trait Plain: Copy {}

impl Plain for libc::c_int {}
impl Plain for libc::ucred {}

/// Reads an option of a socket; what the kernel leaves out stays as it was given.
fn option<T: Plain>(socket: BorrowedFd<'_>, name: libc::c_int, unset: T) -> io::Result<T> {
    let mut value = unset;
    let mut length = libc::socklen_t::try_from(size_of::<T>()).map_err(io::Error::other)?;
    // SAFETY: both pointers are to values that live for the call, the kernel writes no more than the
    // length that it is told, and every pattern of bytes is a value of a `Plain` type.
    let done = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            name,
            (&raw mut value).cast(),
            &raw mut length,
        )
    };
    if done == 0 {
        Ok(value)
    } else {
        Err(io::Error::last_os_error())
    }
}

pub(super) fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

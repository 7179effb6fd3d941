//! Sockets of one user of one machine: a private folder, what lies in it, and who is at the other end.
//!
//! A [`Folder`] is held open, and everything in it is reached from that, never by a path that somebody
//! could change meanwhile; so on Linux the length of its path does not matter for sockets either. It is the
//! user's own and nobody else may enter it. [`peer`] asks the kernel who is at the other end.

mod channels;
mod error;
mod folder;
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
mod os;
mod socket;

pub use channels::Listener;
pub use error::FolderError;
pub use socket::Socket;

use crate::channel::Channel;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

/// A folder of the user's own, held open.
#[derive(Debug)]
pub struct Folder {
    held: OwnedFd,
    path: PathBuf,
}

impl Folder {
    /// Opens a folder and makes sure that it is private; makes it where it is not there, its last
    /// part only.
    ///
    /// Private is: it belongs to us, nobody else may do anything with it, it is no link, and nobody but
    /// us and root could put another one into its place. One of ours that others may enter is closed to them.
    ///
    /// # Errors
    ///
    /// [`FolderError`]; nothing was changed but that.
    pub fn open_or_make(path: &Path) -> Result<Folder, FolderError> {
        let (held, path) = folder::open(path, true)?;
        Ok(Folder { held, path })
    }

    /// As [`Folder::open_or_make`], for a folder that must be there. Nothing is changed: one that
    /// others may enter is refused.
    ///
    /// # Errors
    ///
    /// [`FolderError`].
    pub fn open(path: &Path) -> Result<Folder, FolderError> {
        let (held, path) = folder::open(path, false)?;
        Ok(Folder { held, path })
    }

    /// Its path, for people.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a file in it for reading and writing, made with mode 0600 where it is not there. A link is
    /// not followed.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn file(&self, name: &str) -> io::Result<File> {
        folder::file(self.held.as_fd(), name)
    }

    /// Whether a file is the one of that name, and not one that was there before.
    ///
    /// # Errors
    ///
    /// What the system says, but for a name that is not there.
    pub fn is_named(&self, file: &File, name: &str) -> io::Result<bool> {
        folder::is_named(self.held.as_fd(), file.as_fd(), name)
    }

    /// Listens at a socket of this name, with mode 0600. It takes the place of what has that name in
    /// one step and when it listens already, so who connects finds the old one or the new one.
    ///
    /// # Errors
    ///
    /// What the system says; what was there is there then.
    ///
    /// # Platforms
    ///
    /// Windows: a named pipe listens, whose name is in a file of this name.
    ///
    /// macOS: `InvalidFilename` where the path of the folder is too long for the address of a socket, which
    /// takes 103 bytes. The same is true of everything here that has to do with sockets.
    pub fn listen(&self, name: &str) -> io::Result<Socket> {
        folder::listen(self.held.as_fd(), name).map(Socket::new)
    }

    /// Connects to the socket of this name.
    ///
    /// # Errors
    ///
    /// What the system says: `NotFound` where there is none, `ConnectionRefused` where nobody listens any
    /// more.
    pub fn connect(&self, name: &str) -> io::Result<UnixStream> {
        folder::connect(self.held.as_fd(), name)
    }

    /// As [`Folder::listen`], for channels.
    ///
    /// # Errors
    ///
    /// As [`Folder::listen`].
    pub fn listen_for_channels(&self, name: &str) -> io::Result<Listener> {
        folder::listen_for_channels(self.held.as_fd(), name)
    }

    /// As [`Folder::connect`], for channels. Does not wait.
    ///
    /// # Errors
    ///
    /// As [`Channel::connect`].
    pub fn connect_channel(&self, name: &str) -> io::Result<Channel> {
        folder::connect_channel(self.held.as_fd(), name)
    }

    /// Removes a name; one that is not there is no error.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        folder::remove(self.held.as_fd(), name)
    }
}

/// A user: its number.
pub type User = u32;

/// Who is at the other end of a local socket.
#[derive(Debug)]
pub struct Peer {
    /// Its user, as it was when it connected or began to listen.
    pub user: User,
    /// Its group, likewise.
    pub group: u32,
    /// Its pid; 0 where it is of a namespace that cannot be seen from here.
    pub pid: u32,
    /// The process itself, which a pid alone does not name.
    ///
    /// # Platforms
    ///
    /// Linux since 6.5; else, and for one that was reaped, `None`.
    pub pidfd: Option<OwnedFd>,
}

/// Asks the kernel who is at the other end.
///
/// # Errors
///
/// What the system says.
pub fn peer(socket: BorrowedFd<'_>) -> io::Result<Peer> {
    os::peer(socket)
}

/// Whether a program can give what it holds, its trees and where it listens, to another one.
///
/// # Errors
///
/// Where it cannot.
///
/// # Platforms
///
/// Unix: it can. Windows: `Unsupported`. A tree ends with the last handle of its job, and a lock and a pipe are
/// those of one program.
pub fn can_hand_over() -> io::Result<()> {
    Ok(())
}

/// The folder for what lives as long as the sessions of a user, where no variable names one; it need not be
/// there, and nothing is made. Whoever opens it looks whether it can be trusted ([`Folder`]).
///
/// # Platforms
///
/// Unix: of this name below `/run/user/N`, where that is there; else in `/tmp`, with the user's number behind
/// the name. Windows: of this name in the user's folder for programs of this machine ([`crate::files::of_user`]).
#[must_use]
pub fn usual_folder(name: &str, user: &User) -> PathBuf {
    let sessions = PathBuf::from(format!("/run/user/{user}"));
    if sessions.is_dir() {
        return sessions.join(name);
    }
    PathBuf::from(format!("/tmp/{name}-{user}"))
}

/// The user who we are, as far as files and sockets are concerned.
#[must_use]
pub fn user() -> User {
    folder::user()
}

#[cfg(test)]
mod tests;

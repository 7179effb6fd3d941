//! Sockets in a private folder: not on Windows.
//!
//! There a connection to another process is a named pipe (see `local_pipe`), whose sides know each other, and what is held for the next program
//! would be handles in a process that lives on; nobody here does that yet. So no folder can be opened, which
//! is said by its error, and what would be in one cannot exist.

#[path = "local/error.rs"]
mod error;

pub use crate::local_pipe::{Peer, User};
pub use error::FolderError;

use crate::channel::Channel;
use crate::local_pipe::{Connection, server};
use std::convert::Infallible;
use std::fs::File;
use std::io;
use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::path::Path;

/// A private folder: nobody has one.
#[derive(Debug)]
pub struct Folder(Infallible);

impl Folder {
    /// Refuses.
    ///
    /// # Errors
    ///
    /// [`FolderError::System`], with `Unsupported`.
    pub fn open_or_make(path: &Path) -> Result<Folder, FolderError> {
        Err(FolderError::System {
            attempt: "keep processes for the next program in",
            path: path.to_owned(),
            source: io::ErrorKind::Unsupported.into(),
        })
    }

    /// Refuses.
    ///
    /// # Errors
    ///
    /// [`FolderError::System`], with `Unsupported`.
    pub fn open(path: &Path) -> Result<Folder, FolderError> {
        Err(FolderError::System {
            attempt: "find a program by",
            path: path.to_owned(),
            source: io::ErrorKind::Unsupported.into(),
        })
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self.0 {}
    }

    /// A file in it.
    ///
    /// # Errors
    ///
    /// None: there is no folder.
    pub fn file(&self, _: &str) -> io::Result<File> {
        match self.0 {}
    }

    /// A listener in it.
    ///
    /// # Errors
    ///
    /// None: there is no folder.
    pub fn listen_for_channels(&self, _: &str) -> io::Result<Listener> {
        match self.0 {}
    }

    /// A connection to who listens in it.
    ///
    /// # Errors
    ///
    /// None: there is no folder.
    pub fn connect(&self, _: &str) -> io::Result<Connection> {
        match self.0 {}
    }

    /// A channel to who listens in it.
    ///
    /// # Errors
    ///
    /// None: there is no folder.
    pub fn connect_channel(&self, _: &str) -> io::Result<Channel> {
        match self.0 {}
    }

    /// Removes a name in it.
    ///
    /// # Errors
    ///
    /// None: there is no folder.
    pub fn remove(&self, _: &str) -> io::Result<()> {
        match self.0 {}
    }
}

/// Who listens in a folder: nobody does.
#[derive(Debug)]
pub struct Listener(Infallible);

impl AsHandle for Listener {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        match self.0 {}
    }
}

/// Asks the system who has made the pipe that we have connected to.
///
/// # Errors
///
/// What the system says.
pub fn peer(pipe: BorrowedHandle<'_>) -> io::Result<Peer> {
    server(pipe)
}

/// The user who we are.
///
/// # Panics
///
/// Where the system does not tell us of ourselves.
#[must_use]
pub fn user() -> User {
    User::own().expect("a process may always read its own token")
}

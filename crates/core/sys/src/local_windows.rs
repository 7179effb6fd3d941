//! Programs of one user that find each other on Windows: a private folder, what lies in it, and who is there.
//!
//! A [`Folder`] is held open, and as long as it is, the system lets nobody rename it or what it is in; so it is
//! reached by its path. It is the user's own by a list that names nobody else (`trust.rs`). What listens is a
//! named pipe, which lies in no folder: a file in the folder says which (`socket.rs`). A tree ends with the last
//! handle of its job, so nothing is held for the next program, which is refused by name ([`can_hand_over`]).

#[path = "local/error.rs"]
mod error;
#[path = "local/windows/folder.rs"]
mod folder;
#[path = "local/windows/socket.rs"]
mod socket;
#[path = "local/windows/trust.rs"]
mod trust;

#[cfg(test)]
#[path = "local/windows/tests.rs"]
mod tests;

pub use crate::local_pipe::{Peer, User};
pub use error::FolderError;
pub use folder::Folder;
pub use socket::Socket;
#[cfg(feature = "async")]
pub(crate) use socket::{Pipes, Waiting};

use crate::local_pipe::server;
use std::convert::Infallible;
use std::io;
use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::path::PathBuf;

/// Who listens in a folder for channels to the next program: nobody does.
#[derive(Debug)]
pub struct Listener(Infallible);

impl AsHandle for Listener {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        match self.0 {}
    }
}

/// What is refused here, by name.
fn unsupported() -> io::Error {
    let why = "Windows ends what a program holds with that program, so that none can go on with it";
    io::Error::new(io::ErrorKind::Unsupported, why)
}

/// Whether a program can give what it holds, its trees and where it listens, to another one: not here.
///
/// # Errors
///
/// `Unsupported`. A tree ends with the last handle of its job, and a lock and a pipe are those of one program.
pub fn can_hand_over() -> io::Result<()> {
    Err(unsupported())
}

/// The folder for what lives as long as the sessions of a user, where no variable names one; it need not be
/// there, and nothing is made. Whoever opens it looks whether it can be trusted ([`Folder`]).
///
/// It is of this name in the user's folder for programs of this machine ([`crate::files::of_user`]). Where the
/// system knows of none, it is at the root of the system's drive, with the user behind the name.
#[must_use]
pub fn usual_folder(name: &str, user: &User) -> PathBuf {
    match crate::files::of_user() {
        Some(folder) => folder.join(name),
        None => crate::files::root().join(format!("{name}-{user}")),
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

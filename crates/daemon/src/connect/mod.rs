//! Reaching the daemon of a user, and making sure that it is theirs.
//!
//! What must stay true: nothing is said to a socket before the kernel has said that whoever listens is
//! the same user.

mod client;
mod launch;

pub use client::{Client, ClientError, Notes, Told};
pub use launch::{
    Launch, LaunchError, Readiness, ReadinessError, Tie, connect_or_start, reach, session,
};

use crate::place::{Place, SOCKET, TOKEN};
use handfast_sys::connection::Connection;
use handfast_sys::descriptor::AsDescriptor;
use handfast_sys::local::{Folder, FolderError, Peer, User, peer, user};
use std::io::{self, Read};
use std::path::PathBuf;

/// Why the daemon was not reached.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// Nobody listens.
    #[error("find a daemon in {}", folder.display())]
    NoDaemon {
        /// Where.
        folder: PathBuf,
    },
    /// The folder is not private, so whoever listens there could be anybody.
    #[error("trust the daemon's folder")]
    Folder(#[source] FolderError),
    /// Whoever listens is another user.
    #[error("trust the daemon in {}: it belongs to user {owner}", folder.display())]
    Stranger {
        /// Where.
        folder: PathBuf,
        /// Whose it is.
        owner: User,
    },
    /// The system refused.
    #[error("connect to the daemon in {}", folder.display())]
    System {
        /// Where.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ConnectError {
    /// The name of this error, which never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ConnectError::NoDaemon { .. } => "connect.no-daemon",
            ConnectError::Folder(_) => "connect.folder-not-private",
            ConnectError::Stranger { .. } => "connect.stranger",
            ConnectError::System { .. } => "connect.system",
        }
    }
}

/// Connects to the daemon of a place.
///
/// # Errors
///
/// [`ConnectError`]; nothing was said to anybody.
pub fn connect(place: &Place) -> Result<(Connection, Peer), ConnectError> {
    let none = |folder: PathBuf| ConnectError::NoDaemon { folder };
    let folder = match Folder::open(place.path()) {
        Ok(folder) => folder,
        Err(FolderError::System { source, path, .. })
            if source.kind() == io::ErrorKind::NotFound =>
        {
            return Err(none(path));
        }
        Err(error) => return Err(ConnectError::Folder(error)),
    };
    let at = || folder.path().to_path_buf();
    let system = |source: io::Error| ConnectError::System {
        folder: at(),
        source,
    };
    let stream = folder.connect(SOCKET).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => none(at()),
        _ => system(error),
    })?;
    let there = peer(stream.as_descriptor()).map_err(system)?;
    if there.user != user() {
        let (folder, owner) = (at(), there.user);
        return Err(ConnectError::Stranger { folder, owner });
    }
    Ok((stream, there))
}

/// The token of the user, where the daemon of a place has left it: with it a client acts for the user, and
/// not for an owner of its own.
///
/// # Errors
///
/// [`ConnectError`].
pub fn user_token(place: &Place) -> Result<crate::wire::Secret, ConnectError> {
    let folder = Folder::open(place.path()).map_err(ConnectError::Folder)?;
    let at = || folder.path().to_path_buf();
    let system = |source: io::Error| ConnectError::System {
        folder: at(),
        source,
    };
    let mut text = String::new();
    let file = folder.file(TOKEN).map_err(system)?;
    file.take(1024).read_to_string(&mut text).map_err(system)?;
    if text.is_empty() {
        return Err(ConnectError::NoDaemon { folder: at() });
    }
    Ok(crate::wire::Secret(text.trim_end().to_owned()))
}

//! Taking the seat of a place, or finding it taken.

use crate::place::{Place, SOCKET, TOKEN};
use crate::tokens::Token;
use handfast_sys::descriptor::Descriptor;
use handfast_sys::local::{Folder, FolderError, Socket};
use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::PathBuf;

/// Held by the daemon.
const LOCK: &str = "lock";

/// Held by whoever starts or leaves.
const STARTING: &str = "starting";

/// How often a lock may turn out to be one that was removed while we waited for it. Nobody of ours
/// removes one.
const ATTEMPTS: usize = 16;

/// What came of a claim.
#[derive(Debug)]
#[must_use]
pub enum Claimed {
    /// We are the daemon, and already listen.
    Ours(Seat),
    /// Somebody else is, and listens.
    Taken,
}

/// Why nobody could become the daemon. What was there is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// The folder is not private.
    #[error("listen in a private folder")]
    Folder(#[from] FolderError),
    /// The system refused.
    #[error("{attempt} in {}", folder.display())]
    System {
        /// What was attempted, as a verb with its object.
        attempt: &'static str,
        /// Where.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Its files are removed again and again while we make them.
    #[error("keep a lock in {}: somebody removes it", folder.display())]
    LockRemoved {
        /// Where.
        folder: PathBuf,
    },
}

impl ListenError {
    /// The name of this error, which never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ListenError::Folder(FolderError::System { .. }) => "listen.folder",
            ListenError::Folder(_) => "listen.folder-not-private",
            ListenError::System { .. } => "listen.system",
            ListenError::LockRemoved { .. } => "listen.lock-removed",
        }
    }

    /// What to do about it, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            ListenError::Folder(FolderError::System { .. }) | ListenError::System { .. } => None,
            ListenError::Folder(_) => {
                Some("name a folder of your own, or remove what is in its place")
            }
            ListenError::LockRemoved { .. } => Some("find out who cleans that folder"),
        }
    }
}

/// The seat of the one daemon of a place. Its drop gives it up at once; [`Seat::leave`] does so in order.
#[derive(Debug)]
pub struct Seat {
    socket: Socket,
    folder: Folder,
    /// Unlocked last, by its drop.
    lock: File,
}

/// Becomes the daemon of a place, unless there is one, and listens at once.
///
/// It waits for whoever is starting or leaving right now, so for as long as a daemon takes for that: call
/// it where blocking is fine.
///
/// # Errors
///
/// [`ListenError`].
pub fn claim(place: &Place) -> Result<Claimed, ListenError> {
    match prepare(place)? {
        Some(prepared) => prepared.listen().map(Claimed::Ours),
        None => Ok(Claimed::Taken),
    }
}

/// The seat of a place before anybody can connect: whoever wants to start waits until it
/// [listens](Prepared::listen) or was dropped.
#[derive(Debug)]
#[must_use]
pub struct Prepared {
    folder: Folder,
    /// Unlocked first.
    starting: File,
    lock: File,
}

/// As [`claim`], for a daemon that has something to do before anybody connects; `None` where somebody
/// else has the seat, and listens.
///
/// # Errors
///
/// [`ListenError`].
pub fn prepare(place: &Place) -> Result<Option<Prepared>, ListenError> {
    let folder = Folder::open_or_make(place.path())?;
    let starting = starting(&folder)?;
    let lock = lock(&folder)?;
    Ok(lock.map(|lock| Prepared {
        folder,
        starting,
        lock,
    }))
}

impl Prepared {
    /// Leaves the token of the user where only the user can read it: before anybody can connect, so that
    /// who connects finds the one of this daemon.
    ///
    /// # Errors
    ///
    /// [`ListenError`].
    pub fn leave_token(&self, token: &Token) -> Result<(), ListenError> {
        leave_token(&self.folder, token)
    }

    /// Listens from here on, and lets others try to start.
    ///
    /// # Errors
    ///
    /// [`ListenError`]; the seat is free then.
    pub fn listen(self) -> Result<Seat, ListenError> {
        let Prepared {
            folder,
            starting,
            lock,
        } = self;
        // Nobody else is the daemon, so nobody listens at what lies there.
        let socket = folder.listen(SOCKET).map_err(system(&folder, "listen"))?;
        drop(starting);
        Ok(Seat {
            socket,
            folder,
            lock,
        })
    }
}

fn leave_token(folder: &Folder, token: &Token) -> Result<(), ListenError> {
    let failed = |attempt| system(folder, attempt);
    let mut file = folder.file(TOKEN).map_err(failed("make a token"))?;
    let text = token.reveal();
    let written = file
        .set_len(0)
        .and_then(|()| file.write_all(text.as_bytes()));
    written.map_err(failed("write the token"))
}

/// Waits until nobody else starts or leaves.
fn starting(folder: &Folder) -> Result<File, ListenError> {
    for _ in 0..ATTEMPTS {
        let file = folder
            .file(STARTING)
            .map_err(system(folder, "make a lock"))?;
        file.lock().map_err(system(folder, "wait for a start"))?;
        if is_there(folder, &file, STARTING)? {
            return Ok(file);
        }
    }
    Err(removed(folder))
}

/// The lock of the daemon; `None` where somebody has it.
fn lock(folder: &Folder) -> Result<Option<File>, ListenError> {
    for _ in 0..ATTEMPTS {
        let file = folder.file(LOCK).map_err(system(folder, "make a lock"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(system(folder, "lock")(error)),
        }
        if is_there(folder, &file, LOCK)? {
            return Ok(Some(file));
        }
    }
    Err(removed(folder))
}

fn is_there(folder: &Folder, file: &File, name: &str) -> Result<bool, ListenError> {
    folder
        .is_named(file, name)
        .map_err(system(folder, "look for a lock"))
}

fn removed(folder: &Folder) -> ListenError {
    ListenError::LockRemoved {
        folder: folder.path().to_path_buf(),
    }
}

fn system(folder: &Folder, attempt: &'static str) -> impl FnOnce(io::Error) -> ListenError {
    let folder = folder.path().to_path_buf();
    move |source| ListenError::System {
        attempt,
        folder,
        source,
    }
}

impl Seat {
    /// Where connections come.
    #[must_use]
    pub fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Leaves the token of the user where only the user can read it.
    ///
    /// # Errors
    ///
    /// [`ListenError`].
    pub fn leave_token(&self, token: &Token) -> Result<(), ListenError> {
        leave_token(&self.folder, token)
    }

    /// Puts the seat where a program finds it that has the answered descriptor as its standard input.
    ///
    /// # Errors
    ///
    /// What the system says; on Windows `Unsupported`.
    pub(crate) fn hand(&self, word: &[u8]) -> io::Result<Descriptor> {
        self.socket.hand_with(&self.lock, word)
    }

    /// The seat of a place that another process had, and has put at our standard input.
    pub(crate) fn handed(place: &Place, word: &[u8]) -> Result<Seat, ListenError> {
        let odd = |source| ListenError::System {
            attempt: "take over the seat",
            folder: place.path().to_path_buf(),
            source,
        };
        let (lock, socket) = Socket::take_handed(word).map_err(odd)?;
        let folder = Folder::open(place.path())?;
        // It is locked by whoever handed it over, and so by us.
        let is_held = || Ok(folder.is_named(&lock, LOCK)? && lock.try_lock().is_ok());
        match is_held().map_err(odd)? {
            true => Ok(Seat {
                socket,
                folder,
                lock,
            }),
            false => Err(removed(&folder)),
        }
    }

    /// Gives the seat up: nobody new gets in from here on, and who wants to start waits until `finish`,
    /// what is left to do, has been done and the seat is free.
    ///
    /// It waits for whoever is starting right now. What of this does not work is logged: the seat is
    /// given up all the same, and a socket that could not be removed is a stale one.
    pub fn leave<T>(self, finish: impl FnOnce() -> T) -> T {
        let Seat {
            socket,
            folder,
            lock,
        } = self;
        let starting = starting(&folder);
        // The token is good for nothing any more.
        let removed = folder.remove(SOCKET).and_then(|()| folder.remove(TOKEN));
        drop(socket);
        if let Err(error) = &starting {
            tracing::warn!(%error, "those who start now are not held back");
        }
        if let Err(error) = removed {
            tracing::warn!(%error, "the socket or the token stays behind");
        }
        let done = finish();
        drop(lock);
        drop(starting);
        done
    }
}

//! What others connect to on Windows: a named pipe, beside any runtime.
//!
//! Nobody can guess its name, which is told in a file of a private folder; so nobody can have taken it before
//! us. What must stay true: one instance that nobody has connected to is always there, whether a listener waits
//! at it or none does for a moment.

use super::{User, unsupported};
use crate::child::wide;
use crate::descriptor::Descriptor;
use crate::local_pipe::{self, Connection, First};
use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::os::windows::io::OwnedHandle;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What the name of each begins with.
const PREFIX: &str = r"\\.\pipe\handfast.";

/// How long to wait where so many connect that none is free.
const PATIENCE: Duration = Duration::from_secs(30);

/// Takes connections; [`crate::connection::Listener`] waits for them.
#[derive(Debug)]
pub struct Socket(Arc<Pipes>);

/// All instances of one pipe.
#[derive(Debug)]
pub(crate) struct Pipes {
    name: Vec<u16>,
    waiting: Mutex<Waiting>,
}

/// The instances that nobody has looked at.
#[derive(Debug)]
pub(crate) enum Waiting {
    /// The first one, which no runtime has seen.
    New(OwnedHandle),
    /// They are on the reactor of a runtime, for good.
    #[cfg(feature = "async")]
    Known(Vec<tokio::net::windows::named_pipe::NamedPipeServer>),
    /// A listener has them.
    #[cfg(feature = "async")]
    Taken,
}

impl Socket {
    /// A new one, and the name of its pipe.
    pub(super) fn new(user: &User) -> io::Result<(Socket, String)> {
        let [one, other] = [(); 2].map(|()| RandomState::new().build_hasher().finish());
        let text = format!("{PREFIX}{user}.{one:016x}{other:016x}");
        let name = wide(text.as_ref())?;
        let first = local_pipe::instance(&name, First::Yes)?;
        let waiting = Mutex::new(Waiting::New(first));
        Ok((Socket(Arc::new(Pipes { name, waiting })), text))
    }

    #[cfg(feature = "async")]
    pub(crate) fn pipes(&self) -> Arc<Pipes> {
        Arc::clone(&self.0)
    }

    /// Refuses: a pipe is one program's.
    ///
    /// # Errors
    ///
    /// `Unsupported`, as [`crate::local::can_hand_over`] says.
    pub fn hand_with(&self, _: &File, _: &[u8]) -> io::Result<Descriptor> {
        Err(unsupported())
    }

    /// Refuses likewise.
    ///
    /// # Errors
    ///
    /// `Unsupported`.
    pub fn take_handed(_: &[u8]) -> io::Result<(File, Socket)> {
        Err(unsupported())
    }
}

#[cfg(feature = "async")]
impl Pipes {
    pub(crate) fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // Nothing under this lock panics.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more instance.
    pub(crate) fn instance(&self) -> io::Result<OwnedHandle> {
        local_pipe::instance(&self.name, First::No)
    }
}

/// Connects to the pipe that a line names.
pub(super) fn connect(line: &str) -> io::Result<Connection> {
    let Some(name) = line.strip_suffix('\n') else {
        return Err(match line {
            "" => io::ErrorKind::NotFound.into(),
            _ => io::Error::new(io::ErrorKind::InvalidData, "what is there names no pipe"),
        });
    };
    if !name.starts_with(PREFIX) {
        let why = "what is there names a pipe that is none of ours";
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    local_pipe::connect(name.as_ref(), PATIENCE).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::ErrorKind::ConnectionRefused.into(),
        _ => error,
    })
}

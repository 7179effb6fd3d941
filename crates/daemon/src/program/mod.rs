//! The daemon as a program: from taking the seat of a place to giving it up.
//!
//! What must stay true: nobody can connect before it can serve, and its token is the one that lies there;
//! who starts while it leaves waits until everything that it held has ended; it leaves for idleness only
//! if really nobody is there.

pub mod successor;
mod task;

use crate::Place;
use crate::journal::{Bounds, Journal, JournalError};
use crate::listen::{ListenError, Prepared, Seat, prepare};
use crate::serve::{Daemon, DaemonError, Leave, Recovered, Settings};
use crate::tokens::Token;
use handfast::{Keep, ManagerError, ProcessManager};
use handfast_sys::asked::Asked;
use handfast_sys::local::Folder;
use std::io;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;

/// How a daemon's life ended.
#[derive(Debug)]
pub enum Ended {
    /// It never began: somebody else has the seat, and listens.
    Taken,
    /// It left.
    Left(Leave),
    /// It was told to end from outside.
    Told,
    /// Everything is held for another program, which is to go on when this one has ended.
    HandsOver(Box<HandsOver>),
}

/// A daemon that hands over: nobody is served, and everything lives. Its drop leaves all to the reapers, for five
/// minutes.
#[derive(Debug)]
pub struct HandsOver {
    daemon: Daemon,
    seat: Seat,
    told: task::Told,
    program: PathBuf,
}

impl HandsOver {
    /// To which program.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The seat, which is the next one's.
    #[must_use]
    pub fn seat(&self) -> &Seat {
        &self.seat
    }

    /// Goes on after all, as [`run`] does: nothing has ended.
    ///
    /// # Errors
    ///
    /// As [`run`].
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// As [`run`].
    pub async fn go_on(self, why: String) -> Result<Ended, ProgramError> {
        let HandsOver {
            daemon, seat, told, ..
        } = self;
        tracing::warn!(why, "goes on, and does not hand over");
        daemon.take_back().await;
        daemon.note_failed_upgrade(why);
        task::live(daemon, seat, told, || ()).await
    }
}

/// Why there is no daemon.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// The folders above its own cannot be made.
    #[error("make the way to {}", folder.display())]
    Way {
        /// Which of its folders.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It cannot listen.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// It cannot hold processes.
    #[error("get ready to hold processes")]
    Manager(#[from] ManagerError),
    /// It cannot be.
    #[error(transparent)]
    Daemon(#[from] DaemonError),
    /// It cannot write down what outlasts it.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The system refused.
    #[error("{attempt}")]
    System {
        /// What was attempted, as a verb with its object.
        attempt: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl ProgramError {
    /// The name of this error, which never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ProgramError::Way { .. } => "daemon.folder",
            ProgramError::Listen(error) => error.code(),
            ProgramError::Manager(error) => error.code(),
            ProgramError::Daemon(_) => "daemon.token",
            ProgramError::Journal(error) => error.code(),
            ProgramError::System { .. } => "daemon.system",
        }
    }

    /// What to do about it, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            ProgramError::Listen(error) => error.hint().map(str::to_owned),
            ProgramError::Manager(error) => error.hint().map(str::to_owned),
            ProgramError::Way { .. }
            | ProgramError::Daemon(_)
            | ProgramError::Journal(_)
            | ProgramError::System { .. } => None,
        }
    }
}

/// Is the daemon of a place until it should leave, or is told to through `told`: once to end everything in
/// order, twice to kill everything, three times to go at once, which leaves the killing to the reaper. The
/// end of `told` says nothing. `up` is called when whoever connects is served.
///
/// # Errors
///
/// [`ProgramError`]; the seat is free then, and nothing was started.
///
/// # Panics
///
/// Outside a tokio runtime.
///
/// # Cancel safety
///
/// None is needed: dropped, it gives the seat up at once, and the reaper ends what it held.
pub async fn run(
    place: &Place,
    settings: Settings,
    told: mpsc::UnboundedReceiver<Asked>,
    up: impl FnOnce(),
) -> Result<Ended, ProgramError> {
    let way = place.make_way();
    way.map_err(|source| ProgramError::Way {
        folder: place.path().to_path_buf(),
        source,
    })?;
    let Some(prepared) = take_seat(place.clone()).await? else {
        return Ok(Ended::Taken);
    };
    let (daemon, token) = recovered(place, settings).await?;
    prepared.leave_token(&token)?;
    let seat = prepared.listen()?;
    task::live(daemon, seat, task::Told::by(told), up).await
}

/// As [`run`], with a seat that was handed over. `failed` says why, where it goes on for itself.
///
/// # Errors
///
/// As [`run`].
///
/// # Panics
///
/// Outside a tokio runtime.
///
/// # Cancel safety
///
/// As [`run`].
pub async fn run_with(
    (place, seat): (&Place, Seat),
    settings: Settings,
    told: mpsc::UnboundedReceiver<Asked>,
    up: impl FnOnce(),
    failed: Option<String>,
) -> Result<Ended, ProgramError> {
    let (daemon, token) = recovered(place, settings).await?;
    if let Some(why) = failed {
        daemon.note_failed_upgrade(why);
    }
    seat.leave_token(&token)?;
    task::live(daemon, seat, task::Told::by(told), up).await
}

/// A daemon with what the last one has left.
async fn recovered(place: &Place, settings: Settings) -> Result<(Daemon, Token), ProgramError> {
    let state = open_or_make(place)?;
    let mut manager = ProcessManager::builder().tombstone_age(Bounds::default().age);
    if let Err(error) = Keep::check() {
        tracing::info!(%error, "what runs ends with this daemon");
    } else {
        manager = manager.keep(Keep::at(place.state().join("processes")));
    }
    let (daemon, token) = Daemon::of_place(manager.build()?, settings, place)?;
    let recovered = daemon.recover(state).await;
    if recovered != Recovered::default() {
        tracing::info!(?recovered, "what the last daemon has left");
    }
    Ok((daemon, token))
}

/// What the last daemon has written down.
fn open_or_make(place: &Place) -> Result<Journal, ProgramError> {
    Folder::open_or_make(place.state()).map_err(JournalError::from)?;
    Ok(Journal::open(&place.state().join("journal"))?)
}

/// Waits for whoever starts or leaves right now.
async fn take_seat(place: Place) -> Result<Option<Prepared>, ProgramError> {
    let taken = tokio::task::spawn_blocking(move || prepare(&place)).await;
    let taken = taken.map_err(|error| ProgramError::System {
        attempt: "take the seat",
        source: io::Error::other(error),
    })?;
    Ok(taken?)
}

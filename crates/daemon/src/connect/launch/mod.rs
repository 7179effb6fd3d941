//! Reaching the daemon of a user, and starting it where there is none.
//!
//! What must stay true: a daemon that is started so keeps nothing of who started it (no variable but
//! those that say where things are, no directory, no descriptor, no terminal, no signal setting); who
//! starts it waits for a fact, its word that it serves or its end; of many who start it at once all end
//! up with the same one.

mod readiness;
mod start;
mod task;

pub use readiness::{Readiness, ReadinessError};

use super::{Client, ClientError, ConnectError, Notes, connect, user_token};
use crate::place::{Place, Variables};
use crate::wire::{Initialize, Versions, WireError};
pub use handfast_sys::apart::Tie;
use handfast_sys::connection::Connection;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// How often somebody may turn out to be leaving just when we have reached them.
const ATTEMPTS: usize = 8;

/// How to start a daemon, and what to say to it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Launch {
    /// The program `handfast`.
    pub program: PathBuf,
    /// The daemon leaves by itself after so long without a client and without a process; zero is never.
    /// Default: [`Launch::IDLE_EXIT`].
    pub idle_exit: Duration,
    /// How long its start may take. Default: 60 s.
    pub patience: Duration,
    /// Called once if it takes longer than a second.
    pub takes_long: Option<fn()>,
    /// Called where a daemon was started that does not end by itself alone, and says by what. Only on Windows,
    /// where the job of a terminal may let nobody go.
    pub tied: Option<fn(Tie)>,
    /// The handshake. Its token is filled in where `as_user` says so.
    pub hello: Initialize,
    /// Act for the user, by the token that the daemon left for them; else for an owner of the session's
    /// own. Default: yes.
    pub as_user: bool,
}

impl Launch {
    /// When a daemon that was started on demand leaves by itself: after ten minutes.
    pub const IDLE_EXIT: Duration = Duration::from_secs(600);

    /// With this program, for a client of this name.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>, client_name: impl Into<String>) -> Launch {
        Launch {
            program: program.into(),
            idle_exit: Launch::IDLE_EXIT,
            patience: Duration::from_secs(60),
            takes_long: None,
            tied: None,
            hello: Initialize {
                client_name: client_name.into(),
                client_version: None,
                protocol: Some(Versions::OURS),
                resume_session_id: None,
                token: None,
                resume_ms: None,
            },
            as_user: true,
        }
    }
}

/// Why there is no session with a daemon.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LaunchError {
    /// It was not reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// It has refused the session, or the connection was cut.
    #[error(transparent)]
    Client(ClientError),
    /// There is one, which speaks no version of the wire that we do.
    #[error("talk to the daemon that runs: {refusal}")]
    OtherVersion {
        /// What it said.
        refusal: Box<WireError>,
    },
    /// The program cannot be started.
    #[error("start `{}`", program.display())]
    Spawn {
        /// Which.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It was started, and has said why it does not serve.
    #[error("start the daemon: {message}")]
    Failed {
        /// The name of its error.
        code: String,
        /// What it said.
        message: String,
        /// The last lines of its log.
        log: Vec<String>,
    },
    /// It has ended without a word.
    #[error("start the daemon: it ended before it served")]
    Died {
        /// What it said all the same.
        said: String,
        /// The last lines of its log.
        log: Vec<String>,
    },
    /// It was given up.
    #[error("start the daemon: it does not serve after {} s", patience.as_secs())]
    Slow {
        /// After how long.
        patience: Duration,
        /// The last lines of its log.
        log: Vec<String>,
    },
    /// Daemons come and go faster than they can be reached.
    #[error("reach a daemon: each was gone again")]
    Unsteady,
}

impl LaunchError {
    /// The name of this error, which never changes; of a refusal, the name that the daemon gave.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            LaunchError::Connect(error) => error.code(),
            LaunchError::Client(error) => error.code(),
            LaunchError::OtherVersion { .. } => "daemon.other-version",
            LaunchError::Spawn { .. } => "daemon.spawn",
            LaunchError::Failed { .. } => "daemon.failed",
            LaunchError::Died { .. } => "daemon.died",
            LaunchError::Slow { .. } => "daemon.slow",
            LaunchError::Unsteady => "daemon.unsteady",
        }
    }

    /// What to do about it, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            LaunchError::OtherVersion { .. } => {
                Some("run `handfast daemon restart`, which ends what it holds".to_owned())
            }
            LaunchError::Spawn { .. } => Some("install `handfast` anew".to_owned()),
            LaunchError::Failed { .. } | LaunchError::Died { .. } | LaunchError::Slow { .. } => {
                Some("see `handfast daemon logs`, or run `handfast daemon run`".to_owned())
            }
            LaunchError::Client(ClientError::Refused(error)) => {
                error.data.as_ref().and_then(|data| data.hint.clone())
            }
            LaunchError::Connect(ConnectError::Folder(_)) => {
                Some("close the folder to others (chmod 700), or name another one".to_owned())
            }
            LaunchError::Connect(_) | LaunchError::Client(_) | LaunchError::Unsteady => None,
        }
    }

    /// The last lines of the daemon's log, where its start has failed.
    #[must_use]
    pub fn log(&self) -> &[String] {
        match self {
            LaunchError::Failed { log, .. }
            | LaunchError::Died { log, .. }
            | LaunchError::Slow { log, .. } => log,
            _ => &[],
        }
    }
}

/// Begins a session with the daemon of a place, which is started where there is none.
///
/// # Errors
///
/// [`LaunchError`].
///
/// # Panics
///
/// Outside a tokio runtime with I/O and time enabled.
///
/// # Cancel safety
///
/// A daemon may have been started, which leaves by itself when nobody comes.
pub async fn connect_or_start(
    place: &Place,
    launch: &Launch,
) -> Result<(Client, Notes), LaunchError> {
    for _ in 0..ATTEMPTS {
        match session(place, launch).await {
            Err(LaunchError::Connect(ConnectError::NoDaemon { .. })) => {
                start::start(place, launch).await?;
            }
            // Whoever was there was leaving, or has left since.
            Err(error) if is_leaving(&error, launch) => {}
            other => return other,
        }
    }
    Err(LaunchError::Unsteady)
}

/// A connection to the daemon of a place, which is started where there is none, before anything is said.
/// Whoever is leaving just then closes it without an answer.
///
/// # Errors
///
/// [`LaunchError`].
///
/// # Panics
///
/// As [`connect_or_start`].
///
/// # Cancel safety
///
/// As [`connect_or_start`].
pub async fn reach(place: &Place, launch: &Launch) -> Result<Connection, LaunchError> {
    for _ in 0..ATTEMPTS {
        match connect(place) {
            Err(ConnectError::NoDaemon { .. }) => start::start(place, launch).await?,
            other => return Ok(other?.0),
        }
    }
    Err(LaunchError::Unsteady)
}

/// Begins a session with the daemon of a place that is there.
///
/// # Errors
///
/// [`LaunchError`]; [`ConnectError::NoDaemon`] where there is none.
///
/// # Panics
///
/// As [`connect_or_start`].
///
/// # Cancel safety
///
/// Safe.
pub async fn session(place: &Place, launch: &Launch) -> Result<(Client, Notes), LaunchError> {
    let (stream, _) = connect(place)?;
    let mut hello = launch.hello.clone();
    if launch.as_user && hello.token.is_none() {
        hello.token = Some(user_token(place)?);
    }
    Client::begin_at(place, stream, &hello)
        .await
        .map_err(|error| match error {
            ClientError::Refused(refusal) if refusal.name() == "wire.version" => {
                LaunchError::OtherVersion {
                    refusal: Box::new(refusal),
                }
            }
            other => LaunchError::Client(other),
        })
}

/// Whether another attempt may find another daemon.
fn is_leaving(error: &LaunchError, launch: &Launch) -> bool {
    match error {
        LaunchError::Client(ClientError::Closed | ClientError::System(_)) => true,
        // The token may be of the one that came after it.
        LaunchError::Client(ClientError::Refused(error)) => {
            launch.as_user && launch.hello.token.is_none() && error.name() == "token.unknown"
        }
        _ => false,
    }
}

/// The variables that a daemon keeps of who starts it: where things are, and how it is to work. Nothing of
/// them reaches a process.
fn kept() -> impl Iterator<Item = (&'static str, std::ffi::OsString)> {
    const OTHERS: [&str; 4] = [
        "HANDFAST_REAPER",
        "HANDFAST_FORCE",
        "HANDFAST_LOG",
        "DBUS_SESSION_BUS_ADDRESS",
    ];
    let names = Variables::NAMES.into_iter().chain(OTHERS);
    names.filter_map(|name| std::env::var_os(name).map(|value| (name, value)))
}

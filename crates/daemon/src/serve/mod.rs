//! The daemon: one manager for many clients.
//!
//! A client says on whose behalf it speaks (`connection/`), which makes a session (`session.rs`); what it
//! asks is answered from the library (`answer/`) by way of a book of names and owners (`book.rs`). What
//! happens to a process is numbered (`feed/`) and told to who follows it (`tell.rs`).
//!
//! What must stay true: a session that ends takes what was not declared to survive with it; what belongs
//! to another owner is answered as what never was; no client makes another one wait, and everything that
//! a client can make grow has a bound.

mod answer;
mod book;
mod commands;
mod connection;
mod describe;
mod events;
mod feed;
mod handing;
mod handshake;
mod keep;
mod leaving;
mod lifeline;
mod ready;
mod refuse;
mod session;
mod task;
mod tell;
mod wanted;

use crate::tokens::{Token, TokenError, TokenId, Tokens};
use book::Book;
use handfast::ProcessManager;
use handfast::owner::{InvalidOwner, OwnerId};
use handfast_sys::connection::Listener;
use session::Session;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};
use tell::Tidings;
use tokio::sync::{Semaphore, broadcast};

pub use keep::Recovered;
pub use leaving::Leave;

/// What a daemon grants at the most, and how patient it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// Connections at once; further ones are told so and closed. Default: 1,024.
    pub connections: usize,
    /// Sessions at once, those included that wait to be resumed; further ones are refused. Default: 2,048.
    pub sessions: usize,
    /// Requests of one connection that are not answered yet; further ones are refused. Of writes there are
    /// [128](handfast::session::QUEUE) at the most, whatever is set, which keep their order. Default: 1,024.
    pub in_flight: usize,
    /// How long a handshake may take. Default: 10 s.
    pub handshake: Duration,
    /// How long a line may take from its first byte to its last, and how long a client may take nothing
    /// of what is written to it. Default: 30 s.
    pub patience: Duration,
    /// The longest wait of one request. Default: 5 minutes.
    pub wait: Duration,
    /// For how long a session may be resumed at the most. Default: 5 minutes.
    pub resume: Duration,
    /// How long nobody must have needed the daemon before it leaves by itself; see
    /// [`Daemon::should_leave`]. Default: never.
    pub idle: Option<Duration>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            connections: 1024,
            sessions: 2048,
            in_flight: 1024,
            handshake: Duration::from_secs(10),
            patience: Duration::from_secs(30),
            wait: Duration::from_secs(300),
            resume: Duration::from_secs(300),
            idle: None,
        }
    }
}

/// The name of the owner above all others: the user.
const USER: &str = "user";

#[derive(Debug)]
struct Inner {
    manager: ProcessManager,
    settings: Settings,
    book: Mutex<Book>,
    tokens: Mutex<Tokens>,
    sessions: Mutex<HashMap<u64, Arc<Session>>>,
    next_session: AtomicU64,
    connections: AtomicUsize,
    user_token: TokenId,
    began: SystemTime,
    tidings: broadcast::Sender<Tidings>,
    activity: leaving::Activity,
    place: Option<crate::Place>,
    happened: events::Happened,
    /// What outlasts the daemon.
    journal: OnceLock<crate::journal::Journal>,
    /// Up to where numbers of events are written down.
    events_reserved: AtomicU64,
    /// Counts the processes that were written down.
    written: AtomicU64,
    /// Whose turn it is to write down who may what.
    access: Mutex<()>,
    handing: handing::Handing,
    /// Turns for starts; closed when there are to be no more.
    starts: Semaphore,
    /// Turns for what takes memory.
    views: Semaphore,
}

/// Serves the processes of one manager to many clients. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Daemon(Arc<Inner>);

/// Why there is no daemon.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DaemonError {
    /// The system has no random bits.
    #[error("draw the user's token: {reason}")]
    Random {
        /// What it said.
        reason: String,
    },
    /// There is no room for a token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The owner's name cannot be.
    #[error(transparent)]
    Owner(#[from] InvalidOwner),
}

impl Daemon {
    /// A daemon that serves nobody yet, and the token of its user: whoever has it may do everything to
    /// every process.
    ///
    /// # Errors
    ///
    /// [`DaemonError`].
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn new(
        manager: ProcessManager,
        settings: Settings,
    ) -> Result<(Daemon, Token), DaemonError> {
        Daemon::made(manager, settings, None)
    }

    /// As [`Daemon::new`], for one that says where it is found when it is asked how it is.
    ///
    /// # Errors
    ///
    /// As [`Daemon::new`].
    ///
    /// # Panics
    ///
    /// As [`Daemon::new`].
    pub fn of_place(
        manager: ProcessManager,
        settings: Settings,
        place: &crate::Place,
    ) -> Result<(Daemon, Token), DaemonError> {
        Daemon::made(manager, settings, Some(place.clone()))
    }

    fn made(
        manager: ProcessManager,
        settings: Settings,
        place: Option<crate::Place>,
    ) -> Result<(Daemon, Token), DaemonError> {
        let token = Token::draw().map_err(|error| DaemonError::Random {
            reason: error.to_string(),
        })?;
        let user = OwnerId::new(USER)?;
        let mut tokens = Tokens::default();
        let user_token = tokens.root(&token, user)?;
        let tidings = broadcast::Sender::new(tell::TIDINGS);
        let changes = manager.subscribe();
        let inner = Inner {
            manager,
            settings,
            book: Mutex::default(),
            tokens: Mutex::new(tokens),
            sessions: Mutex::default(),
            next_session: AtomicU64::new(1),
            connections: AtomicUsize::new(0),
            user_token,
            began: SystemTime::now(),
            tidings,
            activity: leaving::Activity::default(),
            place,
            happened: events::Happened::default(),
            journal: OnceLock::new(),
            handing: handing::Handing::default(),
            starts: Semaphore::new(leaving::STARTS as usize),
            events_reserved: AtomicU64::new(0),
            written: AtomicU64::new(0),
            access: Mutex::default(),
            views: Semaphore::new(answer::VIEWS),
        };
        let daemon = Daemon(Arc::new(inner));
        tokio::spawn(tell::pass_on(changes, Arc::downgrade(&daemon.0)));
        Ok((daemon, token))
    }

    /// Serves whoever connects, until the future is dropped. Connections that are open go on.
    ///
    /// # Cancel safety
    ///
    /// Safe: a connection that was taken is served.
    pub async fn serve(&self, listener: Listener) {
        task::accept(self.clone(), listener).await;
    }

    fn connections(&self) -> usize {
        self.0.connections.load(Ordering::Acquire)
    }

    fn manager(&self) -> &ProcessManager {
        &self.0.manager
    }

    fn tidings(&self) -> &broadcast::Sender<Tidings> {
        &self.0.tidings
    }

    fn settings(&self) -> &Settings {
        &self.0.settings
    }

    // Nothing under these locks panics half-way through a change, and none is held across an `.await`.

    fn book<T>(&self, work: impl FnOnce(&mut Book) -> T) -> T {
        work(&mut self.0.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn tokens<T>(&self, work: impl FnOnce(&mut Tokens) -> T) -> T {
        let tokens = self.0.tokens.lock();
        work(&mut tokens.unwrap_or_else(PoisonError::into_inner))
    }

    fn sessions<T>(&self, work: impl FnOnce(&mut HashMap<u64, Arc<Session>>) -> T) -> T {
        let sessions = self.0.sessions.lock();
        work(&mut sessions.unwrap_or_else(PoisonError::into_inner))
    }
}

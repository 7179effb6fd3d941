//! The handshake of a connection: who speaks, and which session this is. Does no I/O.

use super::Daemon;
use super::connection::Outbox;
use super::refuse;
use super::session::Session;
use crate::tokens::{Ask, Authority, Token};
use crate::wire::{
    BUSY, Call, HandshakeOver, INTERNAL_ERROR, Incoming, Initialize, Initialized, LONGEST_FRAME,
    Note, SESSION_ATTACHED, Secret, Versions, WireError, WireLimits, error_line, read, result_line,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

/// Who has been greeted.
pub(super) struct Greeted {
    pub(super) session: Arc<Session>,
    /// Which of the session's connections this is.
    pub(super) connection: u64,
}

/// A handshake under way.
pub(super) struct Handshake<'a> {
    daemon: &'a Daemon,
    outbox: &'a Outbox,
    greeted: Option<Greeted>,
    is_over: bool,
}

impl<'a> Handshake<'a> {
    pub(super) fn new(daemon: &'a Daemon, outbox: &'a Outbox) -> Handshake<'a> {
        Handshake {
            daemon,
            outbox,
            greeted: None,
            is_over: false,
        }
    }

    /// Takes a line, and answers it.
    pub(super) fn take(&mut self, line: &[u8]) -> Option<Vec<u8>> {
        let (id, call) = match read(line) {
            Ok(Incoming::Request { id, method, params }) => (id, Call::read(&method, params)),
            Ok(Incoming::Notification { method, .. }) => {
                self.is_over = self.greeted.is_some() && method == HandshakeOver::NAME;
                return None;
            }
            Ok(Incoming::Answer { .. }) => return None,
            Err(wrong) => return Some(error_line(wrong.id.as_ref(), &wrong.error)),
        };
        let answer = match call {
            Ok(Call::Initialize(asked)) if self.greeted.is_none() => self.greet(&asked),
            Ok(Call::Initialize(_)) => Err(not_now("begin a session: there is one")),
            Ok(_) => Err(not_now("answer that before the handshake is over")),
            Err(error) => Err(error),
        };
        Some(match answer {
            Ok(answer) => result_line(&id, &answer),
            Err(error) => error_line(Some(&id), &error),
        })
    }

    /// Who was greeted, once both sides have said so.
    pub(super) fn over(&mut self) -> Option<Greeted> {
        self.is_over.then(|| self.greeted.take()).flatten()
    }

    fn greet(&mut self, asked: &Initialize) -> Result<Initialized, WireError> {
        let theirs = asked.protocol.unwrap_or(Versions::FIRST);
        let protocol = Versions::OURS.common(theirs)?;
        let resumed = asked.resume_session_id.is_some();
        let (session, secret) = match &asked.resume_session_id {
            Some(secret) => (self.daemon.known(secret)?, secret.clone()),
            None => self.daemon.begun(asked)?,
        };
        let connection = self.daemon.attach(&session, self.outbox)?;
        let answer = self.daemon.welcome(&session, (secret, resumed), protocol);
        if resumed {
            for (what, told) in session.followed() {
                self.daemon.follow(&session, what, told);
            }
        }
        self.greeted = Some(Greeted {
            session,
            connection,
        });
        Ok(answer)
    }
}

impl Drop for Handshake<'_> {
    /// The client is gone, or too slow: what it has begun is over.
    fn drop(&mut self) {
        if let Some(greeted) = self.greeted.take() {
            self.daemon.left(greeted.session, greeted.connection);
        }
    }
}

fn not_now(message: &str) -> WireError {
    WireError::invalid("wire.not-initialized", message)
}

fn lost() -> WireError {
    let message = "resume the session: it is over, or never was";
    WireError::invalid("session.unknown", message)
}

fn no_random(error: &dyn std::fmt::Display) -> WireError {
    WireError::new(
        INTERNAL_ERROR,
        "session.random",
        format!("draw random bits: {error}"),
    )
}

impl Daemon {
    fn known(&self, secret: &Secret) -> Result<Arc<Session>, WireError> {
        let wanted = secret.0.parse::<Token>().map_err(|_| lost())?.hash();
        let find = |all: &mut HashMap<u64, Arc<Session>>| {
            let found = all.values().filter(|session| session.secret == wanted);
            found.last().cloned()
        };
        self.sessions(find).ok_or_else(lost)
    }

    /// Under the lock of all sessions, so that one that ends meanwhile is not resumed.
    fn attach(&self, session: &Arc<Session>, outbox: &Outbox) -> Result<u64, WireError> {
        self.sessions(|all| {
            if !all.contains_key(&session.number) {
                return Err(lost());
            }
            let message = "resume the session: it is attached elsewhere";
            let attached = WireError::new(SESSION_ATTACHED, "session.attached", message);
            session.attach(outbox).ok_or(attached)
        })
    }

    fn begun(&self, asked: &Initialize) -> Result<(Arc<Session>, Secret), WireError> {
        let number = self.0.next_session.fetch_add(1, Ordering::AcqRel);
        let now = SystemTime::now();
        let authority = match &asked.token {
            Some(token) => {
                let token = token.0.parse::<Token>();
                let token =
                    token.map_err(|_| refuse::token(&crate::tokens::TokenError::Unknown))?;
                let authority = self.tokens(|tokens| tokens.authority(&token, now));
                authority.map_err(|error| refuse::token(&error))?
            }
            None => self.own(number, now)?,
        };
        let is_own = asked.token.is_none();
        let secret = Token::draw().map_err(|error| no_random(&error))?;
        let asked = Duration::from_millis(asked.resume_ms.unwrap_or(0));
        let resume = asked.min(self.settings().resume);
        let session = Session::new(number, secret.hash(), (authority, is_own), resume);
        let session = Arc::new(session);
        let most = self.settings().sessions;
        let has_room = self.sessions(|all| {
            let has_room = all.len() < most;
            has_room.then(|| all.insert(number, Arc::clone(&session)));
            has_room
        });
        if !has_room {
            if session.is_own {
                self.tokens(|tokens| tokens.revoke(session.authority.token));
            }
            let message = format!("begin a session: {most} live, attached or to be resumed");
            let error = WireError::new(BUSY, "session.too-many", message);
            return Err(error.detail("limit", most));
        }
        if !session.resume.is_zero() {
            self.keep_access(false);
        }
        Ok((session, Secret(secret.reveal())))
    }

    /// The authority of an owner who is there for one session.
    fn own(&self, number: u64, now: SystemTime) -> Result<Authority, WireError> {
        let token = Token::draw().map_err(|error| no_random(&error))?;
        let ask = Ask {
            below: Some(format!("{}{number}", super::keep::SESSION)),
            ..Ask::default()
        };
        let own = self.tokens(|tokens| {
            tokens.derive(self.0.user_token, &token, ask, now)?;
            tokens.authority(&token, now)
        });
        own.map_err(|error| refuse::token(&error))
    }

    fn welcome(
        &self,
        session: &Session,
        (session_id, resumed): (Secret, bool),
        protocol: u32,
    ) -> Initialized {
        let settings = self.settings();
        Initialized {
            session_id,
            resumed,
            protocol,
            server_name: "handfast".to_owned(),
            server_version: env!("CARGO_PKG_VERSION").to_owned(),
            owner: session.authority.owner.to_string(),
            scopes: session.authority.scopes.iter().collect(),
            methods: crate::wire::METHODS
                .iter()
                .map(|name| (*name).to_owned())
                .collect(),
            limits: WireLimits {
                frame_bytes: LONGEST_FRAME as u64,
                in_flight: u32::try_from(settings.in_flight).unwrap_or(u32::MAX),
                wait_ms: super::describe::ms(settings.wait),
                resume_ms: super::describe::ms(session.resume),
            },
        }
    }
}

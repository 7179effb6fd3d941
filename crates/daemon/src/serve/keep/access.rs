//! Who may what, for the next daemon: tokens by their hashes, and sessions that may be resumed.
//!
//! One file, written anew and renamed. What must stay true: no secret is in it; the token of the user is not either,
//! as each daemon draws its own; what ends with its session is not kept for a session that is.

use super::super::Daemon;
use super::super::session::Session;
use crate::journal::{record, records};
use crate::tokens::{Authority, Grant, TokenHash, TokenId, TokenRecord, Tokens};
use crate::wire::ScopeName;
use handfast::ProcessHandle;
use handfast::owner::OwnerId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime};

/// How the owners of sessions are called, before their numbers.
pub(in super::super) const SESSION: &str = "session-";

/// For how long a session that was handed over may be resumed at the least: its client has to notice first.
const HANDED_OVER: Duration = Duration::from_secs(30);

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Access {
    /// The token of the user, by name.
    user: String,
    /// The name that the next token gets.
    first_free: String,
    tokens: Vec<Held>,
    sessions: Vec<Resumable>,
    /// With which session a process ends, by handle: only where everything is handed over.
    #[serde(default)]
    bound: BTreeMap<String, u64>,
}

/// With which session each process ends that was handed over.
pub(super) type Bound = BTreeMap<ProcessHandle, u64>;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Held {
    id: String,
    hash: String,
    parent: Option<String>,
    owner: String,
    scopes: Vec<ScopeName>,
    expires_at_ms: Option<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resumable {
    number: u64,
    hash: String,
    token: String,
    is_own: bool,
    resume_ms: u64,
}

impl Held {
    fn of(record: &TokenRecord) -> Held {
        let grant = &record.grant;
        Held {
            id: record.id.to_string(),
            hash: record.hash.to_string(),
            parent: grant.parent.map(|parent| parent.to_string()),
            owner: grant.owner.to_string(),
            scopes: grant.scopes.iter().collect(),
            expires_at_ms: grant.expires.map(super::super::describe::at_ms),
        }
    }

    /// `None` for what cannot be read.
    fn record(&self) -> Option<TokenRecord> {
        let parent = self.parent.as_ref().map(|parent| parent.parse());
        let expires = self.expires_at_ms.map(Duration::from_millis);
        let grant = Grant {
            parent: parent.transpose().ok()?,
            owner: OwnerId::new(&self.owner).ok()?,
            scopes: self.scopes.iter().copied().collect(),
            expires: expires.and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since)),
        };
        Some(TokenRecord {
            id: self.id.parse().ok()?,
            hash: self.hash.parse().ok()?,
            grant,
        })
    }
}

impl Daemon {
    /// Writes down who may what; `handing` everything over, also what is bound to which session.
    pub(in super::super) fn keep_access(&self, handing: bool) {
        let Some(journal) = self.0.journal.get() else {
            return;
        };
        // One after the other, so that the last one written is the newest.
        let turn = self.0.access.lock();
        let _turn = turn.unwrap_or_else(PoisonError::into_inner);
        let written = write(&journal.access(), &self.access(handing));
        if let Err(error) = written {
            tracing::warn!(%error, "cannot write down who may what");
        }
    }

    fn access(&self, handing: bool) -> Access {
        let sessions: Vec<Arc<Session>> = self.sessions(|all| all.values().cloned().collect());
        let least = if handing { HANDED_OVER } else { Duration::ZERO };
        let stays = |session: &Session| handing || !session.resume.is_zero();
        let goes = sessions.iter().filter(|one| one.is_own && !stays(one));
        let goes: HashSet<TokenId> = goes.map(|one| one.authority.token).collect();
        let bound = |daemon: &Daemon| {
            daemon.book(|book| {
                let bound = book
                    .bound()
                    .map(|(handle, session)| (handle.to_string(), session));
                bound.collect()
            })
        };
        let (tokens, first_free) = self.tokens(|tokens| {
            let kept = tokens.records().filter(|record| !goes.contains(&record.id));
            let kept = kept.map(|record| Held::of(&record)).collect();
            (kept, tokens.first_free().to_string())
        });
        Access {
            user: self.0.user_token.to_string(),
            first_free,
            tokens,
            sessions: sessions
                .iter()
                .filter(|one| stays(one))
                .map(|one| resumable(one, least))
                .collect(),
            bound: if handing {
                bound(self)
            } else {
                BTreeMap::new()
            },
        }
    }

    /// Lets those in again whom the last daemon let in; answers which process ends with which session, or
    /// nothing where that is not known.
    pub(super) fn restore_access(&self, path: &Path) -> Option<Bound> {
        let access = read(path)?;
        if access.user != self.0.user_token.to_string() {
            tracing::warn!("the tokens of the last daemon are of another form");
            return None;
        }
        self.restore_tokens(&access);
        for session in &access.sessions {
            if self.restore_session(session).is_none() {
                tracing::warn!(
                    session.number,
                    "a session cannot be resumed: its token is gone"
                );
            }
        }
        let handle = |(handle, session): (&String, &u64)| Some((handle.parse().ok()?, *session));
        Some(access.bound.iter().filter_map(handle).collect())
    }

    fn restore_tokens(&self, access: &Access) {
        let (now, user) = (SystemTime::now(), self.0.user_token);
        let left_out = self.tokens(|tokens| {
            let own: Vec<TokenRecord> = tokens.records().filter(|one| one.id == user).collect();
            let others = access.tokens.iter().filter_map(Held::record);
            let all = own.into_iter().chain(others.filter(|one| one.id != user));
            let first_free = access.first_free.parse().unwrap_or(user);
            let (mut restored, left_out) = Tokens::restore(first_free, all);
            restored.forget_expired(now);
            *tokens = restored;
            left_out
        });
        if left_out > 0 {
            tracing::warn!(left_out, "tokens that cannot be are left out");
        }
    }

    /// It may be resumed for as long as it could be after its connection had ended.
    fn restore_session(&self, was: &Resumable) -> Option<()> {
        let token: TokenId = was.token.parse().ok()?;
        let secret: TokenHash = was.hash.parse().ok()?;
        let authority = self.tokens(|tokens| {
            let grant = tokens.grant(token)?;
            Some(Authority {
                token,
                owner: grant.owner.clone(),
                scopes: grant.scopes,
                expires: grant.expires,
            })
        })?;
        let resume = Duration::from_millis(was.resume_ms);
        let session = Session::new(was.number, secret, (authority, was.is_own), resume);
        let session = Arc::new(session);
        self.sessions(|all| all.insert(was.number, Arc::clone(&session)));
        self.pass_session(was.number);
        // It has had no connection here.
        self.left(session, 0);
        Some(())
    }
}

impl Daemon {
    /// No session of this daemon gets this number: something is called after it.
    pub(super) fn pass_session(&self, number: u64) {
        let next = &self.0.next_session;
        next.fetch_max(number.saturating_add(1), Ordering::AcqRel);
    }

    /// The same for every session whose owner has a token.
    pub(super) fn pass_sessions_of_tokens(&self) {
        let owners: Vec<OwnerId> = self.tokens(|tokens| {
            let owners = tokens.records().map(|one| one.grant.owner.clone());
            owners.collect()
        });
        owners.iter().for_each(|owner| self.pass_owner(owner));
    }

    /// The same for the session of an owner, if it is one's.
    pub(super) fn pass_owner(&self, owner: &OwnerId) {
        let parts = owner.as_str().split('/');
        let numbers = parts.filter_map(|part| part.strip_prefix(SESSION)?.parse().ok());
        numbers.for_each(|number| self.pass_session(number));
    }
}

fn resumable(session: &Session, least: Duration) -> Resumable {
    Resumable {
        number: session.number,
        hash: session.secret.to_string(),
        token: session.authority.token.to_string(),
        is_own: session.is_own,
        resume_ms: super::super::describe::ms(session.resume.max(least)),
    }
}

fn write(path: &Path, access: &Access) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut options = File::options();
    let options = options.write(true).create(true).truncate(true).mode(0o600);
    options
        .open(&new)?
        .write_all(&record(&serde_json::to_vec(access)?))?;
    fs::rename(new, path)
}

/// `None` where there is nothing, or nothing whole.
fn read(path: &Path) -> Option<Access> {
    let file = fs::read(path).ok()?;
    let (payloads, _) = records(&file);
    let read = payloads
        .first()
        .map(|payload| serde_json::from_slice(payload));
    match read {
        Some(Ok(access)) => Some(access),
        Some(Err(_)) | None => {
            tracing::warn!(path = %path.display(), "who may what cannot be read");
            None
        }
    }
}

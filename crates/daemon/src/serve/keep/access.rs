//! Who may what, for the next daemon: tokens by their hashes, and sessions that may be resumed.
//!
//! One file, written anew and renamed. What must stay true: no secret is in it; the token of the user is not either,
//! as each daemon draws its own; what ends with its session is not kept for a session that is.

use super::super::Daemon;
use super::super::book::Entry;
use super::super::lifeline::HANDED_OVER;
use super::super::session::{Followed, Session};
use crate::journal::{records, replace};
use crate::tokens::{Authority, Grant, TokenHash, TokenId, TokenRecord, Tokens};
use crate::wire::ScopeName;
use handfast::ProcessHandle;
use handfast::owner::OwnerId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime};

/// How the owners of sessions are called, before their numbers.
pub(in super::super) const SESSION: &str = "session-";

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Access {
    /// The token of the user, by name.
    user: String,
    /// The name that the next token gets.
    first_free: String,
    tokens: Vec<Held>,
    sessions: Vec<Resumable>,
    /// Whether everything is handed over.
    #[serde(default)]
    handed: bool,
    /// With which session a process ends, by handle: only where everything is handed over.
    #[serde(default)]
    bound: BTreeMap<String, u64>,
    /// Which session sits at the terminal of a process: only then.
    #[serde(default)]
    attached: BTreeMap<String, u64>,
}

/// With which session each process ends that was handed over.
pub(super) type Bound = BTreeMap<ProcessHandle, u64>;

/// Something that a session follows, and up to where it was told.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Follows {
    /// A handle, `changes` or `events`.
    what: String,
    told: u64,
}

impl Follows {
    fn of((what, told): (Followed, u64)) -> Follows {
        let what = match what {
            Followed::Process(handle) => handle.to_string(),
            Followed::Changes => CHANGES.to_owned(),
            Followed::Events => EVENTS.to_owned(),
        };
        Follows { what, told }
    }

    fn what(&self) -> Option<Followed> {
        match self.what.as_str() {
            CHANGES => Some(Followed::Changes),
            EVENTS => Some(Followed::Events),
            handle => handle.parse().ok().map(Followed::Process),
        }
    }
}

const CHANGES: &str = "changes";
const EVENTS: &str = "events";

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
    /// Only of one that is handed over: of another one nobody knows what its client has read.
    #[serde(default)]
    follows: Vec<Follows>,
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
        let written = serde_json::to_vec(&self.access(handing)).map_err(io::Error::from);
        let written = written.and_then(|bytes| replace(&journal.access(), &bytes));
        if let Err(error) = written {
            tracing::warn!(%error, "cannot write down who may what");
        }
    }

    fn access(&self, handing: bool) -> Access {
        let sessions: Vec<Arc<Session>> = self.sessions(|all| all.values().cloned().collect());
        let stays = |session: &Session| handing || !session.resume.is_zero();
        let goes = sessions.iter().filter(|one| one.is_own && !stays(one));
        let goes: HashSet<TokenId> = goes.map(|one| one.authority.token).collect();
        let (tokens, first_free) = self.tokens(|tokens| {
            let kept = tokens.records().filter(|record| !goes.contains(&record.id));
            let kept = kept.map(|record| Held::of(&record)).collect();
            (kept, tokens.first_free().to_string())
        });
        let stay = sessions.iter().filter(|one| stays(one));
        let resumable = stay.map(|one| resumable(one, handing)).collect();
        let handed = |with: fn(&Entry) -> Option<u64>| match handing {
            true => self.book(|book| {
                let all = book.all();
                let all =
                    all.filter_map(|(handle, entry)| Some((handle.to_string(), with(entry)?)));
                all.collect()
            }),
            false => BTreeMap::new(),
        };
        Access {
            user: self.0.user_token.to_string(),
            first_free,
            tokens,
            sessions: resumable,
            handed: handing,
            bound: handed(|entry| entry.bound),
            attached: handed(|entry| entry.attached),
        }
    }

    /// Lets those in again whom the last daemon let in; answers which process ends with which session, and
    /// which session sits at which terminal, or nothing where that is not known.
    pub(super) fn restore_access(&self, path: &Path) -> Option<(Bound, Bound)> {
        let access = read(path)?;
        if access.user != self.0.user_token.to_string() {
            tracing::warn!("the tokens of the last daemon are of another form");
            return None;
        }
        self.restore_tokens(&access);
        let least = if access.handed {
            HANDED_OVER
        } else {
            Duration::ZERO
        };
        for session in &access.sessions {
            if self.restore_session(session, least).is_none() {
                tracing::warn!(
                    session.number,
                    "a session cannot be resumed: its token is gone"
                );
            }
        }
        let handle = |(handle, session): (&String, &u64)| Some((handle.parse().ok()?, *session));
        let bound = access.bound.iter().filter_map(handle).collect();
        Some((bound, access.attached.iter().filter_map(handle).collect()))
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

    /// It may be resumed for as long as it could be after its connection had ended, and for so long at the
    /// least.
    fn restore_session(&self, was: &Resumable, least: Duration) -> Option<()> {
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
        for follows in &was.follows {
            if let Some(what) = follows.what() {
                // It is told when it has a connection.
                self.follow(&session, what, follows.told);
            }
        }
        self.sessions(|all| all.insert(was.number, Arc::clone(&session)));
        self.pass_session(was.number);
        // It has had no connection here.
        let patience = session.resume.max(least);
        self.left_for(session, 0, patience);
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

fn resumable(session: &Session, handing: bool) -> Resumable {
    let follows = match handing {
        true => session.followed(),
        false => Vec::new(),
    };
    Resumable {
        number: session.number,
        hash: session.secret.to_string(),
        token: session.authority.token.to_string(),
        is_own: session.is_own,
        resume_ms: super::super::describe::ms(session.resume),
        follows: follows.into_iter().map(Follows::of).collect(),
    }
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

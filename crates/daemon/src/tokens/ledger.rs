//! Which tokens are good, for whom and for what: decides, and does nothing.
//!
//! What must stay true: a parent is never forgotten before those that came from it; a child never
//! allows what its parent does not, nor for longer.

use super::scopes::Scopes;
use super::secret::{Token, TokenHash};
use crate::wire::ScopeName;
use handfast::owner::{InvalidOwner, OwnerId};
use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, SystemTime};

/// How many tokens may be good at once: 4,096.
pub const MOST_TOKENS: usize = 4096;

/// Names a token; no secret and no authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(u64);

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "t{}", self.0)
    }
}

impl std::str::FromStr for TokenId {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<TokenId, TokenError> {
        let number = text
            .strip_prefix('t')
            .and_then(|digits| digits.parse().ok());
        let id = TokenId(number.ok_or(TokenError::Unknown)?);
        // One text for each id.
        (id.to_string() == text)
            .then_some(id)
            .ok_or(TokenError::Unknown)
    }
}

/// What a token allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The token that it came from; `None` for a first one.
    pub parent: Option<TokenId>,
    /// For whom it speaks.
    pub owner: OwnerId,
    /// What it allows.
    pub scopes: Scopes,
    /// Until when.
    pub expires: Option<SystemTime>,
}

/// What whoever showed a token may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// By which token.
    pub token: TokenId,
    /// For whom.
    pub owner: OwnerId,
    /// What.
    pub scopes: Scopes,
    /// Until when.
    pub expires: Option<SystemTime>,
}

/// What a new token is to be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ask {
    /// For an owner of this name below the parent's; `None` for the parent's own.
    pub below: Option<String>,
    /// What it allows; `None` is all that the parent does.
    pub scopes: Option<Scopes>,
    /// For how long; `None` is as long as the parent.
    pub lasts: Option<Duration>,
}

/// A token as it is written down. There is no secret in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// Its name.
    pub id: TokenId,
    /// Its hash.
    pub hash: TokenHash,
    /// What it allows.
    pub grant: Grant,
}

/// Why a token is not good, or none was made. No token is named in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It was never given out, or was taken back.
    #[error("accept the token: it is not known here")]
    Unknown,
    /// Its time is over.
    #[error("accept the token: it has expired")]
    Expired,
    /// It does not allow this.
    #[error("do that: the token does not allow `{}`", scope_word(*.scope))]
    NotAllowed {
        /// What it would have to allow.
        scope: ScopeName,
    },
    /// A child was to allow more than its parent.
    #[error("make a token: it would allow more than the one that it comes from")]
    MoreThanParent,
    /// The owner's name cannot be.
    #[error("name the owner: its name is empty or has a `/`")]
    OwnerName,
    /// The owner's name cannot be.
    #[error(transparent)]
    Owner(#[from] InvalidOwner),
    /// There are as many as there may be.
    #[error("make a token: {MOST_TOKENS} are good already")]
    TooMany,
}

/// The word of a scope on the wire.
fn scope_word(scope: ScopeName) -> &'static str {
    match scope {
        ScopeName::Read => "read",
        ScopeName::Write => "write",
        ScopeName::Stop => "stop",
        ScopeName::Start => "start",
        ScopeName::Transfer => "transfer",
    }
}

impl TokenError {
    /// The name of this error, which never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            TokenError::Unknown => "token.unknown",
            TokenError::Expired => "token.expired",
            TokenError::NotAllowed { .. } => "token.not-allowed",
            TokenError::MoreThanParent => "token.more-than-parent",
            TokenError::OwnerName => "token.owner-name",
            TokenError::Owner(error) => error.code(),
            TokenError::TooMany => "token.too-many",
        }
    }
}

impl Authority {
    /// Whether it allows this.
    ///
    /// # Errors
    ///
    /// [`TokenError::NotAllowed`], and [`TokenError::Expired`] once its time is over.
    pub fn check(&self, scope: ScopeName, now: SystemTime) -> Result<(), TokenError> {
        if self.expires.is_some_and(|end| end <= now) {
            return Err(TokenError::Expired);
        }
        let allowed = self.scopes.allow(scope);
        allowed
            .then_some(())
            .ok_or(TokenError::NotAllowed { scope })
    }

    /// Whether that owner is this one or below it.
    #[must_use]
    pub fn covers(&self, owner: &OwnerId) -> bool {
        let rest = owner.as_str().strip_prefix(self.owner.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// All tokens that are good.
#[derive(Debug, Default)]
pub struct Tokens {
    next: u64,
    held: BTreeMap<TokenId, (TokenHash, Grant)>,
}

impl Tokens {
    /// Takes a first token, which allows everything to its owner and to those below, for ever.
    ///
    /// # Errors
    ///
    /// [`TokenError::TooMany`].
    pub fn root(&mut self, token: &Token, owner: OwnerId) -> Result<TokenId, TokenError> {
        let grant = Grant {
            parent: None,
            owner,
            scopes: Scopes::all(),
            expires: None,
        };
        self.hold(token, grant)
    }

    /// Makes a token from another.
    ///
    /// # Errors
    ///
    /// [`TokenError`]; nothing was made.
    pub fn derive(
        &mut self,
        parent: TokenId,
        token: &Token,
        ask: Ask,
        now: SystemTime,
    ) -> Result<TokenId, TokenError> {
        self.forget_expired(now);
        let (_, from) = self.held.get(&parent).ok_or(TokenError::Unknown)?;
        let scopes = ask.scopes.unwrap_or(from.scopes);
        if !scopes.within(from.scopes) {
            return Err(TokenError::MoreThanParent);
        }
        // A time that cannot be told is never reached.
        let asked = ask.lasts.and_then(|lasts| now.checked_add(lasts));
        let expires = match (asked, from.expires) {
            (Some(asked), Some(end)) => Some(asked.min(end)),
            (asked, end) => asked.or(end),
        };
        let owner = match ask.below {
            None => from.owner.clone(),
            Some(name) if name.is_empty() || name.contains('/') => {
                return Err(TokenError::OwnerName);
            }
            Some(name) => OwnerId::new(format!("{}/{name}", from.owner))?,
        };
        let grant = Grant {
            parent: Some(parent),
            owner,
            scopes,
            expires,
        };
        self.hold(token, grant)
    }

    fn hold(&mut self, token: &Token, grant: Grant) -> Result<TokenId, TokenError> {
        if self.held.len() >= MOST_TOKENS {
            return Err(TokenError::TooMany);
        }
        let id = TokenId(self.next);
        self.next += 1;
        self.held.insert(id, (token.hash(), grant));
        Ok(id)
    }

    /// What a token allows. Every hash that is held is compared, whether or not one was found.
    ///
    /// # Errors
    ///
    /// [`TokenError::Unknown`], [`TokenError::Expired`].
    pub fn authority(&self, token: &Token, now: SystemTime) -> Result<Authority, TokenError> {
        let hash = token.hash();
        let mut found = None;
        for (id, (held, grant)) in &self.held {
            if *held == hash {
                found = Some((*id, grant));
            }
        }
        let (token, grant) = found.ok_or(TokenError::Unknown)?;
        if grant.expires.is_some_and(|end| end <= now) {
            return Err(TokenError::Expired);
        }
        Ok(Authority {
            token,
            owner: grant.owner.clone(),
            scopes: grant.scopes,
            expires: grant.expires,
        })
    }

    /// Whether a token that was good still is.
    #[must_use]
    pub fn is_good(&self, id: TokenId, now: SystemTime) -> bool {
        let held = self.held.get(&id);
        held.is_some_and(|(_, grant)| grant.expires.is_none_or(|end| end > now))
    }

    /// Takes a token back, with all that came from it; answers which they were.
    pub fn revoke(&mut self, id: TokenId) -> Vec<TokenId> {
        let gone = self.family(id);
        for id in &gone {
            self.held.remove(id);
        }
        gone
    }

    /// A token and all that came from it, the oldest first; none where it is not known.
    #[must_use]
    pub fn family(&self, id: TokenId) -> Vec<TokenId> {
        let mut family = Vec::new();
        // Children have greater ids than their parents, so one pass finds all.
        for (other, (_, grant)) in self.held.range(id..) {
            if *other == id || grant.parent.is_some_and(|parent| family.contains(&parent)) {
                family.push(*other);
            }
        }
        family
    }

    /// What a token allows, by its name.
    #[must_use]
    pub fn grant(&self, id: TokenId) -> Option<&Grant> {
        self.held.get(&id).map(|(_, grant)| grant)
    }

    /// Drops those whose time is over. None of their children is good for longer.
    pub fn forget_expired(&mut self, now: SystemTime) {
        self.held
            .retain(|_, (_, grant)| grant.expires.is_none_or(|end| end > now));
    }

    /// All that are held, to be written down.
    pub fn records(&self) -> impl Iterator<Item = TokenRecord> {
        let record = |(id, (hash, grant)): (&TokenId, &(TokenHash, Grant))| TokenRecord {
            id: *id,
            hash: *hash,
            grant: grant.clone(),
        };
        self.held.iter().map(record)
    }

    /// The name that the next token gets: names are not used again, so this is written down too.
    #[must_use]
    pub fn first_free(&self) -> TokenId {
        TokenId(self.next)
    }

    /// Those that were written down, with the name that was free next. A record that allows more than its parent, or whose parent is
    /// not there, is left out, with all that came from it; answers how many were.
    #[must_use]
    pub fn restore(
        first_free: TokenId,
        records: impl IntoIterator<Item = TokenRecord>,
    ) -> (Tokens, usize) {
        let mut tokens = Tokens::default();
        let mut records: Vec<TokenRecord> = records.into_iter().collect();
        records.sort_by_key(|record| record.id);
        let mut left_out = 0;
        for record in records {
            if tokens.is_sound(&record) {
                tokens.next = record.id.0.saturating_add(1);
                tokens.held.insert(record.id, (record.hash, record.grant));
            } else {
                left_out += 1;
            }
        }
        tokens.next = tokens.next.max(first_free.0);
        (tokens, left_out)
    }

    fn is_sound(&self, record: &TokenRecord) -> bool {
        let grant = &record.grant;
        let within = match grant.parent.map(|parent| self.grant(parent)) {
            None => true,
            Some(None) => false,
            Some(Some(parent)) => {
                let until = |end: Option<SystemTime>| (end.is_none(), end);
                let below = grant.owner.as_str().strip_prefix(parent.owner.as_str());
                grant.scopes.within(parent.scopes)
                    && until(grant.expires) <= until(parent.expires)
                    && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
        };
        within && !self.held.contains_key(&record.id) && self.held.len() < MOST_TOKENS
    }
}

#[cfg(test)]
mod tests;

//! Tokens that come from the session's own.

use super::super::refuse;
use super::Asked;
use crate::tokens::{Ask, Grant, Token, TokenError, TokenId};
use crate::wire::{
    CreateToken, CreatedToken, INTERNAL_ERROR, ListedTokens, RevokeToken, RevokedTokens, Secret,
    TokenInfo, WireError,
};
use std::time::{Duration, SystemTime};

/// How many tokens may come from one that is not the user's.
const MOST_BELOW: usize = 64;

fn about(id: TokenId, grant: &Grant) -> TokenInfo {
    TokenInfo {
        token_id: id.to_string(),
        owner: grant.owner.to_string(),
        scopes: grant.scopes.iter().collect(),
        expires_at_ms: grant.expires.map(super::super::describe::at_ms),
        parent: grant.parent.map(|parent| parent.to_string()),
    }
}

pub(super) fn create(asked: Asked<'_>, what: CreateToken) -> Result<CreatedToken, WireError> {
    let token = Token::draw().map_err(|error| {
        let message = format!("draw random bits: {error}");
        WireError::new(INTERNAL_ERROR, "token.random", message)
    })?;
    let ask = Ask {
        below: what.owner,
        scopes: what.scopes.map(|scopes| scopes.into_iter().collect()),
        lasts: what.expires_in_ms.map(Duration::from_millis),
    };
    let parent = asked.session.authority.token;
    let is_user = parent == asked.daemon.0.user_token;
    let made = asked.daemon.tokens(|tokens| {
        // Or one owner could take all that there are, and nobody else could begin a session.
        if !is_user && tokens.family(parent).len() > MOST_BELOW {
            return Err(TokenError::TooMany);
        }
        let id = tokens.derive(parent, &token, ask, SystemTime::now())?;
        let grant = tokens.grant(id).ok_or(TokenError::Unknown)?;
        Ok(about(id, grant))
    });
    let about = made.map_err(|error: TokenError| refuse::token(&error))?;
    asked.daemon.keep_access(false);
    Ok(CreatedToken {
        token: Secret(token.reveal()),
        about,
    })
}

pub(super) fn list(asked: Asked<'_>) -> ListedTokens {
    let own = asked.session.authority.token;
    let tokens = asked.daemon.tokens(|tokens| {
        tokens.forget_expired(SystemTime::now());
        let family = tokens.family(own).into_iter().filter(|id| *id != own);
        let about = family.filter_map(|id| tokens.grant(id).map(|grant| about(id, grant)));
        about.collect()
    });
    ListedTokens { tokens }
}

/// The session's own may be taken back too; the user's is the daemon's.
pub(super) fn revoke(asked: Asked<'_>, what: &RevokeToken) -> Result<RevokedTokens, WireError> {
    let unknown = || refuse::token(&TokenError::Unknown);
    let id: TokenId = what.token_id.parse().map_err(|_| unknown())?;
    let own = asked.session.authority.token;
    let revoked = asked.daemon.tokens(|tokens| {
        let is_ours = id != asked.daemon.0.user_token && tokens.family(own).contains(&id);
        is_ours.then(|| tokens.revoke(id).len() as u64)
    });
    let revoked = revoked.ok_or_else(unknown)?;
    asked.daemon.keep_access(false);
    Ok(RevokedTokens { revoked })
}

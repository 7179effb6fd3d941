//! `handfast token`: the authority of an owner, or a part of it, to be given to somebody.
//!
//! What must stay true: a token is shown once, to whoever made it, and goes nowhere else.

use super::talk::{each, with_daemon};
use crate::app::{Scope, TokenCreate, TokenList, TokenRevoke, TokenVerb};
use crate::explain::Failure;
use crate::show::line::{NewToken, Revoked, Token as Line};
use crate::show::table::Table;
use crate::show::{Out, safe, text};
use handfast_daemon::wire::{
    CreateToken, CreatedToken, ListTokens, RevokeToken, ScopeName, TokenInfo,
};
use handfast_sys::files;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(what: &TokenVerb) -> ExitCode {
    match what {
        TokenVerb::Create(options) => create(options),
        TokenVerb::List(options) => list(options),
        TokenVerb::Revoke(options) => revoke(options),
    }
}

fn create(options: &TokenCreate) -> ExitCode {
    with_daemon(&options.answers, async |link, mut out| {
        // Before there is a token that could be lost.
        let mut file = options.out.as_deref().map(private).transpose()?;
        let scopes = options.scope.iter().map(|scope| scope_name(*scope));
        let ask = CreateToken {
            owner: options.owner.clone(),
            scopes: Some(scopes.collect()).filter(|scopes: &Vec<_>| !scopes.is_empty()),
            expires_in_ms: options.expires.map(text::milliseconds),
        };
        let made = link.ask("make a token", &ask).await?;
        if let Some(file) = &mut file {
            let written = writeln!(file, "{}", made.token.0);
            let failed = |error| Failure::new("cli.token-out", "write the token", &error);
            written.map_err(failed)?;
        }
        created(&mut out, (options, &made))?;
        Ok(0)
    })
}

fn created(out: &mut Out, (options, made): (&TokenCreate, &CreatedToken)) -> Result<(), Failure> {
    let is_shown = options.out.is_none();
    if options.answers.json {
        return out.json(&NewToken {
            token: is_shown.then(|| made.token.0.clone()),
            about: line(&made.about),
        });
    }
    if is_shown {
        return out.line(&made.token.0);
    }
    out.line(&safe::word(&made.about.token_id))
}

/// A new file that only its owner can read.
fn private(path: &Path) -> Result<File, Failure> {
    let mut options = File::options();
    options.write(true).create_new(true);
    files::private(&mut options).open(path).map_err(|error| {
        let what = format!("make `{}` for the token", path.display());
        Failure::new("cli.token-out", what, &error)
    })
}

fn list(options: &TokenList) -> ExitCode {
    with_daemon(&options.answers, async |link, mut out| {
        let listed = link.ask("list the tokens", &ListTokens {}).await?;
        if options.answers.json {
            for token in &listed.tokens {
                out.json(&line(token))?;
            }
            return Ok(0);
        }
        let mut table = Table::new(&["TOKEN-ID", "OWNER", "SCOPES", "EXPIRES"]);
        for token in &listed.tokens {
            let scopes: Vec<&str> = token.scopes.iter().map(|scope| word(*scope)).collect();
            let expires = token.expires_at_ms.and_then(text::moment);
            table.row(vec![
                safe::word(&token.token_id).into(),
                safe::word(&token.owner).into(),
                scopes.join(",").into(),
                expires
                    .unwrap_or_else(|| "with its daemon".to_owned())
                    .into(),
            ]);
        }
        for line in table.lines(&out, None) {
            out.line(&line)?;
        }
        Ok(0)
    })
}

fn revoke(options: &TokenRevoke) -> ExitCode {
    with_daemon(&options.answers, async |link, mut out| {
        Ok(each(&options.tokens, async |id| {
            let shown = safe::word(id);
            let ask = RevokeToken {
                token_id: id.clone(),
            };
            let revoked = link
                .ask(&format!("take `{shown}` back"), &ask)
                .await?
                .revoked;
            if options.answers.json {
                let id = id.clone();
                out.json(&Revoked { id, revoked })?;
            } else {
                let tokens = text::count(revoked, "token");
                out.line(&format!("{shown}: {tokens} taken back"))?;
            }
            Ok(0)
        })
        .await)
    })
}

fn line(token: &TokenInfo) -> Line {
    Line {
        id: token.token_id.clone(),
        owner: token.owner.clone(),
        scopes: token
            .scopes
            .iter()
            .map(|scope| word(*scope).to_owned())
            .collect(),
        expires: token.expires_at_ms.and_then(text::moment),
        parent: token.parent.clone(),
    }
}

fn scope_name(scope: Scope) -> ScopeName {
    match scope {
        Scope::Read => ScopeName::Read,
        Scope::Write => ScopeName::Write,
        Scope::Stop => ScopeName::Stop,
        Scope::Start => ScopeName::Start,
        Scope::Transfer => ScopeName::Transfer,
    }
}

fn word(scope: ScopeName) -> &'static str {
    match scope {
        ScopeName::Read => "read",
        ScopeName::Write => "write",
        ScopeName::Stop => "stop",
        ScopeName::Start => "start",
        ScopeName::Transfer => "transfer",
    }
}

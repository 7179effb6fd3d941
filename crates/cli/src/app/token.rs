//! Verbs for tokens.

use super::answers::Answers;
use super::positive_duration;
use clap::{Args, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;
use std::time::Duration;

/// What `handfast token` is told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Token {
    /// What to do.
    #[command(subcommand)]
    pub what: TokenVerb,
}

/// What `handfast token` can do.
#[derive(Debug, Subcommand)]
pub enum TokenVerb {
    /// Make a token with less authority than one's own; it is shown this once.
    #[command(after_help = EXAMPLES)]
    Create(TokenCreate),
    /// List the tokens that came from one's own.
    #[command(after_help = EXAMPLES)]
    List(TokenList),
    /// Take tokens back, with all that came from them.
    #[command(after_help = EXAMPLES)]
    Revoke(TokenRevoke),
}

/// What `handfast token create` is told.
#[derive(Debug, Args)]
pub struct TokenCreate {
    /// For an owner of this name below one's own; without it for oneself.
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// What it may do; without it, all that oneself may.
    #[arg(long, value_name = "SCOPE,…", value_delimiter = ',')]
    pub scope: Vec<Scope>,
    /// For how long it is good; without it, as long as one's own.
    #[arg(long, value_name = "DURATION", value_parser = positive_duration)]
    pub expires: Option<Duration>,
    /// Write it into this new file that only its owner can read, instead of printing it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// How it is answered.
    #[command(flatten)]
    pub answers: Answers,
}

/// What a token may allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scope {
    /// List, info, logs, wait, events.
    Read,
    /// Send, signal, attach.
    Write,
    /// Stop.
    Stop,
    /// Start, exec.
    Start,
    /// Transfer.
    Transfer,
}

/// What `handfast token list` is told.
#[derive(Debug, Args)]
pub struct TokenList {
    /// How it is answered.
    #[command(flatten)]
    pub answers: Answers,
}

/// What `handfast token revoke` is told.
#[derive(Debug, Args)]
pub struct TokenRevoke {
    /// Which, as `handfast token list` names them.
    #[arg(value_name = "TOKEN-ID", required = true)]
    pub tokens: Vec<String>,
    /// How it is answered.
    #[command(flatten)]
    pub answers: Answers,
}

pub(super) const ABOUT: &str = "\
Make, list and take back tokens: the authority of an owner, or a part of it.

Whoever has a token acts for its owner, within its scopes, by --token-file. Tokens are good as long
as the daemon runs at the most. No verb takes one as an argument or from a variable.";

const EXAMPLES: &str = "\
Examples:
  handfast token create --owner agent-7 --scope read,start,stop --expires 8h --out agent-7.token
  handfast start --token-file agent-7.token -- npm test
  handfast token list
  handfast token revoke TOKEN-ID

Exit codes: 0, 2 wrong command line, 3 no such token, 4 not allowed, 125 handfast failed.";

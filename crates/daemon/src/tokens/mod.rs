//! Tokens of owners: who may do what with whose processes.
//!
//! A token is 256 bits that nobody can guess; whoever has it acts for its owner, within its scopes,
//! until it expires or is taken back. From a token others can be made, for the same owner or for one
//! below, and never with more authority. Pure: the clock and the random bits come in.
//!
//! What must stay true: only a hash of a token is kept, so neither the daemon's memory nor its files
//! give one away; a token is shown by [`Token::reveal`] and by nothing else, no `Debug`, `Display`
//! or error; what came from a token is good for no longer and for no more than it.

mod ledger;
mod scopes;
mod secret;

pub use ledger::{Ask, Authority, Grant, MOST_TOKENS, TokenError, TokenId, TokenRecord, Tokens};
pub use scopes::Scopes;
pub use secret::{NotAToken, PREFIX, Token, TokenHash};

//! Errors of the library and of tokens, as they are answered.

use crate::tokens::TokenError;
use crate::wire::{INTERNAL_ERROR, INVALID_PARAMS, INVALID_REQUEST, NOT_ALLOWED, WireError};
use handfast::exec::ExecError;
use handfast::owner::{InvalidOwner, OwnerError};
use handfast::session::SessionError;
use handfast::{LookupError, SignalError, StartError};
use std::error::Error;

/// A message with its causes, as one sentence.
fn sentence(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

pub(crate) fn start(error: &StartError) -> WireError {
    let code = match error {
        StartError::Config(_) => INVALID_PARAMS,
        _ => INTERNAL_ERROR,
    };
    WireError::new(code, error.code(), sentence(error)).hint(error.hint())
}

pub(crate) fn lookup(error: LookupError) -> WireError {
    WireError::invalid(error.code(), error.to_string()).hint(error.hint())
}

pub(crate) fn signal(error: &SignalError) -> WireError {
    WireError::invalid(error.code(), sentence(error))
}

pub(crate) fn session(error: &SessionError) -> WireError {
    WireError::invalid(error.code(), sentence(error)).hint(error.hint())
}

pub(crate) fn owner_name(error: &InvalidOwner) -> WireError {
    WireError::invalid(error.code(), error.to_string())
}

pub(crate) fn owner(error: &OwnerError) -> WireError {
    WireError::invalid(error.code(), sentence(error)).hint(error.hint())
}

/// With the text that a language model is to read, which names the command or the call.
pub(crate) fn exec(error: &ExecError, text: String) -> WireError {
    let code = match error {
        ExecError::CreateProcess(_) | ExecError::ProcessFailed { .. } => INTERNAL_ERROR,
        _ => INVALID_REQUEST,
    };
    WireError::new(code, error.code(), sentence(error)).detail("text", text)
}

pub(crate) fn token(error: &TokenError) -> WireError {
    let code = match error {
        TokenError::Unknown | TokenError::Expired | TokenError::NotAllowed { .. } => NOT_ALLOWED,
        _ => INVALID_REQUEST,
    };
    WireError::new(code, error.code(), error.to_string())
}

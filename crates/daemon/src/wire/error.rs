//! What goes wrong, as the other side reads it: a number, a sentence, and a name that never changes.
//!
//! The numbers are those of JSON-RPC 2.0 and of exec servers; programs should match the name in
//! [`ErrorData::code`], which says more.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The line is not JSON.
pub const PARSE_ERROR: i32 = -32700;
/// It is no request, or none that can be made now.
pub const INVALID_REQUEST: i32 = -32600;
/// There is no such method.
pub const METHOD_NOT_FOUND: i32 = -32601;
/// The parameters are wrong.
pub const INVALID_PARAMS: i32 = -32602;
/// It was tried, and failed.
pub const INTERNAL_ERROR: i32 = -32603;
/// Who asks may not do that.
pub const NOT_ALLOWED: i32 = -32001;
/// A limit is reached; later it may work.
pub const BUSY: i32 = -32002;
/// The session is attached elsewhere.
pub const SESSION_ATTACHED: i32 = -32010;
/// The session was resumed by another connection while this request waited.
pub const SESSION_RESUMED: i32 = -32011;

/// An error of the wire.
///
/// ```
/// use handfast_daemon::wire::{INVALID_REQUEST, WireError};
///
/// let error = WireError::new(INVALID_REQUEST, "process.unknown", "find process web");
/// assert_eq!(error.name(), "process.unknown");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[error("{message}")]
pub struct WireError {
    /// The number.
    pub code: i32,
    /// For people: a fragment that reads after "failed to ".
    pub message: String,
    /// For programs. Every error of ours has it; others may not, or have something else.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "ours"
    )]
    pub data: Option<Box<ErrorData>>,
}

/// What others put there is no reason not to read their error.
fn ours<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Box<ErrorData>>, D::Error> {
    let data = Value::deserialize(from)?;
    Ok(serde_json::from_value(data).ok())
}

/// What programs read of an error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorData {
    /// The name of the error, which never changes.
    pub code: String,
    /// What to do about it, where there is something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// More about it, by name.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub details: serde_json::Map<String, Value>,
}

impl WireError {
    /// An error with its name.
    #[must_use]
    pub fn new(code: i32, name: impl Into<String>, message: impl Into<String>) -> WireError {
        let data = ErrorData {
            code: name.into(),
            hint: None,
            details: serde_json::Map::new(),
        };
        WireError {
            code,
            message: message.into(),
            data: Some(Box::new(data)),
        }
    }

    /// As [`WireError::new`], for a request that cannot be.
    #[must_use]
    pub fn invalid(name: &str, message: impl Into<String>) -> WireError {
        WireError::new(INVALID_REQUEST, name, message)
    }

    /// As [`WireError::new`], for parameters that cannot be.
    #[must_use]
    pub fn params(name: &str, message: impl Into<String>) -> WireError {
        WireError::new(INVALID_PARAMS, name, message)
    }

    /// With advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Option<String>>) -> WireError {
        if let Some(data) = &mut self.data {
            data.hint = hint.into();
        }
        self
    }

    /// With one more detail.
    #[must_use]
    pub fn detail(mut self, name: &str, value: impl Into<Value>) -> WireError {
        if let Some(data) = &mut self.data {
            data.details.insert(name.to_owned(), value.into());
        }
        self
    }

    /// The name of the error; `wire.unnamed` where the other side gave none.
    #[must_use]
    pub fn name(&self) -> &str {
        self.data.as_ref().map_or("wire.unnamed", |data| &data.code)
    }
}

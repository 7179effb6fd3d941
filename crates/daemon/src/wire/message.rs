//! Messages: requests, notifications and answers of JSON-RPC 2.0.
//!
//! Reading never fails without saying which request it was, where that can be known. Batches are
//! refused: several lines do the same.

use super::error::{INVALID_REQUEST, PARSE_ERROR, WireError};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The longest id and the longest name of a method, in bytes.
pub const NAME_BYTES: usize = 256;

/// Which request an answer belongs to: chosen by whoever asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RequestId {
    /// A whole number.
    Number(i64),
    /// A text of at most [`NAME_BYTES`].
    Text(String),
}

/// A message as it came, its parameters not yet read.
#[derive(Debug)]
pub enum Incoming<'a> {
    /// It wants an answer.
    Request {
        /// Which.
        id: RequestId,
        /// What is to be done.
        method: Cow<'a, str>,
        /// With what.
        params: Option<&'a RawValue>,
    },
    /// It wants none.
    Notification {
        /// What has happened.
        method: Cow<'a, str>,
        /// With what.
        params: Option<&'a RawValue>,
    },
    /// An answer to a request of ours.
    Answer {
        /// Which; `None` where the other side could not read it.
        id: Option<RequestId>,
        /// What came of it.
        outcome: Result<&'a RawValue, WireError>,
    },
}

/// A line that is no message.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{error}")]
pub struct Malformed {
    /// The request that it was meant to be, if that can be known.
    pub id: Option<RequestId>,
    /// What to answer.
    pub error: WireError,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    jsonrpc: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "present")]
    id: Option<Option<RequestId>>,
    #[serde(borrow, default)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(default)]
    error: Option<WireError>,
}

/// Tells a `null` from what is not there.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Reads one frame.
///
/// ```
/// use handfast_daemon::wire::{Incoming, read};
///
/// let frame = br#"{"jsonrpc":"2.0","id":1,"method":"daemon/status"}"#;
/// assert!(matches!(read(frame), Ok(Incoming::Request { .. })));
/// assert_eq!(read(b"{").unwrap_err().error.name(), "wire.not-json");
/// ```
///
/// A missing `jsonrpc` is taken for `"2.0"`, as exec servers leave it out.
///
/// # Errors
///
/// [`Malformed`], with what to answer.
pub fn read(frame: &[u8]) -> Result<Incoming<'_>, Malformed> {
    if frame.trim_ascii_start().first() == Some(&b'[') {
        return Err(Malformed::because(
            None,
            "batches are not taken, send one line for each",
        ));
    }
    let envelope: Envelope<'_> = serde_json::from_slice(frame).map_err(Malformed::json)?;
    let known = envelope.id.clone().flatten();
    let wrong = |why: &str| Err(Malformed::because(known.clone(), why));
    if let Some(RequestId::Text(id)) = &known
        && id.len() > NAME_BYTES
    {
        return Err(Malformed::because(None, "its id is too long"));
    }
    if envelope
        .jsonrpc
        .as_deref()
        .is_some_and(|version| version != "2.0")
    {
        return wrong("it is not of JSON-RPC 2.0");
    }
    let params = envelope.params;
    match (
        envelope.method,
        envelope.id,
        envelope.result,
        envelope.error,
    ) {
        (Some(method), ..) if method.len() > NAME_BYTES => {
            wrong("the name of its method is too long")
        }
        (Some(method), None, None, None) => Ok(Incoming::Notification { method, params }),
        (Some(method), Some(Some(id)), None, None) => Ok(Incoming::Request { id, method, params }),
        (Some(_), Some(None), None, None) => wrong("its id is null"),
        (None, Some(id), Some(result), None) => {
            let outcome = Ok(result);
            Ok(Incoming::Answer { id, outcome })
        }
        (None, Some(id), None, Some(error)) => {
            let outcome = Err(error);
            Ok(Incoming::Answer { id, outcome })
        }
        _ => wrong("it is neither a request, nor a notification, nor an answer"),
    }
}

impl Malformed {
    fn because(id: Option<RequestId>, why: &str) -> Malformed {
        let message = format!("read the message: {why}");
        let error = WireError::new(INVALID_REQUEST, "wire.not-a-message", message);
        Malformed { id, error }
    }

    fn json(error: serde_json::Error) -> Malformed {
        use serde_json::error::Category;
        let message = format!("read the message: {error}");
        let (code, name) = match error.classify() {
            Category::Data => (INVALID_REQUEST, "wire.not-a-message"),
            Category::Syntax | Category::Eof | Category::Io => (PARSE_ERROR, "wire.not-json"),
        };
        let error = WireError::new(code, name, message);
        Malformed { id: None, error }
    }
}

/// What is written.
#[derive(Debug, Serialize)]
struct Outgoing<'a, T> {
    jsonrpc: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Option<&'a RequestId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<&'a T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a WireError>,
}

impl<T: Serialize> Outgoing<'_, T> {
    const EMPTY: Self = Outgoing {
        jsonrpc: "2.0",
        id: None,
        method: None,
        params: None,
        result: None,
        error: None,
    };

    /// One line, with its end.
    fn line(&self) -> Vec<u8> {
        // Nothing of the wire has keys that are no texts, or fails to be written.
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        line
    }
}

/// The line of a request.
#[must_use]
pub fn request_line<T: Serialize>(id: &RequestId, method: &str, params: &T) -> Vec<u8> {
    let (id, method, params) = (Some(Some(id)), Some(method), Some(params));
    Outgoing {
        id,
        method,
        params,
        ..Outgoing::EMPTY
    }
    .line()
}

/// The line of a notification.
#[must_use]
pub fn notification_line<T: Serialize>(method: &str, params: &T) -> Vec<u8> {
    let (method, params) = (Some(method), Some(params));
    Outgoing {
        method,
        params,
        ..Outgoing::EMPTY
    }
    .line()
}

/// The line of an answer.
#[must_use]
pub fn result_line<T: Serialize>(id: &RequestId, result: &T) -> Vec<u8> {
    let (id, result) = (Some(Some(id)), Some(result));
    Outgoing {
        id,
        result,
        ..Outgoing::EMPTY
    }
    .line()
}

/// The line of an answer to what failed; without an id where the request could not be read.
#[must_use]
pub fn error_line(id: Option<&RequestId>, error: &WireError) -> Vec<u8> {
    let (id, error) = (Some(id), Some(error));
    Outgoing::<()> {
        id,
        error,
        ..Outgoing::EMPTY
    }
    .line()
}

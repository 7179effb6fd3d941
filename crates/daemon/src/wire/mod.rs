//! The wire: what a daemon and its clients say to each other.
//!
//! JSON-RPC 2.0, one message a line ([`Frames`], [`read`]). Methods and parameters are a superset of
//! those of exec servers: what is added is optional, so a thin layer serves their clients. Bytes are
//! Base64 ([`Bytes`]), times are milliseconds, parameters that nobody knows are refused by name and
//! results may have more than a client knows.
//!
//! Everything here is pure. What must stay true: whatever bytes come in, the answer is a message or a
//! typed error ([`Malformed`]), never a panic; memory has a bound before a line has ended; no token
//! and no value of a variable shows in `Debug`; the [`schema`] and the golden frames of each version
//! change only with the version.

mod attach;
mod base64;
mod clean;
mod ending;
mod error;
mod events;
mod exec;
mod follow;
mod frame;
mod handshake;
mod look;
mod message;
mod method;
mod note;
mod owners;
mod ready;
mod schema;
mod start;
mod streams;
mod terminal;
mod text;
mod usage;
mod version;
mod view;

pub use attach::*;
pub use base64::{Bytes, NotBase64, decode, encode};
pub use clean::*;
pub use ending::*;
pub use error::*;
pub use events::*;
pub use exec::*;
pub use follow::*;
pub use frame::{FIRST_FRAME, FrameTooLong, Frames, LONGEST_FRAME};
pub use handshake::*;
pub use look::*;
pub use message::{
    Incoming, Malformed, NAME_BYTES, RequestId, error_line, notification_line, read, request_line,
    result_line,
};
pub use method::{Call, METHODS, Method, NOTES, Note, WAITS};
pub use note::*;
pub use owners::*;
pub use ready::*;
pub use schema::schema;
pub use start::*;
pub use streams::*;
pub use terminal::*;
pub use text::{Secret, Variables, Word};
pub use usage::*;
pub use version::{NEWEST, OLDEST, Versions};
pub use view::*;

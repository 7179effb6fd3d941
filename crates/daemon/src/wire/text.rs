//! Words of the system: arguments, paths and variables, which need not be text.

use super::base64::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A word of the system: as text where it is UTF-8, as Base64 where it is not.
///
/// ```
/// use handfast_daemon::wire::Word;
///
/// assert_eq!(serde_json::to_string(&Word::from("ls")).unwrap(), r#""ls""#);
/// let odd = Word::from(&b"\xff"[..]);
/// assert_eq!(serde_json::to_string(&odd).unwrap(), r#"{"base64":"/w=="}"#);
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Word {
    /// It is UTF-8.
    Text(String),
    /// It need not be.
    Raw {
        /// The bytes.
        base64: Bytes,
    },
}

impl Word {
    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Word::Text(text) => text.as_bytes(),
            Word::Raw { base64 } => &base64.0,
        }
    }
}

impl From<&str> for Word {
    fn from(text: &str) -> Word {
        Word::Text(text.to_owned())
    }
}

impl From<&[u8]> for Word {
    fn from(bytes: &[u8]) -> Word {
        match std::str::from_utf8(bytes) {
            Ok(text) => Word::Text(text.to_owned()),
            Err(_) => Word::Raw {
                base64: bytes.into(),
            },
        }
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from_utf8_lossy(self.bytes()), f)
    }
}

/// A text that is never shown: `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Variables of an environment. `Debug` shows their names and no value.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Variables(pub std::collections::BTreeMap<String, Word>);

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

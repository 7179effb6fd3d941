//! Versions of the wire, and which one two sides speak.
//!
//! A version is raised when something that was there means something else, or is there no more.
//! What is only added is not: parameters that a server does not know are refused by name, results
//! may have more than a client knows, and `methods` of the handshake says what can be asked.

use super::error::WireError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The newest version that is spoken here.
pub const NEWEST: u32 = 1;

/// The oldest version that is still understood here.
pub const OLDEST: u32 = 1;

/// Versions that one side speaks, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Versions {
    /// The oldest.
    pub oldest: u32,
    /// The newest.
    pub newest: u32,
}

impl Versions {
    /// What is spoken here.
    pub const OURS: Versions = Versions {
        oldest: OLDEST,
        newest: NEWEST,
    };

    /// What exec servers speak, who say nothing about it.
    pub const FIRST: Versions = Versions {
        oldest: 1,
        newest: 1,
    };

    /// The newest version that both speak.
    ///
    /// # Errors
    ///
    /// `wire.version`, with what each side speaks.
    pub fn common(self, theirs: Versions) -> Result<u32, WireError> {
        let newest = self.newest.min(theirs.newest);
        if newest >= self.oldest.max(theirs.oldest) {
            return Ok(newest);
        }
        let message = format!(
            "agree on a version: here {} to {} are spoken, there {} to {}",
            self.oldest, self.newest, theirs.oldest, theirs.newest
        );
        let hint = if theirs.newest < self.oldest {
            "the client is too old for this daemon"
        } else {
            "the daemon is too old for this client: run `handfast daemon restart`"
        };
        Err(WireError::invalid("wire.version", message)
            .hint(hint.to_owned())
            .detail("oldest", self.oldest)
            .detail("newest", self.newest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_that_both_speak_is_taken() {
        let speaks = |oldest, newest| Versions { oldest, newest };
        assert_eq!(speaks(1, 3).common(speaks(2, 9)), Ok(3));
        assert_eq!(speaks(1, 3).common(speaks(1, 1)), Ok(1));
        for theirs in [speaks(4, 5), speaks(0, 0), speaks(2, 1)] {
            assert!(speaks(1, 3).common(theirs).is_err(), "{theirs:?}");
        }
        let error = speaks(2, 3).common(speaks(1, 1)).unwrap_err();
        assert_eq!(error.name(), "wire.version");
    }
}

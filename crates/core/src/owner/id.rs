//! The name by which a host knows an owner.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Names an owner: 1 to 256 bytes without control characters, chosen by the host.
///
/// Cheap to clone.
///
/// ```
/// use handfast::owner::OwnerId;
///
/// let agent = OwnerId::new("agent-7/reviewer")?;
/// assert_eq!(agent.as_str(), "agent-7/reviewer");
/// assert!(OwnerId::new("").is_err());
/// # Ok::<(), handfast::owner::InvalidOwner>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OwnerId(Arc<str>);

/// The text is no name of an owner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOwner {
    /// It is empty.
    #[error("name the owner: its id is empty")]
    Empty,
    /// It is too long.
    #[error(
        "shorten the owner's id: it has {length} bytes, {} are allowed",
        OwnerId::LONGEST
    )]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// It has a control character in it.
    #[error("take the control character at byte {at} out of the owner's id")]
    Control {
        /// Where the first of them is.
        at: usize,
    },
}

impl InvalidOwner {
    /// Stable code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "owner.id-empty",
            Self::TooLong { .. } => "owner.id-too-long",
            Self::Control { .. } => "owner.id-control-character",
        }
    }
}

impl OwnerId {
    /// The longest that is allowed, in bytes.
    pub const LONGEST: usize = 256;

    /// The name of the host itself: what a manager starts without being told for whom.
    const HOST: &'static str = "host";

    /// Takes a name.
    ///
    /// # Errors
    ///
    /// [`InvalidOwner`] where it is empty, too long or has control characters.
    pub fn new(name: impl AsRef<str>) -> Result<OwnerId, InvalidOwner> {
        let name = name.as_ref();
        let length = name.len();
        if length == 0 {
            return Err(InvalidOwner::Empty);
        }
        if length > OwnerId::LONGEST {
            return Err(InvalidOwner::TooLong { length });
        }
        match name.find(char::is_control) {
            Some(at) => Err(InvalidOwner::Control { at }),
            None => Ok(OwnerId(name.into())),
        }
    }

    /// The host itself (`host`), which owns what a manager starts without being told for whom.
    #[must_use]
    pub fn host() -> OwnerId {
        OwnerId(OwnerId::HOST.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OwnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for OwnerId {
    type Err = InvalidOwner;

    fn from_str(name: &str) -> Result<OwnerId, InvalidOwner> {
        OwnerId::new(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_cannot_be_shown_or_stored_are_refused() {
        assert_eq!(OwnerId::new(""), Err(InvalidOwner::Empty));
        let long = "x".repeat(257);
        assert_eq!(
            OwnerId::new(&long),
            Err(InvalidOwner::TooLong { length: 257 })
        );
        assert!(OwnerId::new(&long[1..]).is_ok());
        assert_eq!(OwnerId::new("a\nb"), Err(InvalidOwner::Control { at: 1 }));
        assert_eq!("ä b".parse::<OwnerId>().unwrap().as_str(), "ä b");
        assert_eq!(OwnerId::host().to_string(), "host");
    }
}

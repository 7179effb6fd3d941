//! How long a process may live, seen from its owner.
//!
//! Only what is *declared* to survive survives, so the default is the one that dies with its owner.

use std::time::Duration;

/// Until when a process may live.
///
/// ```
/// use handfast::config::Lifetime;
///
/// assert_eq!(Lifetime::default(), Lifetime::Session);
/// assert!(Lifetime::User.survives_owner());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
#[non_exhaustive]
pub enum Lifetime {
    /// Ends when its owner's current turn ends (or the owner itself).
    Turn,
    /// Ends when its owner ends, however that happens. The default.
    #[default]
    Session,
    /// Ends when the lease was not renewed for this long, or when its owner ends.
    Lease(Duration),
    /// Survives its owner and lives until it is stopped.
    User,
}

impl Lifetime {
    /// The word for this lifetime on the command line and in JSON; of a lease without its duration.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Lifetime::Turn => "turn",
            Lifetime::Session => "session",
            Lifetime::Lease(_) => "lease",
            Lifetime::User => "user",
        }
    }

    /// Whether the process was declared to outlive its owner.
    #[must_use]
    pub const fn survives_owner(self) -> bool {
        matches!(self, Lifetime::User)
    }
}

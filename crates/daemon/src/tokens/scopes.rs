//! Sets of scopes.

use crate::wire::ScopeName;
use std::fmt;

/// What may be done: any of the five scopes.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u8);

const ALL: [ScopeName; 5] = [
    ScopeName::Read,
    ScopeName::Write,
    ScopeName::Stop,
    ScopeName::Start,
    ScopeName::Transfer,
];

const fn bit(scope: ScopeName) -> u8 {
    match scope {
        ScopeName::Read => 1,
        ScopeName::Write => 2,
        ScopeName::Stop => 4,
        ScopeName::Start => 8,
        ScopeName::Transfer => 16,
    }
}

impl Scopes {
    /// Everything.
    #[must_use]
    pub fn all() -> Scopes {
        ALL.into_iter().collect()
    }

    /// Whether this may be done.
    #[must_use]
    pub const fn allow(self, scope: ScopeName) -> bool {
        self.0 & bit(scope) != 0
    }

    /// Whether nothing is in here that is not in `other`.
    #[must_use]
    pub const fn within(self, other: Scopes) -> bool {
        self.0 & !other.0 == 0
    }

    /// One by one, in a fixed order.
    pub fn iter(self) -> impl Iterator<Item = ScopeName> {
        ALL.into_iter().filter(move |scope| self.allow(*scope))
    }
}

impl FromIterator<ScopeName> for Scopes {
    fn from_iter<I: IntoIterator<Item = ScopeName>>(scopes: I) -> Scopes {
        Scopes(scopes.into_iter().fold(0, |all, scope| all | bit(scope)))
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

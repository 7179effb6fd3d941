//! What can go wrong with an owner.

use super::OwnerId;
use super::limits::LimitKind;
use crate::process::{LookupError, ProcessHandle};

/// Why something could not be done for an owner. Nothing was changed.
///
/// Messages are fragments that read after "failed to ".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OwnerError {
    /// There is no such owner.
    #[error("find owner `{owner}`")]
    Unknown {
        /// The name that was asked for.
        owner: OwnerId,
    },
    /// There is one of that name.
    #[error("add owner `{owner}`: there is one of that name")]
    Taken {
        /// The name.
        owner: OwnerId,
    },
    /// It has ended, or is just being ended.
    #[error("act for owner `{owner}`: it has ended")]
    Ended {
        /// Which.
        owner: OwnerId,
    },
    /// The host ends with its manager and not before.
    #[error("end the host")]
    Host,
    /// A limit is used up.
    #[error(transparent)]
    Limit(#[from] Box<LimitReached>),
    /// There is no such process, as far as this owner can know.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// An owner hands over to those above and below it only.
    #[error("hand a process of `{owner}` over to `{to}`: neither is above the other")]
    NotRelated {
        /// Who wanted to hand it over.
        owner: OwnerId,
        /// To whom.
        to: OwnerId,
    },
    /// Its start is still waited for, by who asked for it.
    #[error("hand process {handle} over: it is being started")]
    Starting {
        /// Which.
        handle: ProcessHandle,
    },
    /// The runtime ended before it was done. The reapers end what is left.
    #[error("wait for the end of owner `{owner}`: the runtime of its manager ended")]
    RuntimeGone {
        /// Which.
        owner: OwnerId,
    },
}

/// Which limit is used up, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "take a process on for `{owner}`: `{limited}` may have {most} {limit}, {wanted} more {} wanted{}",
    if *.wanted == 1 { "is" } else { "are" },
    users(.used_by, *.others)
)]
#[non_exhaustive]
pub struct LimitReached {
    /// For whom the process was to be.
    pub owner: OwnerId,
    /// Whose limit it is: the owner's, or that of one above it.
    pub limited: OwnerId,
    /// What is limited.
    pub limit: LimitKind,
    /// The limit.
    pub most: u64,
    /// How much was wanted.
    pub wanted: u64,
    /// Who uses it, and how much, the largest first; at most eight.
    pub used_by: Vec<(OwnerId, u64)>,
    /// How many more use some of it.
    pub others: usize,
}

fn users(used_by: &[(OwnerId, u64)], others: usize) -> String {
    if used_by.is_empty() {
        return String::new();
    }
    let each = used_by
        .iter()
        .map(|(owner, used)| format!("`{owner}` has {used}"));
    let mut each: Vec<String> = each.collect();
    if others > 0 {
        each.push(format!("{others} more have some"));
    }
    format!(", and {}", each.join(", "))
}

impl OwnerError {
    /// The name of this error, which never changes.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            OwnerError::Unknown { .. } => "owner.unknown",
            OwnerError::Taken { .. } => "owner.taken",
            OwnerError::Ended { .. } => "owner.ended",
            OwnerError::Host => "owner.host",
            OwnerError::Limit(_) => "owner.limit-reached",
            OwnerError::Lookup(error) => error.code(),
            OwnerError::NotRelated { .. } => "owner.not-related",
            OwnerError::Starting { .. } => "owner.starting",
            OwnerError::RuntimeGone { .. } => "owner.runtime-gone",
        }
    }

    /// What to do about it, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            OwnerError::Lookup(error) => return error.hint(),
            OwnerError::Limit(reached) => return Some(reached.hint()),
            OwnerError::Unknown { .. } => "add it first",
            OwnerError::Taken { .. } => "use that one, or end it first",
            OwnerError::Ended { .. } => "its name may be used for a new owner",
            OwnerError::Host => "shut its manager down",
            OwnerError::NotRelated { .. } => "have the host do it",
            OwnerError::Starting { .. } => "try again when its start is answered",
            OwnerError::RuntimeGone { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

impl LimitReached {
    fn hint(&self) -> String {
        match self.limit {
            LimitKind::Processes => {
                "stop a process, or hand one over; those that have ended do not count"
            }
            LimitKind::OutputBytes => "keep less of the output of each process, or stop one",
        }
        .to_owned()
    }
}

//! Who a process belongs to.
//!
//! An owner is an agent, a thread, a workspace: whoever of a host's the host says it is. Owners form
//! a tree below the host, with limits that hold for all of a branch together. The verbs of one owner
//! are those of [`Owner`], which a manager gives out
//! ([`add_owner`](crate::ProcessManager::add_owner)); the host itself goes on to see everything.
//!
//! `book.rs` decides (pure), `claim.rs` puts it behind a lock. What must stay true: every process
//! has exactly one owner at any moment; the name of an owner is no secret and is worth nothing by
//! itself, since it is the host that says on whose behalf it calls; what belongs to another owner
//! cannot be told apart from what never was.

pub(crate) mod book;
pub(crate) mod claim;
mod error;
mod id;
mod limits;
mod ranges;

pub use crate::manager::owners::{Handed, Listed, Owner, OwnerEnd};
pub use error::{LimitReached, OwnerError};
pub use id::{InvalidOwner, OwnerId};
pub use limits::{LimitKind, Limits, Usage};

/// An owner that is to be added.
///
/// ```
/// use handfast::owner::{Limits, OwnerId, OwnerSpec};
///
/// let agent = OwnerId::new("agent-7")?;
/// let reviewer = OwnerSpec::new(OwnerId::new("agent-7/reviewer")?)
///     .below(agent)
///     .limits(Limits::agent().processes(2));
/// # Ok::<(), handfast::owner::InvalidOwner>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "it does nothing until it is given to a manager"]
pub struct OwnerSpec {
    pub(crate) id: OwnerId,
    pub(crate) parent: OwnerId,
    pub(crate) limits: Limits,
}

impl OwnerSpec {
    /// An owner of this name, right below the host and with the limits of [`Limits::agent`].
    pub fn new(id: OwnerId) -> OwnerSpec {
        OwnerSpec {
            id,
            parent: OwnerId::host(),
            limits: Limits::agent(),
        }
    }

    /// Puts it below another owner, whose limits then hold for both together and with whom it ends.
    pub fn below(mut self, parent: OwnerId) -> Self {
        self.parent = parent;
        self
    }

    /// Sets its limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

/// An owner, as it is at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OwnerInfo {
    /// Its name.
    pub id: OwnerId,
    /// Whom it is below; `None` for the host.
    pub parent: Option<OwnerId>,
    /// Its limits.
    pub limits: Limits,
    /// What it uses itself.
    pub own: Usage,
    /// What counts against its limits: what it uses with all owners below it.
    pub all: Usage,
}

//! The verbs of a manager for its owners, and the face of one of them.

mod end;
mod exec;
mod handing;
mod listed;
mod output;
mod owned;
mod session;
mod verbs;

pub use end::OwnerEnd;
pub use handing::Handed;
pub use listed::Listed;
pub(super) use owned::OwnedSessions;

use super::registry::Entry;
use super::{Inner, ProcessManager};
use crate::config::ProcessConfig;
use crate::exec::ExecProfile;
use crate::owner::book::{Key, Short};
use crate::owner::claim::Claim;
use crate::owner::{OwnerError, OwnerId, OwnerInfo, OwnerSpec};
use crate::process::{LookupError, ProcessHandle};
use std::sync::Arc;

/// The verbs of a manager, for one owner and what belongs to it.
///
/// It starts for that owner, within its limits, and finds that owner's processes only. A handle of
/// another owner's process is answered as one that nobody was ever given. Once the owner has ended
/// every verb is refused ([`OwnerError::Ended`], [`LookupError::OwnerEnded`]).
///
/// Cheap to clone. Dropping one touches nothing, whatever it has started: an owner ends by
/// [`Owner::end`]. It is also a clone of its manager, which ends with the last of them.
///
/// A verb that waits goes on for one who asked while the process was his, also when it is handed
/// over meanwhile.
///
/// ```no_run
/// # async fn example(manager: handfast::ProcessManager) -> Result<(), Box<dyn std::error::Error>> {
/// use handfast::ProcessConfig;
/// use handfast::owner::{OwnerId, OwnerSpec};
///
/// let agent = manager.add_owner(OwnerSpec::new(OwnerId::new("agent-7")?))?;
/// let config = ProcessConfig::builder("/usr/bin/make").purpose("build before the tests").build();
/// let handle = agent.start(config).await?;
/// for process in agent.list()? {
///     println!("{} {:?} {}", process.info.handle, process.purpose(), process.info.status.word());
/// }
/// agent.stop(handle).await?;
/// agent.end().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Owner {
    manager: ProcessManager,
    key: Key,
}

impl ProcessManager {
    /// Adds an owner.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Taken`] where there is one of that name, [`OwnerError::Unknown`] or
    /// [`OwnerError::Ended`] where there is not the one that it is to be below.
    pub fn add_owner(&self, spec: OwnerSpec) -> Result<Owner, OwnerError> {
        let OwnerSpec { id, parent, limits } = spec;
        let key = self
            .inner
            .owners
            .with(|book| book.add(&id, &parent, limits))?;
        Ok(Owner {
            manager: self.clone(),
            key,
        })
    }

    /// Adds an owner whose commands ([`Owner::exec_command`]) run by a profile of its own: in its own
    /// directory, say, and with its own variables.
    ///
    /// # Errors
    ///
    /// As [`add_owner`](ProcessManager::add_owner).
    pub fn add_owner_with(
        &self,
        spec: OwnerSpec,
        profile: ExecProfile,
    ) -> Result<Owner, OwnerError> {
        let owner = self.add_owner(spec)?;
        self.inner.owned.give_profile(&owner.key, profile);
        Ok(owner)
    }

    /// The face of an owner that was added before; that of [`OwnerId::host`] is always there.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Unknown`], or [`OwnerError::Ended`] while it is being ended.
    pub fn owner(&self, id: &OwnerId) -> Result<Owner, OwnerError> {
        Ok(Owner {
            key: self.inner.owners.key(id)?,
            manager: self.clone(),
        })
    }

    /// All owners, the host first, the others in the order in which they were added.
    #[must_use]
    pub fn owners(&self) -> Vec<OwnerInfo> {
        self.inner.owners.infos()
    }

    /// Gives a process to another owner, whoever has it now: see [`Owner::transfer`]. The host may
    /// do that between any two.
    ///
    /// # Errors
    ///
    /// As [`Owner::transfer`]; nothing was changed.
    pub fn transfer(&self, handle: ProcessHandle, to: &OwnerId) -> Result<Handed, OwnerError> {
        self.inner.transfer(handle, None, to)
    }

    /// Ends an owner: see [`Owner::end`].
    ///
    /// # Errors
    ///
    /// [`OwnerError::Unknown`], and as [`Owner::end`].
    ///
    /// # Cancel safety
    ///
    /// As [`Owner::end`].
    pub async fn end_owner(&self, id: &OwnerId) -> Result<OwnerEnd, OwnerError> {
        let key = self.inner.owners.with(|book| book.any_key(id))?;
        end::end(&self.inner, &key).await
    }
}

impl Inner {
    /// Takes a process on for an owner, and makes room for its output where that can be had.
    pub(super) fn reserve(&self, owner: &Key, config: &ProcessConfig) -> Result<Claim, OwnerError> {
        let output = config.kept_output();
        self.making_room(|| self.owners.reserve(owner, output))
    }

    fn making_room<T>(
        &self,
        mut attempt: impl FnMut() -> Result<T, Short>,
    ) -> Result<T, OwnerError> {
        loop {
            match attempt() {
                Ok(done) => return Ok(done),
                Err(Short::Refused(error)) => return Err(error),
                Err(Short::Crowded(rows)) => self.owners.make_room(&rows),
            }
        }
    }
}

impl Owner {
    /// Its name.
    #[must_use]
    pub fn id(&self) -> &OwnerId {
        &self.key.id
    }

    /// Its place among the owners, its limits and what it uses of them.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Ended`].
    pub fn usage(&self) -> Result<OwnerInfo, OwnerError> {
        self.manager.inner.owners.info(&self.key)
    }

    /// Finds a process of this owner. That of another one is as unknown as one that never was.
    fn find(&self, handle: ProcessHandle) -> Result<Arc<Entry>, LookupError> {
        let inner = &self.manager.inner;
        let number = inner.registry.number(handle);
        inner.owners.with(|book| {
            if !book.is_open(&self.key) {
                return Err(LookupError::OwnerEnded { handle });
            }
            let own = number.is_some_and(|number| book.knows(&self.key, number));
            own.then_some(()).ok_or(LookupError::Unknown { handle })
        })?;
        // Of his own he is told more: that its record was dropped, or that another manager has it.
        inner.registry.find(handle)
    }

    /// All processes of this owner that have a record.
    fn entries(&self) -> Result<Vec<Arc<Entry>>, OwnerError> {
        let inner = &self.manager.inner;
        let mut entries = inner.registry.all();
        inner.owners.with(|book| {
            book.info(&self.key)?;
            entries.retain(|entry| book.is_of(entry.claim.row(), &self.key));
            Ok(entries)
        })
    }
}

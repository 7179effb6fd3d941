//! The verbs of one owner, for programs without an async runtime.
//!
//! Apart from the other verbs only because they are many. Each is the async one, waited for.

use super::{Pipes, ProcessManager, pipes};
use crate::config::ProcessConfig;
use crate::output::{Condition, Waited};
use crate::owner::{self, Handed, Listed, OwnerEnd, OwnerError, OwnerId, OwnerInfo, OwnerSpec};
use crate::process::{
    Ended, LookupError, ProcessHandle, ProcessInfo, ProcessStatus, Receipt, SignalError, StartError,
};
use handfast_reaper::wire::Scope;
use std::time::Duration;

/// The verbs of a manager, for one owner and what belongs to it: see [`owner::Owner`].
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use handfast::ProcessConfig;
/// use handfast::blocking::ProcessManager;
/// use handfast::owner::{OwnerId, OwnerSpec};
///
/// let manager = ProcessManager::new()?;
/// let agent = manager.add_owner(OwnerSpec::new(OwnerId::new("agent-7")?))?;
/// let handle = agent.start(ProcessConfig::builder("/bin/true").build())?;
/// assert!(agent.wait(handle)?.success());
/// agent.end()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Owner {
    // Dropped first, as it holds the manager too.
    owner: owner::Owner,
    manager: ProcessManager,
}

impl ProcessManager {
    /// As [`crate::ProcessManager::add_owner`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn add_owner(&self, spec: OwnerSpec) -> Result<Owner, OwnerError> {
        self.facing(self.manager.add_owner(spec)?)
    }

    /// As [`crate::ProcessManager::owner`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn owner(&self, id: &OwnerId) -> Result<Owner, OwnerError> {
        self.facing(self.manager.owner(id)?)
    }

    fn facing(&self, owner: owner::Owner) -> Result<Owner, OwnerError> {
        let manager = self.clone();
        Ok(Owner { owner, manager })
    }

    /// As [`crate::ProcessManager::owners`].
    #[must_use]
    pub fn owners(&self) -> Vec<OwnerInfo> {
        self.manager.owners()
    }

    /// As [`crate::ProcessManager::transfer`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn transfer(&self, handle: ProcessHandle, to: &OwnerId) -> Result<Handed, OwnerError> {
        self.manager.transfer(handle, to)
    }

    /// As [`crate::ProcessManager::end_owner`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn end_owner(&self, id: &OwnerId) -> Result<OwnerEnd, OwnerError> {
        self.block_on(self.manager.end_owner(id))
    }
}

impl Owner {
    /// The same owner for async code.
    #[must_use]
    pub fn as_async(&self) -> &owner::Owner {
        &self.owner
    }

    /// The manager that it is an owner of.
    #[must_use]
    pub fn manager(&self) -> &ProcessManager {
        &self.manager
    }

    /// As [`owner::Owner::id`].
    #[must_use]
    pub fn id(&self) -> &OwnerId {
        self.owner.id()
    }

    /// As [`owner::Owner::start`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn start(&self, config: ProcessConfig) -> Result<ProcessHandle, StartError> {
        self.manager.block_on(self.owner.start(config))
    }

    /// As [`owner::Owner::take_stdio`], with ends that block.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn take_stdio(&self, handle: ProcessHandle) -> Result<Pipes, LookupError> {
        Ok(pipes(self.owner.take_stdio(handle)?))
    }

    /// As [`owner::Owner::stop`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn stop(&self, handle: ProcessHandle) -> Result<Receipt, LookupError> {
        self.manager.block_on(self.owner.stop(handle))
    }

    /// As [`owner::Owner::stop_within`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn stop_within(
        &self,
        handle: ProcessHandle,
        grace: Duration,
    ) -> Result<Receipt, LookupError> {
        self.manager.block_on(self.owner.stop_within(handle, grace))
    }

    /// As [`owner::Owner::kill`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn kill(&self, handle: ProcessHandle) -> Result<Receipt, LookupError> {
        self.manager.block_on(self.owner.kill(handle))
    }

    /// As [`owner::Owner::signal`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn signal(
        &self,
        handle: ProcessHandle,
        signal: i32,
        scope: Scope,
    ) -> Result<u32, SignalError> {
        self.manager
            .block_on(self.owner.signal(handle, signal, scope))
    }

    /// As [`owner::Owner::status`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn status(&self, handle: ProcessHandle) -> Result<ProcessStatus, LookupError> {
        self.owner.status(handle)
    }

    /// As [`owner::Owner::info`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn info(&self, handle: ProcessHandle) -> Result<ProcessInfo, LookupError> {
        self.owner.info(handle)
    }

    /// As [`owner::Owner::members`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn members(&self, handle: ProcessHandle) -> Result<Vec<u32>, LookupError> {
        self.owner.members(handle)
    }

    /// As [`owner::Owner::wait`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn wait(&self, handle: ProcessHandle) -> Result<Ended, LookupError> {
        self.manager.block_on(self.owner.wait(handle))
    }

    /// As [`owner::Owner::wait_tree`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn wait_tree(&self, handle: ProcessHandle) -> Result<ProcessStatus, LookupError> {
        self.manager.block_on(self.owner.wait_tree(handle))
    }

    /// As [`owner::Owner::wait_for`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn wait_for(
        &self,
        handle: ProcessHandle,
        conditions: &[Condition],
        within: Duration,
    ) -> Result<Waited, LookupError> {
        self.manager
            .block_on(self.owner.wait_for(handle, conditions, within))
    }

    /// As [`owner::Owner::renew_lease`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn renew_lease(&self, handle: ProcessHandle) -> Result<(), LookupError> {
        self.owner.renew_lease(handle)
    }

    /// As [`owner::Owner::list`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn list(&self) -> Result<Vec<Listed>, OwnerError> {
        self.owner.list()
    }

    /// As [`owner::Owner::count`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn count(&self) -> Result<u64, OwnerError> {
        self.owner.count()
    }

    /// As [`owner::Owner::usage`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn usage(&self) -> Result<OwnerInfo, OwnerError> {
        self.owner.usage()
    }

    /// As [`owner::Owner::cleanup`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn cleanup(&self, max_age: Duration) -> Result<Vec<Receipt>, OwnerError> {
        self.manager.block_on(self.owner.cleanup(max_age))
    }

    /// As [`owner::Owner::transfer`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn transfer(&self, handle: ProcessHandle, to: &OwnerId) -> Result<Handed, OwnerError> {
        self.owner.transfer(handle, to)
    }

    /// As [`owner::Owner::terminate_all`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn terminate_all(&self) -> Result<Vec<Receipt>, OwnerError> {
        self.manager.block_on(self.owner.terminate_all())
    }

    /// As [`owner::Owner::end_turn`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn end_turn(&self) -> Result<Vec<Receipt>, OwnerError> {
        self.manager.block_on(self.owner.end_turn())
    }

    /// As [`owner::Owner::end`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn end(&self) -> Result<OwnerEnd, OwnerError> {
        self.manager.block_on(self.owner.end())
    }
}

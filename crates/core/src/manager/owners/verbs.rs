//! What an owner does with its processes.

use super::super::shutdown::end_these;
use super::end::{self, of_rows};
use super::{Handed, Listed, Owner, OwnerEnd};
use crate::config::{Lifetime, ProcessConfig};
use crate::owner::{OwnerError, OwnerId};
use crate::process::{
    Cause, Ended, LookupError, ProcessHandle, ProcessInfo, ProcessStatus, Receipt, SignalError,
    StartError, Stdio,
};
use handfast_reaper::wire::Scope;
use std::cmp::Reverse;
use std::time::Duration;

impl Owner {
    /// Starts a process that belongs to this owner: see
    /// [`start_process`](crate::ProcessManager::start_process).
    ///
    /// Its place among the owner's limits is taken before anything is started, so however many
    /// start at once there are never more than allowed, and is given back when nothing of its tree
    /// is left, or when the start fails.
    ///
    /// # Errors
    ///
    /// [`StartError`], among them [`StartError::Owner`] where a limit is used up or the owner has
    /// ended; nothing of the process is left running then.
    ///
    /// # Cancel safety
    ///
    /// Safe: a process whose start is no longer waited for is killed.
    pub async fn start(&self, config: ProcessConfig) -> Result<ProcessHandle, StartError> {
        self.manager.inner.start_for(config, &self.key).await
    }

    /// Takes the host's ends of the pipes of a process; each is there once.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle that is none of this owner's.
    pub fn take_stdio(&self, handle: ProcessHandle) -> Result<Stdio, LookupError> {
        self.find(handle)?;
        self.manager.take_stdio(handle)
    }

    /// Stops a process with all its tree: see
    /// [`stop_process`](crate::ProcessManager::stop_process).
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle that is none of this owner's.
    ///
    /// # Cancel safety
    ///
    /// Safe: the request is handed over before the first wait. Dropping the future stops waiting,
    /// not stopping; calling again joins the stop under way.
    pub async fn stop(&self, handle: ProcessHandle) -> Result<Receipt, LookupError> {
        self.find(handle)?;
        self.manager.stop_process(handle).await
    }

    /// As [`Owner::stop`] with a grace of its own, which may shorten a stop under way and never
    /// lengthen it.
    ///
    /// # Errors
    ///
    /// As [`Owner::stop`].
    ///
    /// # Cancel safety
    ///
    /// As [`Owner::stop`].
    pub async fn stop_within(
        &self,
        handle: ProcessHandle,
        grace: Duration,
    ) -> Result<Receipt, LookupError> {
        self.find(handle)?;
        self.manager.stop_process_within(handle, grace).await
    }

    /// Kills a process with all its tree, without asking.
    ///
    /// # Errors
    ///
    /// As [`Owner::stop`].
    ///
    /// # Cancel safety
    ///
    /// As [`Owner::stop`].
    pub async fn kill(&self, handle: ProcessHandle) -> Result<Receipt, LookupError> {
        self.find(handle)?;
        self.manager.kill(handle).await
    }

    /// Sends a signal: see [`ProcessManager::signal`](crate::ProcessManager::signal).
    ///
    /// # Errors
    ///
    /// [`SignalError`]; nothing else was signalled instead.
    ///
    /// # Cancel safety
    ///
    /// The signal is sent also when the future is dropped.
    pub async fn signal(
        &self,
        handle: ProcessHandle,
        signal: i32,
        scope: Scope,
    ) -> Result<u32, SignalError> {
        self.find(handle)?;
        self.manager.signal(handle, signal, scope).await
    }

    /// Where a process stands.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle that is none of this owner's.
    pub fn status(&self, handle: ProcessHandle) -> Result<ProcessStatus, LookupError> {
        let entry = self.find(handle)?;
        let status = entry.seen.borrow().status();
        Ok(status)
    }

    /// Everything about a process.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle that is none of this owner's.
    pub fn info(&self, handle: ProcessHandle) -> Result<ProcessInfo, LookupError> {
        self.find(handle).map(|entry| entry.info())
    }

    /// The pids of the live members of a tree, for people.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle that is none of this owner's.
    pub fn members(&self, handle: ProcessHandle) -> Result<Vec<u32>, LookupError> {
        self.find(handle)?;
        self.manager.members(handle)
    }

    /// Waits for the end of the leader, and says how it ended.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle that is none of this owner's.
    ///
    /// # Cancel safety
    ///
    /// Safe: waiting changes nothing.
    pub async fn wait(&self, handle: ProcessHandle) -> Result<Ended, LookupError> {
        self.find(handle)?;
        self.manager.wait(handle).await
    }

    /// Waits until nothing is left of a process, and says where it stands then.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle that is none of this owner's.
    ///
    /// # Cancel safety
    ///
    /// Safe: waiting changes nothing.
    pub async fn wait_tree(&self, handle: ProcessHandle) -> Result<ProcessStatus, LookupError> {
        self.find(handle)?;
        self.manager.wait_tree(handle).await
    }

    /// Puts the end of a lease off by its full length.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle that is none of this owner's.
    pub fn renew_lease(&self, handle: ProcessHandle) -> Result<(), LookupError> {
        self.find(handle)?;
        self.manager.renew_lease(handle)
    }

    /// This owner's processes, the newest first, those that are over included for as long as their
    /// records are kept. It takes no handle: who has lost all of them finds them again here.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Ended`].
    pub fn list(&self) -> Result<Vec<Listed>, OwnerError> {
        let mut entries = self.entries()?;
        entries.sort_by_key(|entry| Reverse(entry.record.began));
        Ok(entries.iter().map(|entry| Listed::of(entry)).collect())
    }

    /// How many processes of this owner there are of which something is left, or which are being
    /// started: what counts against its limit, without the owners below it.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Ended`].
    pub fn count(&self) -> Result<u64, OwnerError> {
        Ok(self.usage()?.own.processes)
    }

    /// Stops, all at once, those processes of this owner whose start was asked for longer ago than
    /// this, and answers when all are gone. What is over already is left as it is.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Ended`].
    ///
    /// # Cancel safety
    ///
    /// Safe: all stops are handed over before the first wait.
    pub async fn cleanup(&self, max_age: Duration) -> Result<Vec<Receipt>, OwnerError> {
        let mut entries = self.entries()?;
        entries.retain(|entry| {
            let old = entry.record.began.elapsed() > max_age;
            old && !entry.seen.borrow().is_over()
        });
        Ok(end_these(&entries, Cause::TooOld, None).await)
    }

    /// Gives a process to an owner above or below this one, with all that it uses of the limits. At
    /// every moment one of the two has it, and never both. That to one above is not refused for
    /// what is limited there, since it counted there before.
    ///
    /// How long it may run is what the receiver's limits say from then on, counted from its start. A
    /// session of [`exec_command`](Owner::exec_command) goes along under its number; a call that waits
    /// on it meanwhile is answered that there is none.
    ///
    /// # Errors
    ///
    /// [`OwnerError`]: it is none of this owner's, its start is not over, one of the two has ended, a
    /// limit of the receiver's is used up, or neither is above the other. Nothing was changed.
    pub fn transfer(&self, handle: ProcessHandle, to: &OwnerId) -> Result<Handed, OwnerError> {
        self.find(handle)?;
        self.manager.inner.transfer(handle, Some(&self.key), to)
    }

    /// Stops all processes of this owner and of all below it, also those that were declared to
    /// survive, and answers when all are gone. The owners stay, and may start others.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Ended`].
    ///
    /// # Cancel safety
    ///
    /// Safe: all stops are handed over before the first wait.
    pub async fn terminate_all(&self) -> Result<Vec<Receipt>, OwnerError> {
        let inner = &self.manager.inner;
        let rows = inner.owners.with(|book| {
            book.info(&self.key)?;
            Ok::<_, OwnerError>(book.rows_below(&self.key))
        })?;
        let entries = of_rows(&inner.registry, |row| rows.contains_key(row));
        Ok(end_these(&entries, Cause::Stop, None).await)
    }

    /// Ends this owner's turn: stops every process of lifetime [`Lifetime::Turn`] of it, and answers
    /// when all are gone.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Ended`].
    ///
    /// # Cancel safety
    ///
    /// Safe: all stops are handed over before the first wait.
    pub async fn end_turn(&self) -> Result<Vec<Receipt>, OwnerError> {
        let mut entries = self.entries()?;
        entries.retain(|entry| {
            let turn = entry.record.config.lifetime() == Lifetime::Turn;
            turn && !entry.seen.borrow().is_over()
        });
        Ok(end_these(&entries, Cause::TurnOver, None).await)
    }

    /// Ends this owner and all below it: stops their processes, waits until those of the deepest
    /// owners are gone before it asks those above, and answers when all are. From the first moment on every verb of these owners is refused, and
    /// a start that is under way fails. Their names may be used again afterwards.
    ///
    /// What was handed over to an owner above before is not touched. What is of the lifetime
    /// [`Lifetime::User`], or could not be killed, lives on; it belongs to the owner above from then
    /// on, as the records of all that have ended do.
    ///
    /// # Errors
    ///
    /// [`OwnerError::Ended`] where it had ended before, [`OwnerError::Host`] for the host.
    ///
    /// # Cancel safety
    ///
    /// Safe: dropping the future stops waiting, not ending; calling again joins the end under way.
    pub async fn end(&self) -> Result<OwnerEnd, OwnerError> {
        end::end(&self.manager.inner, &self.key).await
    }

    /// The manager that it is an owner of.
    #[must_use]
    pub fn manager(&self) -> &crate::ProcessManager {
        &self.manager
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is cheap to clone must be free to go where it is needed.
    #[test]
    fn an_owner_goes_to_any_thread() {
        fn is_free<T: Send + Sync + Clone + 'static>() {}
        is_free::<Owner>();
    }
}

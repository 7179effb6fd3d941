//! The verbs of a manager for the output of its processes.

use super::ProcessManager;
use crate::output::{self, Captured, Condition, OutputHolders, Waited};
use crate::process::{LookupError, ProcessHandle};
use std::time::Duration;

impl ProcessManager {
    /// Drops the record of a process that is over, with its output, as if it had grown too old; answers
    /// whether it was. One of which something lives stays.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle without a record.
    pub fn forget(&self, handle: ProcessHandle) -> Result<bool, LookupError> {
        let entry = self.inner.registry.find(handle)?;
        let is_over = entry.seen.borrow().is_over();
        if is_over {
            self.inner.registry.remove(&entry);
            if let Some(kept) = &self.inner.kept {
                kept.remove(handle);
            }
        }
        Ok(is_over)
    }

    /// The captured output of a process; `None` where its config captures no stream.
    ///
    /// It is there from before the process starts until the process's record is dropped, and for as
    /// long as a clone of it is kept. Its end is a fact of its own: a process may be over while
    /// somebody whom it started still holds its output open.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle without a record.
    pub fn output(&self, handle: ProcessHandle) -> Result<Option<Captured>, LookupError> {
        let entry = self.inner.registry.find(handle)?;
        Ok(entry.output.clone())
    }

    /// Who keeps the captured output of a process open: members of its tree, or others to whom one
    /// of them has handed it. It reads `/proc` now, which takes some milliseconds on a busy host.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle without a record.
    pub fn output_holders(&self, handle: ProcessHandle) -> Result<OutputHolders, LookupError> {
        let entry = self.inner.registry.find(handle)?;
        let seen = entry.seen.borrow().clone();
        let of = |captured: &Captured| output::holders(captured, &seen.members());
        Ok(entry.output.as_ref().map(of).unwrap_or_default())
    }

    /// Waits until the first of some conditions is met, for `within` at the most. Where several are
    /// met the first of them is answered; where none can be met any more it says so at once.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle without a record.
    ///
    /// # Cancel safety
    ///
    /// Safe: waiting changes nothing and takes no output away.
    pub async fn wait_for(
        &self,
        handle: ProcessHandle,
        conditions: &[Condition],
        within: Duration,
    ) -> Result<Waited, LookupError> {
        let entry = self.inner.registry.find(handle)?;
        let seen = entry.seen.clone();
        Ok(output::wait(entry.output.as_ref(), seen, conditions, within).await)
    }
}

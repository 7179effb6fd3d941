//! What an owner reads of its processes.

use super::Owner;
use crate::config::Stream;
use crate::output::{
    Captured, Chunk, Condition, Cursor, OutputHolders, OutputStatus, StreamChunk, Waited,
};
use crate::process::{LookupError, ProcessHandle};
use std::time::Duration;

impl Owner {
    fn output(&self, handle: ProcessHandle) -> Result<Option<Captured>, LookupError> {
        Ok(self.find(handle)?.output.clone())
    }

    /// Reads at most `limit` bytes of the captured output of a process, from an offset on that
    /// counts all its streams; `None` where none is captured. Reading takes nothing away: any number
    /// of readers may read the same, and a reply that was lost can be had again.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle that is none of this owner's.
    ///
    /// # Cancel safety
    ///
    /// Safe: reading changes nothing.
    pub async fn read(
        &self,
        handle: ProcessHandle,
        from: u64,
        limit: usize,
    ) -> Result<Option<Chunk>, LookupError> {
        Ok(match self.output(handle)? {
            Some(output) => Some(output.fetch(from, limit).await),
            None => None,
        })
    }

    /// Reads at most `limit` bytes of one stream of a process from memory, from an offset in that
    /// stream on.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle that is none of this owner's.
    pub fn read_stream(
        &self,
        handle: ProcessHandle,
        stream: Stream,
        (from, limit): (u64, usize),
    ) -> Result<Option<StreamChunk>, LookupError> {
        let output = self.output(handle)?;
        Ok(output.map(|output| output.read_stream(stream, from, limit)))
    }

    /// Reads what has come since this cursor was last used, at most `limit` bytes, and moves it on.
    /// It never waits for output.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle that is none of this owner's; the cursor stays.
    ///
    /// # Cancel safety
    ///
    /// Safe: the cursor is moved when the chunk is there.
    pub async fn poll(
        &self,
        handle: ProcessHandle,
        cursor: &mut Cursor,
        limit: usize,
    ) -> Result<Option<Chunk>, LookupError> {
        let chunk = self.read(handle, cursor.offset(), limit).await?;
        if let Some(chunk) = &chunk {
            *cursor = chunk.next;
        }
        Ok(chunk)
    }

    /// How the captured output of a process stands: what came, what is not kept, what is still open.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle that is none of this owner's.
    pub fn output_status(
        &self,
        handle: ProcessHandle,
    ) -> Result<Option<OutputStatus>, LookupError> {
        Ok(self.output(handle)?.map(|output| output.status()))
    }

    /// Who keeps the captured output of a process open: see
    /// [`output_holders`](crate::ProcessManager::output_holders).
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle that is none of this owner's.
    pub fn output_holders(&self, handle: ProcessHandle) -> Result<OutputHolders, LookupError> {
        self.find(handle)?;
        self.manager.output_holders(handle)
    }

    /// Waits until the first of some conditions is met: see
    /// [`wait_for`](crate::ProcessManager::wait_for).
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle that is none of this owner's.
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
        self.find(handle)?;
        self.manager.wait_for(handle, conditions, within).await
    }
}

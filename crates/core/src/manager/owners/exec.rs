//! Commands of one owner: its sessions are its own, and their numbers mean nothing to anybody else.

use super::super::Inner;
use super::Owner;
use crate::config::ProcessConfig;
use crate::exec::{
    self, ExecCommand, ExecError, ExecEvents, ExecResponse, Launcher, PauseGuard, SessionInfo,
    SessionReceipt, Sessions, Wanted, WriteStdin,
};
use crate::manager::registry::Entry;
use crate::owner::OwnerId;
use crate::owner::book::Key;
use crate::process::StartError;
use std::pin::Pin;
use std::sync::Arc;

/// Starts for one owner, and for no later one of its name.
struct ForOwner {
    inner: Arc<Inner>,
    key: Key,
}

impl Launcher for ForOwner {
    fn launch(
        &self,
        config: ProcessConfig,
        _: OwnerId,
    ) -> Pin<Box<dyn Future<Output = Result<Arc<Entry>, StartError>> + Send>> {
        let (inner, key) = (Arc::clone(&self.inner), self.key.clone());
        Box::pin(async move { inner.begin(config, &key, true).await })
    }

    fn spawn(&self, task: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.inner.runtime.spawn(task);
    }
}

impl Owner {
    fn sessions(&self) -> Result<Arc<Sessions>, ExecError> {
        let inner = &self.manager.inner;
        // First found, then asked: those of an owner that has ended meanwhile are in no list.
        let sessions = inner.sessions_for(&self.key);
        if inner.owners.with(|book| book.is_open(&self.key)) {
            return Ok(sessions);
        }
        let owner = self.key.id.clone();
        Err(ExecError::OwnerEnded { owner })
    }

    /// Starts a command in a shell and waits for its end: see
    /// [`exec_command`](crate::ProcessManager::exec_command). Its process is this owner's, counts
    /// against its limits and ends with it; its number is known to this owner only.
    ///
    /// # Errors
    ///
    /// [`ExecError`]; nothing of the command is left running.
    ///
    /// # Cancel safety
    ///
    /// As there.
    pub async fn exec_command(&self, command: ExecCommand) -> Result<ExecResponse, ExecError> {
        let launcher = ForOwner {
            inner: Arc::clone(&self.manager.inner),
            key: self.key.clone(),
        };
        exec::exec_command(&self.sessions()?, &launcher, command).await
    }

    /// Writes to a session of this owner, or to none of it, and waits for what it says: see
    /// [`write_stdin`](crate::ProcessManager::write_stdin).
    ///
    /// # Errors
    ///
    /// [`ExecError`].
    ///
    /// # Cancel safety
    ///
    /// As there.
    pub async fn write_stdin(&self, write: WriteStdin) -> Result<ExecResponse, ExecError> {
        exec::write_stdin(&self.sessions()?, write).await
    }

    /// The sessions of this owner whose commands have not ended, by number.
    ///
    /// # Errors
    ///
    /// [`ExecError::OwnerEnded`].
    pub fn list_sessions(&self) -> Result<Vec<SessionInfo>, ExecError> {
        Ok(self.sessions()?.list())
    }

    /// Stops a session with all its tree: see
    /// [`stop_session`](crate::ProcessManager::stop_session).
    ///
    /// # Errors
    ///
    /// [`ExecError::UnknownProcessId`], [`ExecError::OwnerEnded`].
    ///
    /// # Cancel safety
    ///
    /// The stop goes on also when the future is dropped.
    pub async fn stop_session(&self, session_id: i32) -> Result<SessionReceipt, ExecError> {
        self.sessions()?.end(session_id, Wanted::Stop).await
    }

    /// Kills a session with all its tree, without asking; answers whether its command was running.
    ///
    /// # Errors
    ///
    /// [`ExecError::OwnerEnded`].
    ///
    /// # Cancel safety
    ///
    /// As [`Owner::stop_session`].
    pub async fn kill_session(&self, session_id: i32) -> Result<bool, ExecError> {
        Ok(self.sessions()?.kill(session_id).await)
    }

    /// Kills all sessions of this owner, and waits until they are gone.
    ///
    /// # Errors
    ///
    /// [`ExecError::OwnerEnded`].
    ///
    /// # Cancel safety
    ///
    /// As [`Owner::stop_session`].
    pub async fn end_sessions(&self) -> Result<Vec<SessionReceipt>, ExecError> {
        Ok(self.sessions()?.end_all().await)
    }

    /// Denies a session of this owner what it tried: see
    /// [`deny_session`](crate::ProcessManager::deny_session).
    ///
    /// # Errors
    ///
    /// [`ExecError::UnknownProcessId`], [`ExecError::OwnerEnded`].
    pub fn deny_session(&self, session_id: i32, message: &str) -> Result<bool, ExecError> {
        self.sessions()?.deny(session_id, message)
    }

    /// Keeps the waits of this owner's calls from running out while the guard is held.
    ///
    /// # Errors
    ///
    /// [`ExecError::OwnerEnded`].
    pub fn pause_exec(&self) -> Result<PauseGuard, ExecError> {
        Ok(self.sessions()?.pause())
    }

    /// What happens to this owner's sessions from here on.
    ///
    /// # Errors
    ///
    /// [`ExecError::OwnerEnded`].
    pub fn exec_events(&self) -> Result<ExecEvents, ExecError> {
        Ok(self.sessions()?.events())
    }
}

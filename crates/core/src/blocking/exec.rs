//! Commands of agents, for programs without an async runtime.
//!
//! Apart from the other verbs only because they are many. Each is the async one, waited for.

use super::ProcessManager;
use crate::exec::{
    ExecCommand, ExecError, ExecEvents, ExecResponse, ExportedSession, Imported, PauseGuard,
    SessionInfo, SessionReceipt, Told, WriteStdin,
};
use std::io;
use std::time::Duration;

impl ProcessManager {
    /// As [`crate::ProcessManager::exec_command`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn exec_command(&self, command: ExecCommand) -> Result<ExecResponse, ExecError> {
        self.block_on(self.manager.exec_command(command))
    }

    /// As [`crate::ProcessManager::write_stdin`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn write_stdin(&self, write: WriteStdin) -> Result<ExecResponse, ExecError> {
        self.block_on(self.manager.write_stdin(write))
    }

    /// As [`crate::ProcessManager::list_sessions`].
    #[must_use]
    pub fn list_sessions(&self) -> Vec<SessionInfo> {
        self.manager.list_sessions()
    }

    /// As [`crate::ProcessManager::stop_session`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn stop_session(&self, session_id: i32) -> Result<SessionReceipt, ExecError> {
        self.block_on(self.manager.stop_session(session_id))
    }

    /// As [`crate::ProcessManager::kill_session`].
    #[must_use = "it says whether there was anything to kill"]
    pub fn kill_session(&self, session_id: i32) -> bool {
        self.block_on(self.manager.kill_session(session_id))
    }

    /// As [`crate::ProcessManager::end_sessions`].
    #[must_use = "the receipts name survivors"]
    pub fn end_sessions(&self) -> Vec<SessionReceipt> {
        self.block_on(self.manager.end_sessions())
    }

    /// As [`crate::ProcessManager::deny_session`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn deny_session(&self, session_id: i32, message: &str) -> Result<bool, ExecError> {
        self.manager.deny_session(session_id, message)
    }

    /// As [`crate::ProcessManager::export_sessions`].
    pub fn export_sessions(&self) -> Vec<ExportedSession> {
        self.manager.export_sessions()
    }

    /// As [`crate::ProcessManager::import_sessions`].
    pub fn import_sessions(&self, sessions: Vec<ExportedSession>) -> Imported {
        self.manager.import_sessions(sessions)
    }

    /// As [`crate::ProcessManager::pause_exec`].
    pub fn pause_exec(&self) -> PauseGuard {
        self.manager.pause_exec()
    }

    /// As [`crate::ProcessManager::exec_events`].
    #[must_use]
    pub fn exec_events(&self) -> ExecEvents {
        self.manager.exec_events()
    }

    /// Waits for the next event, for so long at the most.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::TimedOut`] where nothing happened.
    pub fn wait_exec_event(
        &self,
        events: &mut ExecEvents,
        most: Duration,
    ) -> io::Result<Option<Told>> {
        let wait = async { tokio::time::timeout(most, events.next()).await };
        self.block_on(wait)
            .map_err(|_| io::ErrorKind::TimedOut.into())
    }
}

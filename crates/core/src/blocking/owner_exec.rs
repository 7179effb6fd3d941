//! Commands of one owner, for programs without an async runtime.

use super::owner::Owner;
use crate::exec::{
    ExecCommand, ExecError, ExecEvents, ExecResponse, PauseGuard, SessionInfo, SessionReceipt,
    WriteStdin,
};

impl Owner {
    /// As [`crate::owner::Owner::exec_command`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn exec_command(&self, command: ExecCommand) -> Result<ExecResponse, ExecError> {
        self.manager()
            .block_on(self.as_async().exec_command(command))
    }

    /// As [`crate::owner::Owner::write_stdin`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn write_stdin(&self, write: WriteStdin) -> Result<ExecResponse, ExecError> {
        self.manager().block_on(self.as_async().write_stdin(write))
    }

    /// As [`crate::owner::Owner::list_sessions`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn list_sessions(&self) -> Result<Vec<SessionInfo>, ExecError> {
        self.as_async().list_sessions()
    }

    /// As [`crate::owner::Owner::stop_session`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn stop_session(&self, session_id: i32) -> Result<SessionReceipt, ExecError> {
        self.manager()
            .block_on(self.as_async().stop_session(session_id))
    }

    /// As [`crate::owner::Owner::kill_session`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn kill_session(&self, session_id: i32) -> Result<bool, ExecError> {
        self.manager()
            .block_on(self.as_async().kill_session(session_id))
    }

    /// As [`crate::owner::Owner::end_sessions`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn end_sessions(&self) -> Result<Vec<SessionReceipt>, ExecError> {
        self.manager().block_on(self.as_async().end_sessions())
    }

    /// As [`crate::owner::Owner::deny_session`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn deny_session(&self, session_id: i32, message: &str) -> Result<bool, ExecError> {
        self.as_async().deny_session(session_id, message)
    }

    /// As [`crate::owner::Owner::pause_exec`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn pause_exec(&self) -> Result<PauseGuard, ExecError> {
        self.as_async().pause_exec()
    }

    /// As [`crate::owner::Owner::exec_events`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn exec_events(&self) -> Result<ExecEvents, ExecError> {
        self.as_async().exec_events()
    }
}

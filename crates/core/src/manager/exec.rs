//! The verbs of a manager for commands of agents.

use super::{Inner, ProcessManager};
use crate::config::ProcessConfig;
use crate::exec::{
    self, ExecCommand, ExecError, ExecEvents, ExecResponse, ExportedSession, Imported, Launcher,
    PauseGuard, SessionInfo, SessionReceipt, Wanted, WriteStdin,
};
use crate::manager::registry::Entry;
use crate::owner::OwnerId;
use crate::process::StartError;
use std::pin::Pin;
use std::sync::Arc;

impl Launcher for Arc<Inner> {
    fn launch(
        &self,
        config: ProcessConfig,
        owner: OwnerId,
    ) -> Pin<Box<dyn Future<Output = Result<Arc<Entry>, StartError>> + Send>> {
        let inner = Arc::clone(self);
        Box::pin(async move { inner.start(config, owner, true).await })
    }

    fn spawn(&self, task: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.runtime.spawn(task);
    }
}

impl ProcessManager {
    /// Starts a command in a shell and waits for its end, for as long as the call says. One that has
    /// not ended by then is a session: its number is in the answer, and
    /// [`write_stdin`](ProcessManager::write_stdin) goes on with it.
    ///
    /// The wait is over at its time whatever the start and the command do; only what an
    /// [`Approver`](exec::Approver) takes to decide, and what is
    /// [paused](ProcessManager::pause_exec), does not count. Output does not end it early. The
    /// process is one of this manager, held by containment and ended with its owner like any other.
    ///
    /// # Errors
    ///
    /// [`ExecError`]; nothing of the command is left running.
    ///
    /// # Cancel safety
    ///
    /// A call that is given up while somebody is asked starts nothing. After that its command goes
    /// on, is in the [list](ProcessManager::list_sessions), and loses no output.
    pub async fn exec_command(&self, command: ExecCommand) -> Result<ExecResponse, ExecError> {
        exec::exec_command(&self.inner.owned.host, &self.inner, command).await
    }

    /// Writes to a session, or to none of it, and waits for what it says: all that came since the
    /// last answer. Only the end of the command ends the wait early.
    ///
    /// Calls on one session come one after the other, for which each waits at most 30 s or its own
    /// time, whichever is longer. A session that has ended answers once with its last output and from then
    /// on with what is kept of it.
    ///
    /// # Errors
    ///
    /// [`ExecError`].
    ///
    /// # Cancel safety
    ///
    /// Output that was collected for a call that is given up is in the next answer. What was to be
    /// written may be written still.
    pub async fn write_stdin(&self, write: WriteStdin) -> Result<ExecResponse, ExecError> {
        exec::write_stdin(&self.inner.owned.host, write).await
    }

    /// The sessions whose commands have not ended, by number.
    #[must_use]
    pub fn list_sessions(&self) -> Vec<SessionInfo> {
        self.inner.owned.host.list()
    }

    /// Stops a session with all its tree: asks it to end, waits its grace, kills it. What is left of
    /// one whose command has ended is stopped too. It is no error if nothing is left.
    ///
    /// # Errors
    ///
    /// [`ExecError::UnknownProcessId`].
    ///
    /// # Cancel safety
    ///
    /// The stop goes on also when the future is dropped.
    pub async fn stop_session(&self, session_id: i32) -> Result<SessionReceipt, ExecError> {
        self.inner.owned.host.end(session_id, Wanted::Stop).await
    }

    /// Kills a session with all its tree, without asking; answers whether its command was running.
    ///
    /// # Cancel safety
    ///
    /// As [`ProcessManager::stop_session`].
    pub async fn kill_session(&self, session_id: i32) -> bool {
        self.inner.owned.host.kill(session_id).await
    }

    /// Kills all sessions, and waits until they are gone. Their numbers go on answering.
    ///
    /// # Cancel safety
    ///
    /// As [`ProcessManager::stop_session`].
    pub async fn end_sessions(&self) -> Vec<SessionReceipt> {
        self.inner.owned.host.end_all().await
    }

    /// Denies a session what it tried, as a proxy of its network does: its tree is killed, and calls
    /// on it are answered with the message. Answers whether it was the first message, and in time: it
    /// may come up to 100 ms after the end, where the profile [expects](exec::ExecProfile::late_denials)
    /// that.
    ///
    /// # Errors
    ///
    /// [`ExecError::UnknownProcessId`].
    pub fn deny_session(&self, session_id: i32, message: &str) -> Result<bool, ExecError> {
        self.inner.owned.host.deny(session_id, message)
    }

    /// Takes all sessions out of the list, by number: here they are unknown from now on and their
    /// numbers are free. Their processes go on and what they write is kept, for
    /// [`import_sessions`](ProcessManager::import_sessions).
    pub fn export_sessions(&self) -> Vec<ExportedSession> {
        self.inner.owned.host.export()
    }

    /// Puts sessions into the list. One whose number stands for another session here is handed back.
    /// What they wrote meanwhile is in the next answer, and ends that came are told now.
    pub fn import_sessions(&self, sessions: Vec<ExportedSession>) -> Imported {
        self.inner.owned.host.import(sessions)
    }

    /// Keeps the waits of all calls from running out while the guard is held: for the time in which a
    /// person is asked something.
    pub fn pause_exec(&self) -> PauseGuard {
        self.inner.owned.host.pause()
    }

    /// What happens to the sessions from here on.
    #[must_use]
    pub fn exec_events(&self) -> ExecEvents {
        self.inner.owned.host.events()
    }
}

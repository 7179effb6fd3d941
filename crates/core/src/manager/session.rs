//! The verbs of a manager for talking to its processes.

use super::ProcessManager;
use super::registry::Entry;
use crate::output::Captured;
use crate::process::ProcessHandle;
use crate::session::{
    InputState, Interrupted, Refusal, ScreenSize, ScreenView, Session, SessionError, WriteOptions,
    Written, key_bytes, read_keys,
};
use handfast_reaper::wire::Scope;

const INTERRUPT: i32 = 2;

/// Ctrl-C, for a program that takes all keys itself.
const CTRL_C: u8 = 0x03;

impl ProcessManager {
    /// Writes to a process that was started with a terminal
    /// ([`terminal`](crate::config::ProcessConfigBuilder::terminal)) or with
    /// [`Stdin::Written`](crate::config::Stdin::Written). Answers how many bytes the system has taken
    /// when all of them are, when the time is up, or when nobody reads any more; at most
    /// [`WRITE_BYTES`](crate::session::WRITE_BYTES) at once. Writes to one process keep their order.
    ///
    /// A terminal in canonical mode cuts lines that are too long without a word. Such a line is
    /// refused before anything of the write is done.
    ///
    /// A write with a [`write_id`](WriteOptions::write_id) that has been done before is answered as
    /// it was then and not done again. An id under which nothing was taken is free to be used again.
    ///
    /// # Errors
    ///
    /// [`SessionError`]; nothing was written.
    ///
    /// # Cancel safety
    ///
    /// A write that is no longer waited for may still be done, within its time. Repeat it with its
    /// `write_id` to learn what became of it.
    pub async fn write(
        &self,
        handle: ProcessHandle,
        bytes: impl Into<Vec<u8>>,
        options: WriteOptions,
    ) -> Result<Written, SessionError> {
        let entry = self.inner.registry.find(handle)?;
        let written = session(&entry)?.write(bytes.into(), options).await;
        written.map_err(refused(&entry))
    }

    /// Ends the input of a process: closes its pipe, or writes the end-of-file character of its
    /// terminal, after a line end where a line was begun. A terminal stays open, and may be written
    /// to again. It is done after the writes before it, within the 5 s of [`WriteOptions`].
    ///
    /// # Errors
    ///
    /// [`SessionError`]. A pipe that is closed already is no error.
    ///
    /// # Cancel safety
    ///
    /// As [`ProcessManager::write`].
    pub async fn close_stdin(&self, handle: ProcessHandle) -> Result<(), SessionError> {
        let entry = self.inner.registry.find(handle)?;
        let closed = session(&entry)?.close(WriteOptions::default().deadline);
        closed.await.map_err(refused(&entry))
    }

    /// Presses keys on the terminal of a process, by [name](crate::session::read_keys), as they are
    /// encoded in the modes that the program has asked for: `"'ls' enter"`, `"ctrl-c up*2"`.
    ///
    /// # Errors
    ///
    /// [`SessionError`]; nothing was written.
    ///
    /// # Cancel safety
    ///
    /// As [`ProcessManager::write`].
    pub async fn press(
        &self,
        handle: ProcessHandle,
        keys: &str,
        options: WriteOptions,
    ) -> Result<Written, SessionError> {
        let entry = self.inner.registry.find(handle)?;
        let (session, captured) = terminal(&entry)?;
        let strokes = read_keys(keys)?;
        let modes = session.input_modes(captured).map_err(refused(&entry))?;
        let bytes = key_bytes(&strokes, modes)?;
        let written = session.write(bytes, options).await;
        written.map_err(refused(&entry))
    }

    /// Gives the terminal of a process another size; its foreground programs are told (SIGWINCH).
    ///
    /// # Errors
    ///
    /// [`SessionError`]; the size stays as it was.
    pub fn resize(&self, handle: ProcessHandle, size: ScreenSize) -> Result<(), SessionError> {
        let entry = self.inner.registry.find(handle)?;
        let (session, _) = terminal(&entry)?;
        session.resize(size).map_err(refused(&entry))
    }

    /// Interrupts a process as Ctrl-C would: what is in the foreground of its terminal, or, without
    /// one, the group of its leader. It gets through also when the process does not read its
    /// terminal: it is not written there, so it is not echoed, and input that nobody has read yet is
    /// thrown away. [`press`](ProcessManager::press) with `ctrl-c` writes it, behind what was
    /// written before.
    ///
    /// # Errors
    ///
    /// [`SessionError`]; nobody was interrupted.
    ///
    /// # Cancel safety
    ///
    /// It is done also when the future is dropped.
    pub async fn interrupt(&self, handle: ProcessHandle) -> Result<Interrupted, SessionError> {
        let entry = self.inner.registry.find(handle)?;
        if entry.record.config.terminal().is_none() {
            self.signal(handle, INTERRUPT, Scope::Group).await?;
            return Ok(Interrupted::Group);
        }
        let (session, _) = terminal(&entry)?;
        if session.interrupt().map_err(refused(&entry))? {
            return Ok(Interrupted::Foreground);
        }
        let written = session.write(vec![CTRL_C], WriteOptions::default()).await;
        written.map_err(refused(&entry))?;
        Ok(Interrupted::Key)
    }

    /// What the terminal of a process shows now: all that has come is drawn first. The first call
    /// makes the screen, from the output that is kept; from then on it is kept up to date. Works also
    /// when the process is over.
    ///
    /// # Errors
    ///
    /// [`SessionError`] for a process without a terminal.
    pub fn screen(&self, handle: ProcessHandle) -> Result<ScreenView, SessionError> {
        let entry = self.inner.registry.find(handle)?;
        let (session, captured) = terminal(&entry)?;
        session.screen(captured).map_err(refused(&entry))
    }

    /// The bytes that draw the screen of a process on another terminal of the same size, and put
    /// that into the same modes. [`RELEASE`](crate::session::RELEASE) undoes it.
    ///
    /// # Errors
    ///
    /// As [`ProcessManager::screen`].
    pub fn redraw(&self, handle: ProcessHandle) -> Result<Vec<u8>, SessionError> {
        let entry = self.inner.registry.find(handle)?;
        let (session, captured) = terminal(&entry)?;
        session.redraw(captured).map_err(refused(&entry))
    }

    /// Whether the foreground program of a terminal waits for input. It reads `/proc` now, which
    /// takes some milliseconds on a busy host; nothing is polled between two calls.
    ///
    /// # Errors
    ///
    /// [`SessionError`] for a process without a terminal.
    ///
    /// # Platforms
    ///
    /// Linux tells those who may trace the process: its user, unless a security policy forbids it,
    /// and root. Others are answered [`InputState::Hidden`], or what the kernel's own place tells.
    pub fn input_state(&self, handle: ProcessHandle) -> Result<InputState, SessionError> {
        let entry = self.inner.registry.find(handle)?;
        let (session, captured) = terminal(&entry)?;
        session.state(captured).map_err(refused(&entry))
    }
}

fn session(entry: &Entry) -> Result<&Session, SessionError> {
    let handle = entry.record.handle;
    entry
        .session
        .as_ref()
        .ok_or(SessionError::NoInput { handle })
}

fn terminal(entry: &Entry) -> Result<(&Session, &Captured), SessionError> {
    let handle = entry.record.handle;
    let not = SessionError::NotATerminal { handle };
    entry.record.config.terminal().ok_or(not.clone())?;
    entry.session.as_ref().zip(entry.output.as_ref()).ok_or(not)
}

/// The error of a session, with the name of its process.
fn refused(entry: &Entry) -> impl FnOnce(Refusal) -> SessionError {
    move |refusal| {
        let is_over = entry.seen.borrow().is_over();
        SessionError::of(entry.record.handle, is_over, refusal)
    }
}

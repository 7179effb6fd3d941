//! How an owner talks to its processes.

use super::Owner;
use crate::process::ProcessHandle;
use crate::session::{
    InputState, Interrupted, ScreenSize, ScreenView, SessionError, WriteOptions, Written,
};

impl Owner {
    /// Writes to a process: see [`write`](crate::ProcessManager::write).
    ///
    /// # Errors
    ///
    /// [`SessionError`]; nothing was written.
    ///
    /// # Cancel safety
    ///
    /// As there.
    pub async fn write(
        &self,
        handle: ProcessHandle,
        bytes: impl Into<Vec<u8>>,
        options: WriteOptions,
    ) -> Result<Written, SessionError> {
        self.find(handle)?;
        self.manager.write(handle, bytes, options).await
    }

    /// Ends the input of a process: see [`close_stdin`](crate::ProcessManager::close_stdin).
    ///
    /// # Errors
    ///
    /// [`SessionError`]; its input stays as it was.
    ///
    /// # Cancel safety
    ///
    /// As there.
    pub async fn close_stdin(&self, handle: ProcessHandle) -> Result<(), SessionError> {
        self.find(handle)?;
        self.manager.close_stdin(handle).await
    }

    /// Presses keys on the terminal of a process: see [`press`](crate::ProcessManager::press).
    ///
    /// # Errors
    ///
    /// [`SessionError`]; nothing was written.
    ///
    /// # Cancel safety
    ///
    /// As there.
    pub async fn press(
        &self,
        handle: ProcessHandle,
        keys: &str,
        options: WriteOptions,
    ) -> Result<Written, SessionError> {
        self.find(handle)?;
        self.manager.press(handle, keys, options).await
    }

    /// Gives the terminal of a process another size: see [`resize`](crate::ProcessManager::resize).
    ///
    /// # Errors
    ///
    /// [`SessionError`]; the size stays as it was.
    pub fn resize(&self, handle: ProcessHandle, size: ScreenSize) -> Result<(), SessionError> {
        self.find(handle)?;
        self.manager.resize(handle, size)
    }

    /// Interrupts a process as Ctrl-C would: see [`interrupt`](crate::ProcessManager::interrupt).
    ///
    /// # Errors
    ///
    /// [`SessionError`]; nobody was interrupted.
    ///
    /// # Cancel safety
    ///
    /// As there.
    pub async fn interrupt(&self, handle: ProcessHandle) -> Result<Interrupted, SessionError> {
        self.find(handle)?;
        self.manager.interrupt(handle).await
    }

    /// What the terminal of a process shows now: see [`screen`](crate::ProcessManager::screen).
    ///
    /// # Errors
    ///
    /// [`SessionError`]; it has no terminal, or is none of this owner's.
    pub fn screen(&self, handle: ProcessHandle) -> Result<ScreenView, SessionError> {
        self.find(handle)?;
        self.manager.screen(handle)
    }

    /// The bytes that draw the screen of a process on another terminal: see [`redraw`](crate::ProcessManager::redraw).
    ///
    /// # Errors
    ///
    /// [`SessionError`]; as [`Owner::screen`].
    pub fn redraw(&self, handle: ProcessHandle) -> Result<Vec<u8>, SessionError> {
        self.find(handle)?;
        self.manager.redraw(handle)
    }

    /// Whether the foreground program of a terminal waits for input: see [`input_state`](crate::ProcessManager::input_state).
    ///
    /// # Errors
    ///
    /// [`SessionError`]; as [`Owner::screen`].
    pub fn input_state(&self, handle: ProcessHandle) -> Result<InputState, SessionError> {
        self.find(handle)?;
        self.manager.input_state(handle)
    }
}

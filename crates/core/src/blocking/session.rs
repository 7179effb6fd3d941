//! Talking to a process, for programs without an async runtime.
//!
//! Apart from the other verbs only because they are many. Each is the async one, waited for.

use super::ProcessManager;
use crate::process::ProcessHandle;
use crate::session::{
    InputState, Interrupted, ScreenSize, ScreenView, SessionError, WriteOptions, Written,
};

impl ProcessManager {
    /// As [`crate::ProcessManager::write`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn write(
        &self,
        handle: ProcessHandle,
        bytes: impl Into<Vec<u8>>,
        options: WriteOptions,
    ) -> Result<Written, SessionError> {
        let bytes = bytes.into();
        self.block_on(self.manager.write(handle, bytes, options))
    }

    /// As [`crate::ProcessManager::close_stdin`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn close_stdin(&self, handle: ProcessHandle) -> Result<(), SessionError> {
        self.block_on(self.manager.close_stdin(handle))
    }

    /// As [`crate::ProcessManager::press`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn press(
        &self,
        handle: ProcessHandle,
        keys: &str,
        options: WriteOptions,
    ) -> Result<Written, SessionError> {
        self.block_on(self.manager.press(handle, keys, options))
    }

    /// As [`crate::ProcessManager::resize`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn resize(&self, handle: ProcessHandle, size: ScreenSize) -> Result<(), SessionError> {
        self.manager.resize(handle, size)
    }

    /// As [`crate::ProcessManager::interrupt`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn interrupt(&self, handle: ProcessHandle) -> Result<Interrupted, SessionError> {
        self.block_on(self.manager.interrupt(handle))
    }

    /// As [`crate::ProcessManager::screen`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn screen(&self, handle: ProcessHandle) -> Result<ScreenView, SessionError> {
        self.manager.screen(handle)
    }

    /// As [`crate::ProcessManager::redraw`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn redraw(&self, handle: ProcessHandle) -> Result<Vec<u8>, SessionError> {
        self.manager.redraw(handle)
    }

    /// As [`crate::ProcessManager::input_state`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn input_state(&self, handle: ProcessHandle) -> Result<InputState, SessionError> {
        self.manager.input_state(handle)
    }
}

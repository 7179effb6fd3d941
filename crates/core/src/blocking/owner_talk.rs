//! What an owner reads of its processes and says to them, for programs without an async runtime.

use super::owner::Owner;
use crate::config::Stream;
use crate::output::{Chunk, Cursor, OutputHolders, OutputStatus, StreamChunk};
use crate::process::{LookupError, ProcessHandle};
use crate::session::{
    InputState, Interrupted, ScreenSize, ScreenView, SessionError, WriteOptions, Written,
};

impl Owner {
    /// As [`owner::Owner::read`](crate::owner::Owner::read).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn read(
        &self,
        handle: ProcessHandle,
        from: u64,
        limit: usize,
    ) -> Result<Option<Chunk>, LookupError> {
        self.manager()
            .block_on(self.as_async().read(handle, from, limit))
    }

    /// As [`owner::Owner::read_stream`](crate::owner::Owner::read_stream).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn read_stream(
        &self,
        handle: ProcessHandle,
        stream: Stream,
        from_limit: (u64, usize),
    ) -> Result<Option<StreamChunk>, LookupError> {
        self.as_async().read_stream(handle, stream, from_limit)
    }

    /// As [`owner::Owner::poll`](crate::owner::Owner::poll).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn poll(
        &self,
        handle: ProcessHandle,
        cursor: &mut Cursor,
        limit: usize,
    ) -> Result<Option<Chunk>, LookupError> {
        self.manager()
            .block_on(self.as_async().poll(handle, cursor, limit))
    }

    /// As [`owner::Owner::output_status`](crate::owner::Owner::output_status).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn output_status(
        &self,
        handle: ProcessHandle,
    ) -> Result<Option<OutputStatus>, LookupError> {
        self.as_async().output_status(handle)
    }

    /// As [`owner::Owner::output_holders`](crate::owner::Owner::output_holders).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn output_holders(&self, handle: ProcessHandle) -> Result<OutputHolders, LookupError> {
        self.as_async().output_holders(handle)
    }

    /// As [`owner::Owner::write`](crate::owner::Owner::write).
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
        self.manager()
            .block_on(self.as_async().write(handle, bytes, options))
    }

    /// As [`owner::Owner::close_stdin`](crate::owner::Owner::close_stdin).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn close_stdin(&self, handle: ProcessHandle) -> Result<(), SessionError> {
        self.manager().block_on(self.as_async().close_stdin(handle))
    }

    /// As [`owner::Owner::press`](crate::owner::Owner::press).
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
        self.manager()
            .block_on(self.as_async().press(handle, keys, options))
    }

    /// As [`owner::Owner::resize`](crate::owner::Owner::resize).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn resize(&self, handle: ProcessHandle, size: ScreenSize) -> Result<(), SessionError> {
        self.as_async().resize(handle, size)
    }

    /// As [`owner::Owner::interrupt`](crate::owner::Owner::interrupt).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn interrupt(&self, handle: ProcessHandle) -> Result<Interrupted, SessionError> {
        self.manager().block_on(self.as_async().interrupt(handle))
    }

    /// As [`owner::Owner::screen`](crate::owner::Owner::screen).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn screen(&self, handle: ProcessHandle) -> Result<ScreenView, SessionError> {
        self.as_async().screen(handle)
    }

    /// As [`owner::Owner::redraw`](crate::owner::Owner::redraw).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn redraw(&self, handle: ProcessHandle) -> Result<Vec<u8>, SessionError> {
        self.as_async().redraw(handle)
    }

    /// As [`owner::Owner::input_state`](crate::owner::Owner::input_state).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn input_state(&self, handle: ProcessHandle) -> Result<InputState, SessionError> {
        self.as_async().input_state(handle)
    }
}

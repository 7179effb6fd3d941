//! A pipe whose write end every member inherits: its end-of-file says that all of them are gone.
//!
//! Give the held end to the tree as its stderr or stdout. Two things keep the pipe open that are not
//! members: the `Command` that it was given to (drop it after the spawn) and a member's closing of
//! all descriptors ends its part early (use the [`Oracle`](crate::Oracle) for such trees).

use std::io::{PipeReader, PipeWriter, Read, pipe};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use crate::ready;

/// The reading end, and what the members wrote into it.
#[derive(Debug)]
pub struct Witness {
    reader: PipeReader,
    said: Vec<u8>,
    ended: bool,
}

impl Witness {
    /// Makes a witness and the end that the tree must hold.
    ///
    /// # Panics
    /// When the system has no pipe to give.
    #[must_use]
    pub fn new() -> (Self, PipeWriter) {
        let (reader, held) = pipe().expect("the system has a pipe for a test");
        (
            Self {
                reader,
                said: Vec::new(),
                ended: false,
            },
            held,
        )
    }

    /// Waits until the last holder is gone; false when someone still held it after `within`.
    ///
    /// # Panics
    /// When reading the pipe fails.
    pub fn wait_eof(&mut self, within: Duration) -> bool {
        let deadline = Instant::now() + within;
        let mut piece = [0; 4096];
        while !self.ended && ready::wait(&self.reader, PollFlags::IN, deadline) {
            let read = self
                .reader
                .read(&mut piece)
                .expect("our own pipe is readable");
            self.said.extend_from_slice(&piece[..read]);
            self.ended = read == 0;
        }
        self.ended
    }

    /// What the members wrote into the witness, as far as it was read by [`Witness::wait_eof`].
    #[must_use]
    pub fn said(&self) -> &[u8] {
        &self.said
    }
}

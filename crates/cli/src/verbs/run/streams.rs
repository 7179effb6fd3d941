//! The caller's three streams, passed on as they are: nothing is read, copied or changed.
//!
//! What must stay true: once the program runs without `--tty`, handfast holds neither its input nor its output any
//! more. A writer gets its broken pipe, and a reader its end-of-file, when the program's tree lets
//! go, as it would without handfast; on Windows, where a handle cannot be let go, with handfast. Standard error is kept, for handfast's own messages.
//!
//! A stream that the caller has closed is the null device: that is what a Rust program finds in its
//! place at its start, and it is what the program gets.

use crate::explain::Failure;
use handfast_sys::descriptor::{AsDescriptor, Descriptor};
use handfast_sys::host;
use std::io;
use std::sync::Arc;

/// Copies of the caller's streams, for a config.
#[derive(Debug)]
pub(super) struct Streams {
    pub(super) stdin: Arc<Descriptor>,
    pub(super) stdout: Arc<Descriptor>,
    pub(super) stderr: Arc<Descriptor>,
}

impl Streams {
    /// Takes them.
    pub(super) fn take() -> Result<Streams, Failure> {
        let copy = |stream: io::Result<Descriptor>| {
            let failed = |error| Failure::new("cli.descriptors", "duplicate a stream", &error);
            stream.map(Arc::new).map_err(failed)
        };
        Ok(Streams {
            stdin: copy(io::stdin().as_descriptor().try_clone_to_owned())?,
            stdout: copy(io::stdout().as_descriptor().try_clone_to_owned())?,
            stderr: copy(io::stderr().as_descriptor().try_clone_to_owned())?,
        })
    }

    /// The program has its own now. Ours are kept by the record of the process, so they are made
    /// to refer to nothing; the caller's too, unless they are relayed.
    pub(super) fn let_go(&self, relayed: bool) {
        let (stdin, stdout) = (io::stdin(), io::stdout());
        let copies = [&self.stdin, &self.stdout, &self.stderr].map(|copy| copy.as_descriptor());
        let callers = [stdin.as_descriptor(), stdout.as_descriptor()];
        let callers = callers.into_iter().filter(|_| !relayed);
        for held in copies.into_iter().chain(callers) {
            // Without a null device, and on Windows, it is held for longer, which harms nothing else.
            let _ = host::let_go(held);
        }
    }
}

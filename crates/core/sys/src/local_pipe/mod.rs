//! Connections between processes of one user on Windows: named pipes.
//!
//! It is apart from the channels of Unix because a named pipe has a name that others may take or
//! open. What must stay true: only our own user may open it, nobody may over the network, nobody can
//! have made a pipe of that name before us, and each side knows whose process the other one is
//! before it says a word. All pipes are overlapped, so that a runtime can wait for them.

mod connect;
mod peer;
mod security;
mod server;

#[cfg(test)]
mod tests;

pub use connect::connect;
#[cfg(feature = "async")]
pub(crate) use peer::client;
pub(crate) use peer::server;
pub use peer::{Peer, User};
pub(crate) use security::OwnerOnly;
pub use server::Listener;
pub(crate) use server::{First, instance};

use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};

/// A connection, and who is at the other end.
#[derive(Debug)]
pub struct Connection {
    /// Our end: overlapped, a stream of bytes, not inheritable.
    pub pipe: OwnedHandle,
    /// The other side: a process of our own user.
    pub peer: Peer,
}

impl AsHandle for Connection {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.pipe.as_handle()
    }
}

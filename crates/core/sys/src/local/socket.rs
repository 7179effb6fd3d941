//! A socket that others connect to, before and beside any runtime.
//!
//! It is apart because it outlives the runtime's listener and, on Unix, the program: another one may take it
//! over with the lock that belongs to it. What must stay true: it listens from when it is made until the last
//! who has it drops it.

use crate::channel::Channel;
use crate::descriptor::Descriptor;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixListener;

/// Takes connections; [`crate::connection::Listener`] waits for them.
#[derive(Debug)]
pub struct Socket(UnixListener);

impl Socket {
    pub(super) fn new(listener: UnixListener) -> Socket {
        Socket(listener)
    }

    /// Another descriptor of it, for a runtime.
    #[cfg(feature = "async")]
    pub(crate) fn for_runtime(&self) -> io::Result<UnixListener> {
        let listener = self.0.try_clone()?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    }

    #[cfg(test)]
    pub(super) fn accept(&self) -> io::Result<std::os::unix::net::UnixStream> {
        self.0.accept().map(|(stream, _)| stream)
    }

    /// Puts a file and this socket where a program finds them that has the answered one as its standard
    /// input. Both are shared with that program from then on, and so is a lock of the file.
    ///
    /// # Errors
    ///
    /// What the system says.
    ///
    /// # Platforms
    ///
    /// Windows: `Unsupported`, as [`crate::local::can_hand_over`] says.
    pub fn hand_with(&self, file: &File, word: &[u8]) -> io::Result<Descriptor> {
        let (ours, theirs) = Channel::pair()?;
        ours.send(word, &[file.as_fd(), self.0.as_fd()])?;
        theirs.as_fd().try_clone_to_owned()
    }

    /// Takes what was put at our standard input with the same word.
    ///
    /// # Errors
    ///
    /// `InvalidData` where something else is there; what the system says.
    ///
    /// # Platforms
    ///
    /// Windows: `Unsupported`.
    pub fn take_handed(word: &[u8]) -> io::Result<(File, Socket)> {
        let odd = || io::Error::from(io::ErrorKind::InvalidData);
        let stdin = io::stdin().as_fd().try_clone_to_owned()?;
        let packet = Channel::from_descriptor(stdin)?.try_receive()?;
        let packet = packet.filter(|packet| packet.bytes == word && !packet.truncated);
        let mut packet = packet.ok_or_else(odd)?;
        match (packet.descriptors.pop(), packet.descriptors.pop()) {
            (Some(listener), Some(file)) => Ok((File::from(file), listening(listener)?)),
            _ => Err(odd()),
        }
    }
}

/// It must be one that has a name.
fn listening(socket: OwnedFd) -> io::Result<Socket> {
    let listener = UnixListener::from(socket);
    listener.local_addr()?;
    Ok(Socket(listener))
}

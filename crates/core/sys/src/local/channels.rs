//! Channels to somebody who is not our child: a socket in a folder at which one waits for others.
//!
//! The name is only for finding it; who listens may be handed the socket and need not know where it
//! is. Who connected is asked of the kernel ([`crate::local::peer`]), never believed.

use crate::channel::Channel;
use crate::channel::os::{accept, is_listener, socket};
use rustix::io::Errno;
use rustix::net::{SocketAddrUnix, bind, connect, listen};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

/// How many may wait to be accepted: they are all of one user, and one is enough.
const WAITING: i32 = 16;

/// Waits for others to connect. It does not block.
#[derive(Debug)]
pub struct Listener(OwnedFd);

impl Listener {
    /// Listens at a name that nobody has.
    ///
    /// # Errors
    ///
    /// `AddrInUse` where somebody has it; what the system says.
    pub fn bind(path: &Path) -> io::Result<Listener> {
        let socket = socket()?;
        bind(&socket, &SocketAddrUnix::new(path)?)?;
        listen(&socket, WAITING)?;
        Ok(Listener(socket))
    }

    /// Takes over a descriptor that listens for channels.
    ///
    /// # Errors
    ///
    /// `InvalidInput` where it does not.
    pub fn from_descriptor(descriptor: OwnedFd) -> io::Result<Listener> {
        if is_listener(&descriptor)? {
            Ok(Listener(descriptor))
        } else {
            Err(io::ErrorKind::InvalidInput.into())
        }
    }

    /// Takes one who has connected, or fails with `WouldBlock` where there is nobody.
    ///
    /// # Errors
    ///
    /// What the system says, and `WouldBlock`.
    pub fn accept(&self) -> io::Result<Channel> {
        loop {
            match accept(&self.0) {
                // One that is gone again.
                Err(Errno::INTR | Errno::CONNABORTED) => {}
                accepted => return Channel::from_descriptor(accepted?),
            }
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Channel {
    /// Whether the peer is a process of our own user.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn is_with_our_user(&self) -> io::Result<bool> {
        Ok(super::peer(self.as_fd())?.user == super::user())
    }

    /// Connects to who listens at a name. Does not wait.
    ///
    /// # Errors
    ///
    /// What the system says: `NotFound` where there is no such name, `ConnectionRefused` where nobody
    /// listens any more, `WouldBlock` where too many wait already.
    pub fn connect(path: &Path) -> io::Result<Channel> {
        let socket = socket()?;
        connect(&socket, &SocketAddrUnix::new(path)?)?;
        rustix::io::ioctl_fionbio(&socket, false)?;
        Channel::from_descriptor(socket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local;

    #[test]
    fn who_connects_is_accepted_and_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let listener = Listener::bind(&path).unwrap();
        assert_eq!(
            listener.accept().unwrap_err().kind(),
            io::ErrorKind::WouldBlock
        );
        let ours = Channel::connect(&path).unwrap();
        ours.send(b"hello", &[]).unwrap();
        let theirs = listener.accept().unwrap();
        assert_eq!(theirs.receive().unwrap().unwrap().bytes, b"hello");
        for end in [&ours, &theirs] {
            assert_eq!(local::peer(end.as_fd()).unwrap().user, local::user());
        }
    }

    #[test]
    fn a_name_without_a_listener_is_told_apart_from_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let kind = |path: &Path| Channel::connect(path).unwrap_err().kind();
        assert_eq!(kind(&path), io::ErrorKind::NotFound);
        drop(Listener::bind(&path).unwrap());
        assert_eq!(kind(&path), io::ErrorKind::ConnectionRefused);
        let (end, _other) = Channel::pair().unwrap();
        assert!(Listener::from_descriptor(end.into_descriptor()).is_err());
    }
}

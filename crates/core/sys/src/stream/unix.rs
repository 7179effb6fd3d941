//! Pipes by `pipe2(2)`, close-on-exec; only the host's end does not block.

use std::io;
use std::os::fd::OwnedFd;

pub(super) use tokio::net::unix::pipe::{Receiver, Sender};

pub(super) fn from_child() -> io::Result<(Receiver, OwnedFd)> {
    let (read, write) = crate::child::pipe()?;
    Ok((Receiver::from_owned_fd(read)?, write))
}

pub(super) fn to_child() -> io::Result<(Sender, OwnedFd)> {
    let (read, write) = crate::child::pipe()?;
    Ok((Sender::from_owned_fd(write)?, read))
}

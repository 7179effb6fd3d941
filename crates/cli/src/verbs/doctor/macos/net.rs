//! A socket between doctor and whoever it starts, whose end ends them all.

use handfast_sys::fork_lock;
use std::io;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command};

/// What a host starts ends when this is dropped, or with doctor: each member reads from the other end.
pub(super) struct Net(UnixStream);

impl Drop for Net {
    fn drop(&mut self) {
        // Where nobody has the other end any more there is nobody to tell.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

/// Starts a host; its standard error is the other end of the witness.
pub(super) fn start(mut command: Command) -> io::Result<(Child, UnixStream, Net)> {
    let (witness, held) = UnixStream::pair()?;
    let net = Net(witness.try_clone()?);
    let host = fork_lock::spawn(command.stderr(OwnedFd::from(held)))?;
    Ok((host, witness, net))
}

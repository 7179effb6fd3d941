//! A job around a host and all that it starts, which ends with doctor.

use handfast_sys::fork_lock;
use handfast_sys::tree::windows::{Job, Limits};
use std::io::{self, PipeReader};
use std::os::windows::io::AsHandle;
use std::process::{Child, Command};

/// What it starts ends when this is dropped.
pub(super) struct Net(#[expect(dead_code, reason = "it is held")] Job);

/// Starts a host; its standard error is the other end of the witness.
pub(super) fn start(mut command: Command) -> io::Result<(Child, PipeReader, Net)> {
    let net = Job::new(&Limits::default())?;
    let (witness, held) = io::pipe()?;
    let mut host = fork_lock::spawn(command.stderr(held))?;
    // It has started nothing yet: it waits for an order.
    if let Err(error) = net.take_in(host.as_handle()) {
        // It must not stay outside.
        let _ = host.kill();
        return Err(error);
    }
    Ok((host, witness, Net(net)))
}

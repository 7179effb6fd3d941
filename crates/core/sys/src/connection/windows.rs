//! Windows: a named pipe, of which both sides have checked each other when it was made.
//!
//! A pipe has no half that could be closed, so the other side sees the end only when both are dropped.

use super::Accepted;
use crate::local::{Pipes, Socket, Waiting as Instance};
use crate::local_pipe::client;
use crate::stream::{ReadEnd, WriteEnd, pipe};
use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, IntoRawHandle, OwnedHandle};
use std::sync::Arc;
use tokio::net::windows::named_pipe::NamedPipeServer;
use windows_sys::Win32::Foundation::ERROR_NO_DATA;

pub use crate::local_pipe::Connection;

/// What the other side writes.
pub type Incoming = ReadEnd;

/// What the other side reads. Its drop is no end of that as long as the incoming half is there.
pub type Outgoing = WriteEnd;

pub(super) fn split(connection: Connection) -> io::Result<(Incoming, Outgoing)> {
    pipe::both(connection.pipe)
}

/// A listener: it has the instance that nobody has connected to, and gives it back.
#[derive(Debug)]
pub(super) struct Waiting {
    pipes: Arc<Pipes>,
    instance: Option<NamedPipeServer>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(instance) = self.instance.take() {
            *self.pipes.waiting() = Instance::Known(instance);
        }
    }
}

/// An instance is put on a reactor once, and stays there.
fn on_reactor(instance: OwnedHandle) -> io::Result<NamedPipeServer> {
    // SAFETY: the handle is ours, and given away here.
    unsafe { NamedPipeServer::from_raw_handle(instance.into_raw_handle()) }
}

pub(super) fn listen(socket: &Socket) -> io::Result<Waiting> {
    let pipes = socket.pipes();
    let taken = std::mem::replace(&mut *pipes.waiting(), Instance::Taken);
    let instance = match taken {
        Instance::New(instance) => on_reactor(instance)?,
        Instance::Known(instance) => instance,
        Instance::Taken => return Err(io::ErrorKind::AddrInUse.into()),
    };
    let instance = Some(instance);
    Ok(Waiting { pipes, instance })
}

pub(super) async fn accept(waiting: &mut Waiting) -> io::Result<Accepted> {
    let gone = || io::Error::from(io::ErrorKind::NotConnected);
    let instance = waiting.instance.as_ref().ok_or_else(gone)?;
    loop {
        match instance.connect().await {
            // Somebody who is gone again.
            Err(error) if error.raw_os_error() == Some(ERROR_NO_DATA.cast_signed()) => {
                instance.disconnect()?;
            }
            connected => break connected?,
        }
    }
    // The next one first, so that the name stays taken; where there is none, this one is taken later.
    let next = on_reactor(waiting.pipes.instance()?)?;
    let connected = waiting.instance.replace(next).ok_or_else(gone)?;
    // SAFETY: the pipe is open for as long as `connected` is, which outlives this.
    let peer = client(unsafe { BorrowedHandle::borrow_raw(connected.as_raw_handle()) });
    let (incoming, outgoing) = pipe::both_of(connected);
    Ok(Accepted {
        incoming,
        outgoing,
        peer,
    })
}

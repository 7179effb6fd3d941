//! Windows: a named pipe, of which both sides have checked each other when it was made.
//!
//! A pipe has no half that could be closed, so the other side sees the end only when both are dropped.

use super::Accepted;
use crate::local::{Pipes, Socket, Waiting as Instance};
use crate::local_pipe::client;
use crate::stream::{ReadEnd, WriteEnd, pipe};
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, IntoRawHandle, OwnedHandle};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
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

/// How many may have connected that nobody has looked at: who comes then has to wait, so that a runtime which is
/// client and server at once would wait for itself.
const BACKLOG: usize = 16;

/// A wait for somebody to connect to an instance.
type Connecting = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

/// A listener: it has the instances that nobody has looked at, and gives them back.
pub(super) struct Waiting {
    pipes: Arc<Pipes>,
    /// The waits go first, as each has its instance too.
    instances: Vec<(Connecting, Arc<NamedPipeServer>)>,
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting")
            .field("instances", &self.instances.len())
            .finish_non_exhaustive()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let instances = std::mem::take(&mut self.instances);
        let alone = instances.into_iter().filter_map(|(connecting, instance)| {
            drop(connecting);
            Arc::into_inner(instance)
        });
        *self.pipes.waiting() = Instance::Known(alone.collect());
    }
}

impl Waiting {
    fn add(&mut self, instance: NamedPipeServer) {
        let instance = Arc::new(instance);
        let waits = Arc::clone(&instance);
        let connecting = Box::pin(async move { connected(&waits).await });
        self.instances.push((connecting, instance));
    }

    /// As many as there are to be; the first one is there always.
    fn fill(&mut self) -> io::Result<()> {
        while self.instances.len() < BACKLOG {
            self.add(on_reactor(self.pipes.instance()?)?);
        }
        Ok(())
    }

    /// Cancel safe: a wait that is over is taken out at once.
    async fn next(&mut self) -> (io::Result<()>, Option<NamedPipeServer>) {
        poll_fn(|context| {
            for at in 0..self.instances.len() {
                let Some((connecting, _)) = self.instances.get_mut(at) else {
                    break;
                };
                if let Poll::Ready(done) = connecting.as_mut().poll(context) {
                    let (connecting, instance) = self.instances.swap_remove(at);
                    drop(connecting);
                    return Poll::Ready((done, Arc::into_inner(instance)));
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// Waits until somebody is connected to an instance.
async fn connected(instance: &NamedPipeServer) -> io::Result<()> {
    loop {
        match instance.connect().await {
            // Somebody who is gone again.
            Err(error) if error.raw_os_error() == Some(ERROR_NO_DATA.cast_signed()) => {
                instance.disconnect()?;
            }
            connected => return connected,
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
    let instances = match taken {
        Instance::New(instance) => vec![on_reactor(instance)?],
        Instance::Known(instances) => instances,
        Instance::Taken => return Err(io::ErrorKind::AddrInUse.into()),
    };
    let mut waiting = Waiting {
        pipes,
        instances: Vec::new(),
    };
    instances
        .into_iter()
        .for_each(|instance| waiting.add(instance));
    waiting.fill()?;
    Ok(waiting)
}

pub(super) async fn accept(waiting: &mut Waiting) -> io::Result<Accepted> {
    // First, so that the name stays taken; where there is no room for another one, whoever waits is taken later.
    waiting.fill()?;
    let (done, instance) = waiting.next().await;
    done?;
    let instance = instance.ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected))?;
    // SAFETY: the pipe is open for as long as the instance is, which outlives this.
    let peer = client(unsafe { BorrowedHandle::borrow_raw(instance.as_raw_handle()) });
    let (incoming, outgoing) = pipe::both_of(instance);
    Ok(Accepted {
        incoming,
        outgoing,
        peer,
    })
}

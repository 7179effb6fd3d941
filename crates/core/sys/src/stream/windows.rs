//! Pipes on Windows: named ones, since the system's nameless pipes cannot be waited for by a completion port.
//!
//! Nobody is told the name, it is taken before anybody can connect and closed to everybody but our own
//! user, and there is one instance, to which we connect ourselves at once. The child's end is an ordinary
//! one that blocks, as programs expect. What must stay true: an end that is ours is never inherited.

use crate::child::calls::handle;
use crate::child::wide;
use crate::files::AtPlace;
use crate::local_pipe::OwnerOnly;
use crate::proc::Held;
use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::{
    AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, IntoRawHandle, OwnedHandle,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use tokio::io::ReadBuf;
use tokio::net::windows::named_pipe::NamedPipeServer;
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_FIRST_PIPE_INSTANCE, FILE_FLAG_OVERLAPPED, PIPE_ACCESS_INBOUND, PIPE_ACCESS_OUTBOUND,
};
use windows_sys::Win32::System::Pipes::{
    CreateNamedPipeW, PIPE_READMODE_BYTE, PIPE_REJECT_REMOTE_CLIENTS, PIPE_TYPE_BYTE, PIPE_WAIT,
};

/// What the system keeps before a writer waits, in bytes: as much as a pipe of Linux.
const BUFFER: u32 = 64 << 10;

/// How much is written with one call. What is written goes on by itself until it is taken, so as much may
/// be counted as taken that is in no pipe yet.
const PIECE: usize = 4 << 10;

/// One end, on the completion port of the runtime in which it was made.
#[derive(Debug)]
pub(crate) struct End(NamedPipeServer);

impl End {
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O enabled.
    pub(crate) fn readable(descriptor: OwnedHandle) -> io::Result<Arc<End>> {
        // SAFETY: the handle is ours, and given away here.
        let pipe = unsafe { NamedPipeServer::from_raw_handle(descriptor.into_raw_handle()) };
        Ok(Arc::new(End(pipe?)))
    }

    /// One that is on the reactor.
    pub(crate) fn of(pipe: NamedPipeServer) -> Arc<End> {
        Arc::new(End(pipe))
    }

    /// As [`End::readable`].
    pub(crate) fn writable(descriptor: OwnedHandle) -> io::Result<Arc<End>> {
        End::readable(descriptor)
    }

    pub(crate) fn poll_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_read_ready(context)
    }

    pub(crate) fn poll_read(
        &self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            ready!(self.0.poll_read_ready(context))?;
            match self.try_read(buffer.initialize_unfilled()) {
                Ok(count) => {
                    buffer.advance(count);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// Reads what is there, or fails with `WouldBlock`. That nobody has the other end any more is the end.
    pub(crate) fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.try_read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(0),
            read => read,
        }
    }

    pub(crate) fn poll_writable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_write_ready(context)
    }

    pub(crate) fn poll_write(
        &self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.0.poll_write_ready(context))?;
            match self.try_write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }

    /// Writes what is taken now, or fails with `WouldBlock`.
    pub(crate) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes.get(..PIECE).unwrap_or(bytes))
    }

    /// Seen only by reading.
    pub(super) fn is_over(&self) -> bool {
        false
    }

    /// In two steps: what is taken from the pipe is lost where this process is killed in between.
    pub(super) fn poll_move(
        &self,
        context: &mut Context<'_>,
        place: &super::Place<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut bytes = vec![0; place.most.min(PIECE)];
        let mut buffer = ReadBuf::new(&mut bytes);
        ready!(self.poll_read(context, &mut buffer))?;
        let file = File::from(place.file.try_clone_to_owned()?);
        file.write_all_at(buffer.filled(), place.offset)?;
        Poll::Ready(Ok(buffer.filled().len()))
    }

    /// Another handle of it. The standard library's files wait for each call on such a handle.
    pub(super) fn blocking(&self) -> io::Result<OwnedHandle> {
        self.as_handle().try_clone_to_owned()
    }
}

impl AsHandle for End {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        // SAFETY: the pipe is open for as long as the end is.
        unsafe { BorrowedHandle::borrow_raw(self.0.as_raw_handle()) }
    }
}

/// Nobody can be asked who has a pipe open.
pub(super) fn held(_: &End) -> Option<Held> {
    None
}

pub(super) fn from_child() -> io::Result<(Arc<End>, OwnedHandle)> {
    let (ours, theirs) = inbound()?;
    Ok((End::readable(ours)?, theirs))
}

pub(super) fn to_child() -> io::Result<(Arc<End>, OwnedHandle)> {
    let (ours, theirs) = outbound()?;
    Ok((End::writable(ours)?, theirs))
}

/// A pipe from which we read: (our end, the other).
pub(crate) fn inbound() -> io::Result<(OwnedHandle, OwnedHandle)> {
    pair(PIPE_ACCESS_INBOUND, OpenOptions::new().write(true))
}

/// A pipe to which we write: (our end, the other).
pub(crate) fn outbound() -> io::Result<(OwnedHandle, OwnedHandle)> {
    pair(PIPE_ACCESS_OUTBOUND, OpenOptions::new().read(true))
}

fn pair(direction: u32, theirs: &mut OpenOptions) -> io::Result<(OwnedHandle, OwnedHandle)> {
    let name = name();
    let ours = instance(&name, direction)?;
    // Nobody may share it, and who has it could only take our rights as an anonymous user.
    let theirs = theirs.share_mode(0).security_qos_flags(0).open(&name)?;
    Ok((ours, theirs.into()))
}

fn instance(name: &str, direction: u32) -> io::Result<OwnedHandle> {
    let name = wide(name.as_ref())?;
    let security = OwnerOnly::new()?;
    let attributes = security.attributes()?;
    // SAFETY: the name ends with a zero; the attributes and what they point at live during the call.
    let raw = unsafe {
        CreateNamedPipeW(
            name.as_ptr(),
            direction | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE,
            PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS,
            1,
            BUFFER,
            BUFFER,
            0,
            &raw const attributes,
        )
    };
    // SAFETY: the system has just made this handle for us alone.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle(raw)?) })
}

/// A name that nobody else has: by process, by count, and not to be guessed.
fn name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let random = RandomState::new().build_hasher().finish();
    let pid = std::process::id();
    format!("\\\\.\\pipe\\handfast.{pid}.{count}.{random:016x}")
}

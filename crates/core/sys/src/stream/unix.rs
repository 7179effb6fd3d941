//! Pipes, close-on-exec; only the host's end does not block.

use super::moving::{self, to_file};
use crate::proc::Held;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::unix::AsyncFd;
use tokio::io::{Interest, ReadBuf};

/// One end, on the reactor of the runtime in which it was made.
#[derive(Debug)]
pub(super) struct End(AsyncFd<OwnedFd>);

impl End {
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O enabled.
    fn new(descriptor: OwnedFd, interest: Interest) -> io::Result<Arc<End>> {
        set_blocking(descriptor.as_fd(), false)?;
        // SAFETY: an owned descriptor stays open and the same for as long as it is owned.
        let registered = unsafe { AsyncFd::register_with_interest(descriptor, interest) };
        let end = registered.map_err(|refused| refused.into_parts().1)?;
        Ok(Arc::new(End(end)))
    }

    pub(super) fn readable(descriptor: OwnedFd) -> io::Result<Arc<End>> {
        End::new(descriptor, Interest::READABLE)
    }

    pub(super) fn writable(descriptor: OwnedFd) -> io::Result<Arc<End>> {
        End::new(descriptor, Interest::WRITABLE)
    }

    pub(super) fn poll_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_read_ready(context).map_ok(drop)
    }

    pub(super) fn poll_read(
        &self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let mut guard = ready!(self.0.poll_read_ready(context))?;
            let place = buffer.initialize_unfilled();
            let read = |end: &AsyncFd<OwnedFd>| retry(|| rustix::io::read(end, &mut *place));
            if let Ok(count) = guard.try_io(read) {
                buffer.advance(count?);
                return Poll::Ready(Ok(()));
            }
        }
    }

    pub(super) fn poll_write(
        &self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            let mut guard = ready!(self.0.poll_write_ready(context))?;
            let write = |end: &AsyncFd<OwnedFd>| retry(|| rustix::io::write(end, bytes));
            if let Ok(written) = guard.try_io(write) {
                return Poll::Ready(written);
            }
        }
    }

    pub(super) fn poll_move(
        &self,
        context: &mut Context<'_>,
        place: &super::Place<'_>,
    ) -> Poll<io::Result<usize>> {
        loop {
            let mut guard = ready!(self.0.poll_read_ready(context))?;
            let moved = guard.try_io(|end: &AsyncFd<OwnedFd>| to_file(end.as_fd(), place));
            if let Ok(count) = moved {
                return Poll::Ready(count);
            }
        }
    }

    /// Whether nobody has the other end and nothing is left.
    pub(super) fn is_over(&self) -> bool {
        moving::is_over(self.as_fd())
    }

    /// One of its own for a descriptor that blocks.
    pub(super) fn blocking(&self) -> io::Result<OwnedFd> {
        let descriptor = self.as_fd().try_clone_to_owned()?;
        set_blocking(descriptor.as_fd(), true)?;
        Ok(descriptor)
    }
}

impl AsFd for End {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.get_ref().as_fd()
    }
}

pub(super) fn retry<T>(call: impl FnMut() -> rustix::io::Result<T>) -> io::Result<T> {
    Ok(rustix::io::retry_on_intr(call)?)
}

fn set_blocking(descriptor: BorrowedFd<'_>, blocking: bool) -> io::Result<()> {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    let mut flags = fcntl_getfl(descriptor)?;
    flags.set(OFlags::NONBLOCK, !blocking);
    Ok(fcntl_setfl(descriptor, flags)?)
}

/// What the pipe is, to find out who else has it open.
pub(super) fn held(end: &End) -> Option<Held> {
    Held::by(end.as_fd())
}

pub(super) fn from_child() -> io::Result<(Arc<End>, OwnedFd)> {
    let (read, write) = crate::child::pipe()?;
    Ok((End::new(read, Interest::READABLE)?, write))
}

pub(super) fn to_child() -> io::Result<(Arc<End>, OwnedFd)> {
    let (read, write) = crate::child::pipe()?;
    Ok((End::new(write, Interest::WRITABLE)?, read))
}

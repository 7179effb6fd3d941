//! Reading a stream of a process straight into its store.
//!
//! No buffer of its own and nothing between: bytes go from the pipe into a piece of memory that all
//! pumps of a thread share, and from there into the store, within one poll. So a thousand idle
//! processes cost no buffers. What must stay true: a byte that was read is in the store before
//! anything is awaited; the pump waits for a reader only while one holds the output back.

#[cfg(test)]
use super::model::point;
#[cfg(not(test))]
use super::shared::point;
use super::shared::{Shared, Taken};
use super::status::ReadFault;
use crate::config::Stream;
use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};

/// How much is read at once: what a pipe holds.
const PIECE: usize = 64 * 1024;

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Reads a stream into a store until its end.
pub(super) async fn pump<R>(shared: Arc<Shared>, stream: Stream, mut reader: R)
where
    R: AsyncRead + Unpin,
{
    let fault = loop {
        match poll_fn(|context| take(&shared, stream, &mut reader, context)).await {
            Ok(Taken::Bytes { .. }) => {}
            Ok(Taken::End) => break None,
            Ok(Taken::NoRoom) => shared.room().await,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if is_hang_up(stream, &error) => break None,
            Err(error) => break Some(ReadFault::new(stream, &error)),
        }
    };
    shared.close(stream, fault);
}

/// A terminal whose other side is gone says `EIO` and not end-of-file.
fn is_hang_up(stream: Stream, error: &io::Error) -> bool {
    const EIO: i32 = 5;
    stream == Stream::Terminal && error.raw_os_error() == Some(EIO)
}

/// Reads once, under the lock of the store: the read never waits, and another stream of the process
/// cannot take the same room.
fn take<R: AsyncRead + Unpin>(
    shared: &Shared,
    stream: Stream,
    reader: &mut R,
    context: &mut Context<'_>,
) -> Poll<io::Result<Taken>> {
    point();
    let now = shared.now();
    let taken = SCRATCH.with_borrow_mut(|scratch| {
        scratch.resize(PIECE, 0);
        shared.with_patience(|state| {
            state.read(stream, scratch, now, |place| {
                let mut buffer = ReadBuf::new(place);
                match Pin::new(reader).poll_read(context, &mut buffer) {
                    Poll::Ready(Ok(())) => Ok(buffer.filled().len()),
                    Poll::Ready(Err(error)) => Err(Poll::Ready(error)),
                    Poll::Pending => Err(Poll::Pending),
                }
            })
        })
    });
    match taken {
        Ok(taken) => {
            shared.wake_for(taken);
            Poll::Ready(Ok(taken))
        }
        Err(Poll::Ready(error)) => Poll::Ready(Err(error)),
        Err(Poll::Pending) => Poll::Pending,
    }
}

//! Reading a stream of a process straight into its store.
//!
//! No buffer of its own and nothing between: bytes go from the pipe into a piece of memory that all
//! pumps of a thread share, and from there into the store, within one poll. So a thousand idle
//! processes cost no buffers. What must stay true: a byte that was read is in the store before
//! anything is awaited; the pump waits for a reader only while one holds the output back.

use super::shared::Shared;
use super::status::ReadFault;
use crate::config::Stream;
use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, ReadBuf};

/// How much is read at once: what a pipe holds.
const PIECE: usize = 64 * 1024;

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What one read brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    Bytes,
    End,
    /// Nothing: somebody holds the output back and there is no room.
    NoRoom,
}

/// Reads a stream into a store until its end.
pub(super) async fn pump<R>(shared: Arc<Shared>, stream: Stream, mut reader: R)
where
    R: AsyncRead + Unpin,
{
    let fault = loop {
        match poll_fn(|context| take(&shared, stream, &mut reader, context)).await {
            Ok(Taken::Bytes) => {}
            Ok(Taken::End) => break None,
            Ok(Taken::NoRoom) => shared.room().await,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if is_hang_up(stream, &error) => break None,
            Err(error) => {
                let kind = error.kind();
                break Some(ReadFault { stream, kind });
            }
        }
    };
    shared.close(stream, fault);
}

/// A terminal whose other side is gone says `EIO` and not end-of-file.
fn is_hang_up(stream: Stream, error: &io::Error) -> bool {
    const EIO: i32 = 5;
    stream == Stream::Terminal && error.raw_os_error() == Some(EIO)
}

fn take<R: AsyncRead + Unpin>(
    shared: &Shared,
    stream: Stream,
    reader: &mut R,
    context: &mut Context<'_>,
) -> Poll<io::Result<Taken>> {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.resize(PIECE, 0);
        if shared.is_held() {
            return take_held(shared, stream, (reader, scratch), context);
        }
        let mut buffer = ReadBuf::new(scratch);
        ready!(Pin::new(reader).poll_read(context, &mut buffer))?;
        if buffer.filled().is_empty() {
            return Poll::Ready(Ok(Taken::End));
        }
        shared.append(stream, buffer.filled());
        Poll::Ready(Ok(Taken::Bytes))
    })
}

/// Reads under the lock, so that another stream of the process cannot take the same room. The read
/// never waits.
fn take_held<R: AsyncRead + Unpin>(
    shared: &Shared,
    stream: Stream,
    (reader, scratch): (&mut R, &mut [u8]),
    context: &mut Context<'_>,
) -> Poll<io::Result<Taken>> {
    let now = shared.now();
    let taken = shared.with(|state| {
        let room = state.room().min(scratch.len());
        if room == 0 {
            return Poll::Ready(Ok(Taken::NoRoom));
        }
        let mut buffer = ReadBuf::new(&mut scratch[..room]);
        ready!(Pin::new(reader).poll_read(context, &mut buffer))?;
        if buffer.filled().is_empty() {
            return Poll::Ready(Ok(Taken::End));
        }
        state.store.push(stream, buffer.filled(), now);
        Poll::Ready(Ok(Taken::Bytes))
    });
    shared.tell();
    taken
}

//! The stream of a client, which tells of its end.
//!
//! The SDK answers what is under way before it stops at the end of its input. Waits would keep it for
//! their whole time, so they are told. What must stay true: what was read is handed on unchanged.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::sync::CancellationToken;

pub(crate) struct Input<R> {
    from: R,
    over: CancellationToken,
}

impl<R> Input<R> {
    pub(crate) fn new(from: R, over: CancellationToken) -> Input<R> {
        Input { from, over }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Input<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (before, room) = (to.filled().len(), to.remaining());
        let read = ready!(Pin::new(&mut self.from).poll_read(context, to));
        if read.is_err() || (room > 0 && to.filled().len() == before) {
            self.over.cancel();
        }
        Poll::Ready(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    #[tokio::test]
    async fn the_end_is_told_and_not_before() {
        let over = CancellationToken::new();
        let mut input = Input::new(&b"abc"[..], over.clone());
        let mut three = [0; 3];
        input.read_exact(&mut three).await.unwrap();
        assert_eq!(&three, b"abc");
        assert!(!over.is_cancelled());
        assert_eq!(input.read(&mut three).await.unwrap(), 0);
        assert!(over.is_cancelled());
    }
}

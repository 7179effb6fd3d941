//! What is to be written to one client: a queue with a bound, and who empties it.
//!
//! What must stay true: whoever has something for a client that does not read waits, and nobody else
//! does; a client that takes nothing for the whole patience is cut off.

use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How many lines may wait.
const LINES: usize = 256;

/// How many bytes may wait; a longer line waits alone.
const BYTES: u32 = 4 * 1024 * 1024;

/// The way to one client. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Outbox {
    lines: mpsc::Sender<(Vec<u8>, OwnedSemaphorePermit)>,
    room: Arc<Semaphore>,
}

/// The client is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone;

impl Outbox {
    /// Writes to a client in a task of its own, until every clone is dropped or the client is cut off.
    /// The task ends when everything was written.
    pub(crate) fn to<W: AsyncWrite + Unpin + Send + 'static>(
        to: W,
        patience: Duration,
    ) -> (Outbox, JoinHandle<()>) {
        let (lines, queue) = mpsc::channel(LINES);
        let writing = tokio::spawn(write(to, queue, patience));
        let room = Arc::new(Semaphore::new(BYTES as usize));
        (Outbox { lines, room }, writing)
    }

    /// Waits for room and puts a line in.
    pub(crate) async fn send(&self, line: Vec<u8>) -> Result<(), Gone> {
        let size = u32::try_from(line.len()).unwrap_or(BYTES).min(BYTES);
        let room = Arc::clone(&self.room).acquire_many_owned(size).await;
        let room = room.map_err(|_| Gone)?;
        self.lines.send((line, room)).await.map_err(|_| Gone)
    }

    /// Puts a line in if there is room for it now.
    pub(crate) fn try_send(&self, line: Vec<u8>) -> Result<(), Gone> {
        let size = u32::try_from(line.len()).unwrap_or(BYTES).min(BYTES);
        let room = Arc::clone(&self.room).try_acquire_many_owned(size);
        let room = room.map_err(|_| Gone)?;
        self.lines.try_send((line, room)).map_err(|_| Gone)
    }

    /// Waits until the client is cut off.
    pub(crate) async fn closed(&self) {
        self.lines.closed().await;
    }
}

async fn write<W: AsyncWrite + Unpin>(
    mut to: W,
    mut queue: mpsc::Receiver<(Vec<u8>, OwnedSemaphorePermit)>,
    patience: Duration,
) {
    while let Some((line, _room)) = queue.recv().await {
        let mut rest = line.as_slice();
        while !rest.is_empty() {
            match timeout(patience, to.write(rest)).await {
                Ok(Ok(taken)) if taken > 0 => rest = rest.get(taken..).unwrap_or_default(),
                Ok(_) | Err(_) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_read_is_cut_off_and_one_that_does_is_not() {
        let patience = Duration::from_secs(30);
        let (ours, mut theirs) = tokio::io::duplex(16);
        let (outbox, _) = Outbox::to(ours, patience);
        for _ in 0..8 {
            outbox.send(vec![b'x'; 10]).await.unwrap();
            // Slow, but not dead.
            tokio::time::advance(patience / 2).await;
            let mut read = [0; 10];
            theirs.read_exact(&mut read).await.unwrap();
        }
        outbox.send(vec![b'x'; 100]).await.unwrap();
        outbox.closed().await;
        assert_eq!(outbox.send(vec![b'x']).await, Err(Gone));
    }

    #[tokio::test(start_paused = true)]
    async fn what_waits_has_a_bound_in_bytes_and_in_lines() {
        let (ours, _theirs) = tokio::io::duplex(1);
        let (outbox, _) = Outbox::to(ours, Duration::from_secs(3600));
        assert_eq!(fill(&outbox, vec![b'x'; 1024 * 1024]).await, 4);
        assert_eq!(fill(&outbox, vec![b'x']).await, 0);
    }

    /// How many of these lines find room.
    async fn fill(outbox: &Outbox, line: Vec<u8>) -> usize {
        let mut sent = 0;
        while timeout(Duration::from_secs(1), outbox.send(line.clone()))
            .await
            .is_ok()
        {
            sent += 1;
        }
        sent
    }
}

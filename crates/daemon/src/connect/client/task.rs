//! Reads and writes for a client, over one connection after the other.

use super::way::Way;
use super::{Line, Shared, Told, sort};
use crate::wire::{Frames, LONGEST_FRAME, Secret};
use handfast_sys::connection::{Incoming, Outgoing};
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};

/// How much is read at once.
const PIECE: usize = 64 * 1024;

/// What comes from a daemon.
pub(super) struct Reader {
    from: Incoming,
    frames: Frames,
    piece: Vec<u8>,
    taken: usize,
}

impl Reader {
    pub(super) fn new(from: Incoming) -> Reader {
        Reader {
            from,
            frames: Frames::new(LONGEST_FRAME * 2),
            piece: Vec::with_capacity(PIECE),
            taken: 0,
        }
    }

    /// The next line; `None` at the end. Cancel safe: nothing is held outside of `self` across a wait.
    pub(super) async fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            let mut input = self.piece.get(self.taken..).unwrap_or_default();
            let frame = self.frames.next_in(&mut input);
            self.taken = self.piece.len() - input.len();
            match frame {
                Some(Ok(frame)) => return Some(frame),
                // A line that is too long is an answer that nobody gets; who waits for it is told at the end.
                Some(Err(_)) => continue,
                None => {}
            }
            self.piece.clear();
            self.taken = 0;
            match self.from.read_buf(&mut self.piece).await {
                Ok(read) if read > 0 => {}
                Ok(_) | Err(_) => return None,
            }
        }
    }
}

/// What was begun at a daemon: both directions, and what is to be asked again.
pub(super) type Begun = (Reader, Outgoing, Vec<Arc<Vec<u8>>>);

/// Until the daemon is gone, and no other one goes on for it.
pub(super) async fn talk(
    (from, to): (Incoming, Outgoing),
    mut queue: mpsc::Receiver<Line>,
    (shared, told): (Arc<Shared>, mpsc::Sender<Told>),
    mut way: Option<(Way, oneshot::Receiver<Secret>)>,
) {
    let mut begun: Begun = (Reader::new(from), to, Vec::new());
    let mut secret = None;
    loop {
        let (reader, to, again) = begun;
        tokio::select! {
            () = take(reader, &shared, &told) => {}
            () = write(to, (&mut queue, again), &shared) => {}
        }
        let is_handed_over = shared.handed_over.swap(false, Ordering::AcqRel);
        let Some((way, known)) = way.as_mut().filter(|_| is_handed_over) else {
            break;
        };
        if secret.is_none() {
            secret = known.await.ok();
        }
        let resumed = match &secret {
            Some(secret) => way.resume(secret, (&shared, &told)).await,
            None => None,
        };
        match resumed {
            Some(resumed) => begun = resumed,
            None => break,
        }
    }
    // Who waits is told by the drop of the other side.
    shared.waiting(Option::take);
}

/// Writes what was asked before, and then what comes; never over.
async fn write(
    mut to: Outgoing,
    (queue, again): (&mut mpsc::Receiver<Line>, Vec<Arc<Vec<u8>>>),
    shared: &Shared,
) {
    for line in again {
        if to.write_all(&line).await.is_err() {
            return pending().await;
        }
    }
    while let Some(Line { id, bytes }) = queue.recv().await {
        if let Some(id) = id {
            shared.waiting(|waiting| {
                let asked = waiting.as_mut().and_then(|waiting| waiting.get_mut(&id));
                asked.into_iter().for_each(|asked| asked.written = true);
            });
        }
        if to.write_all(&bytes).await.is_err() {
            // What was answered before is still to be read.
            return pending().await;
        }
    }
    pending().await
}

async fn take(mut reader: Reader, shared: &Shared, told: &mpsc::Sender<Told>) {
    while let Some(frame) = reader.next().await {
        sort(&frame, shared, told);
    }
}

//! The output of one process, page by page.

use crate::explain::Failure;
use crate::link::Asker;
use handfast_daemon::wire::{Info, OutputChunk, Read};
use tokio::sync::mpsc;

/// How much is asked for at once.
const PAGE: u64 = 256 * 1024;

/// How long the end of the output of a process that is over is waited for.
const LAST_WORDS_MS: u64 = 1000;

/// What a reader finds.
#[derive(Debug)]
pub(super) enum Piece {
    /// Output of a process.
    Output {
        which: usize,
        chunks: Vec<OutputChunk>,
        /// Up to which offset there was something before: what is between that and a chunk is missing, and so is
        /// what is between two of them.
        from: u64,
    },
    /// All that was kept when the reading began has been told.
    CaughtUp(usize),
    /// Nothing more can come.
    Over(usize),
}

/// Reads one process.
#[derive(Debug)]
pub(super) struct Reader {
    asker: Asker,
    pub(super) which: usize,
    handle: String,
    what: String,
    after: u64,
    /// Up to which number there was something when it began.
    kept_until: u64,
    at: u64,
    /// Nothing of it ran any more when this began: the end of its output is at hand.
    is_over: bool,
    /// The last page led no further.
    is_stuck: bool,
    is_closed: bool,
}

impl Reader {
    pub(super) fn of(asker: Asker, which: usize, info: &Info) -> Reader {
        Reader {
            asker,
            which,
            handle: info.handle.clone(),
            what: format!("read the output of `{}`", info.process_id),
            after: 0,
            kept_until: info.output.as_ref().map_or(0, |output| output.next_seq),
            at: 0,
            is_over: matches!(info.status.state.as_str(), "exited" | "terminated"),
            is_stuck: false,
            is_closed: false,
        }
    }

    /// The next page; waits for so long for one.
    async fn page(&mut self, wait_ms: u64) -> Result<Piece, Failure> {
        let read = Read {
            process_id: self.handle.clone(),
            after_seq: self.after,
            max_bytes: Some(PAGE),
            wait_ms,
        };
        let answer = self.asker.ask(&self.what, &read).await?;
        let until = self.after.max(answer.next_seq.saturating_sub(1));
        // A page may be of what is not kept alone.
        self.is_stuck = until == self.after;
        self.after = until;
        self.is_closed = answer.closed && self.is_stuck;
        let from = self.at;
        let last = answer.chunks.last();
        self.at = last.map_or(self.at, |chunk| chunk.offset + chunk.chunk.0.len() as u64);
        Ok(Piece::Output {
            which: self.which,
            chunks: answer.chunks,
            from,
        })
    }

    /// The next page of what was kept when this began; `None` after the last one.
    pub(super) async fn kept(&mut self) -> Result<Option<Piece>, Failure> {
        if self.is_stuck {
            return Ok(None);
        }
        if self.is_over {
            // Its last words may not have been read yet; somebody else may hold its output open.
            return self.page(LAST_WORDS_MS).await.map(Some);
        }
        if self.after + 1 >= self.kept_until {
            return Ok(None);
        }
        self.page(0).await.map(Some)
    }

    /// Tells all pages, until nothing more can come or nobody listens.
    pub(super) async fn follow(mut self, to: mpsc::Sender<Result<Piece, Failure>>) {
        let told = self.tell_all(&to).await;
        if let Err(failure) = told {
            // Nobody listens any more, or somebody hears of it.
            let _ = to.send(Err(failure)).await;
        }
    }

    async fn tell_all(&mut self, to: &mpsc::Sender<Result<Piece, Failure>>) -> Result<(), Failure> {
        let gone = |_| Failure::nobody_reads();
        while let Some(piece) = self.kept().await? {
            to.send(Ok(piece)).await.map_err(gone)?;
        }
        let caught_up = Piece::CaughtUp(self.which);
        to.send(Ok(caught_up)).await.map_err(gone)?;
        let longest = self.asker.longest_wait();
        while !self.is_closed {
            let piece = self.page(longest).await?;
            to.send(Ok(piece)).await.map_err(gone)?;
        }
        to.send(Ok(Piece::Over(self.which))).await.map_err(gone)
    }
}

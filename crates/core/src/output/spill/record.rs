//! Output that is on disk before anybody sees it, so that who comes after us knows what we knew.
//!
//! The bytes of a stream are *moved* to the file ([`Moves`]), and read from there: whenever this program is
//! killed, each byte is still in the stream, or in the file. On which stream they come is written before.
//! All of it happens under the lock of the store, in its order. Nothing is flushed: it outlasts the
//! program, not the machine.
//!
//! What must stay true: a byte is counted when it is on disk; where the disk refuses, the process goes on
//! and what came is counted as missed, as with any spill; the first bytes go last.

use super::disk::{Disk, lock};
use super::quota::{Charge, Quota};
use super::segment::{First, HEAD, RUN, Segment};
use super::writer::Writer;
use crate::config::Stream;
use crate::output::chunk::Chunk;
use crate::output::counts::Counts;
use crate::output::shared::Shared;
use handfast_sys::descriptor::AsDescriptor;
use handfast_sys::files::AtPlace;
use handfast_sys::stream::{Moves, Place};
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, ReadBuf};

/// How large a segment is at the most: 4 MiB.
const SEGMENT: u64 = 4 * 1024 * 1024;

/// How much is charged at once: what a pipe holds.
const CREDIT: u64 = 64 * 1024;

/// What has come, and how much more of it was paid for.
#[derive(Debug, Default)]
pub(in crate::output) struct Taken {
    totals: Counts,
    credit: u64,
    /// What a new segment costs besides.
    unpaid: u64,
    /// Up to which offset it is the head, which goes last.
    head: u64,
}

/// `ENOSPC`, `EDQUOT`, `EFBIG`: the disk and not the stream.
const OF_THE_DISK: [i32; 3] = [28, 122, 27];

impl Disk {
    /// For an output that begins, whose first `head` bytes are kept for longest.
    pub(in crate::output) fn record(directory: &Path, quota: &Quota, head: u64) -> Disk {
        let disk = Disk::kept(directory, quota, SEGMENT);
        lock(&disk.taken).head = head;
        disk
    }

    /// For one that began with a program which is gone.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be read.
    pub(in crate::output) fn recover(
        directory: &Path,
        quota: &Quota,
        head: u64,
    ) -> io::Result<Disk> {
        let disk = Disk::record(directory, quota, head);
        let found = Segment::find(directory, |offset| offset < head, &disk.tally)?;
        for segment in found {
            lock(&disk.taken).totals = segment.after();
            let segment = Arc::new(segment);
            let number = quota.add_found(&segment);
            lock(&disk.segments).push_back((number, segment));
        }
        Ok(disk)
    }

    /// What had come, with gaps where something is not there.
    pub(in crate::output) fn all(&self) -> impl Iterator<Item = Chunk> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let chunk = self.read(from, 256 * 1024)?;
            from = chunk.next.offset();
            Some(chunk)
        })
    }

    /// What came, of each stream.
    pub(in crate::output) fn totals(&self) -> Counts {
        lock(&self.taken).totals
    }

    /// Has something moved to the end of the files and reads it from there, as much as there is room
    /// for.
    fn take(
        &self,
        (stream, now): (Stream, Duration),
        into: &mut [u8],
        mut take: impl FnMut(&Place<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<Result<usize, Refused>> {
        let mut taken = lock(&self.taken);
        let mut writer = lock(&self.writer);
        let mut current = self
            .current(&mut writer, &mut taken)
            .map_err(Refused::Disk)?;
        let most = current.expect(stream, now).map_err(Refused::Disk)?;
        let most = most
            .min(into.len())
            .min(usize::try_from(taken.credit).unwrap_or(usize::MAX));
        let (file, offset) = current.place();
        let place = Place {
            file: file.as_descriptor(),
            offset,
            most,
        };
        let moved = take(&place);
        let Poll::Ready(Ok(count)) = moved else {
            *writer = Some(current);
            return moved.map_err(refused);
        };
        let place = into.get_mut(..count).unwrap_or_default();
        let read = file.read_exact_at(place, offset);
        current.took(count);
        taken.totals.add(stream, count as u64);
        taken.credit = taken.credit.saturating_sub(count as u64);
        *writer = Some(current);
        // They are there and cannot be read: the stream is broken, as far as we are concerned.
        read.map_err(Refused::Stream)?;
        Poll::Ready(Ok(count))
    }

    /// A segment that takes something, for which something was paid.
    fn current(&self, writer: &mut Option<Writer>, taken: &mut Taken) -> io::Result<Writer> {
        let at = taken.totals.sum();
        let fits = |writer: &Writer| writer.room(self.size) > 0 && writer.segment.ends_at(at);
        let kept = writer.take().filter(fits);
        let mut current = match kept {
            Some(current) => current,
            None => self.next(taken)?,
        };
        for _ in 0..2 {
            if taken.credit > 0 {
                return Ok(current);
            }
            let more = CREDIT
                .min(current.room(self.size))
                .min(self.size / 4)
                .max(1);
            // A run for each piece at the most.
            match self.quota.charge(current.number, more + RUN + taken.unpaid) {
                Charge::Granted => (taken.credit, taken.unpaid) = (more, 0),
                Charge::Gone => current = self.next(taken)?,
                Charge::Refused => break,
            }
        }
        Err(io::Error::other("the quota is too small for any output"))
    }

    fn next(&self, taken: &mut Taken) -> io::Result<Writer> {
        taken.credit = 0;
        taken.unpaid = HEAD;
        self.begin(First {
            before: taken.totals,
            is_record: true,
            is_head: taken.totals.sum() < taken.head,
        })
    }

    /// No more can come: what is open for writing is closed.
    pub(in crate::output) fn finish(&self) {
        *lock(&self.writer) = None;
    }

    /// It came, and is not here.
    fn missed(&self, stream: Stream, count: usize, error: &io::Error) {
        tracing::debug!(%error, "output is not recorded");
        lock(&self.taken).totals.add(stream, count as u64);
        let missed = &self.tally.missed;
        missed.fetch_add(count as u64, Ordering::Relaxed);
        *lock(&self.error) = Some(error.to_string());
        // A file whose end is not known is not written to again.
        *lock(&self.writer) = None;
    }
}

/// Who refused.
#[derive(Debug)]
enum Refused {
    Disk(io::Error),
    Stream(io::Error),
}

fn refused(error: io::Error) -> Refused {
    match error.raw_os_error() {
        Some(number) if OF_THE_DISK.contains(&number) => Refused::Disk(error),
        _ => Refused::Stream(error),
    }
}

/// Reads a stream by way of its record.
#[derive(Debug)]
pub(in crate::output) struct Recorded<M> {
    from: M,
    stream: Stream,
    disk: Arc<Disk>,
    shared: Arc<Shared>,
}

impl<M> Recorded<M> {
    pub(in crate::output) fn new(
        from: M,
        stream: Stream,
        (disk, shared): (Arc<Disk>, Arc<Shared>),
    ) -> Recorded<M> {
        Recorded {
            from,
            stream,
            disk,
            shared,
        }
    }
}

impl<M: Moves + AsyncRead + Unpin> AsyncRead for Recorded<M> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        // Nothing is written for nothing.
        ready!(this.from.poll_ready(context))?;
        if this.from.is_over() {
            return Poll::Ready(Ok(()));
        }
        let first = (this.stream, this.shared.now());
        let place = buffer.initialize_unfilled();
        let from = &mut this.from;
        match ready!(
            this.disk
                .take(first, place, |place| from.poll_move(context, place))
        ) {
            Ok(count) => {
                buffer.advance(count);
                Poll::Ready(Ok(()))
            }
            Err(Refused::Stream(error)) => Poll::Ready(Err(error)),
            Err(Refused::Disk(error)) => {
                let before = buffer.filled().len();
                ready!(Pin::new(&mut this.from).poll_read(context, buffer))?;
                let count = buffer.filled().len() - before;
                this.disk.missed(this.stream, count, &error);
                Poll::Ready(Ok(()))
            }
        }
    }
}

#[cfg(test)]
mod tests;

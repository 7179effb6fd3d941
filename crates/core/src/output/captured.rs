//! The captured output of one process, for any number of readers.

use super::capture::Capture;
use super::chunk::{Chunk, Cursor, StreamChunk};
use super::counts::Counts;
use super::head_tail::HeadTail;
use super::hold::Hold;
use super::kept::Kept;
use super::lookout::Lookout;
use super::pump::pump;
use super::shared::{Look, Shared, State};
use super::spill::{Disk, Quota, Recorded, Spill, follow};
use super::status::OutputStatus;
use crate::config::Stream;
use crate::runtime::Runtime;
use handfast_sys::proc::Held;
use handfast_sys::stream::Moves;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use tokio::io::AsyncRead;
use tokio::task::AbortHandle;

/// The output of one process: what is kept of it, how much of it is not, and what comes.
///
/// Cheap to clone. It goes on after the process, for as long as its tombstone or a clone lives; the
/// drop of the last one closes our ends of the pipes and removes what was spilled.
///
/// Reading takes nothing away, and no reader slows the process or another reader down. One who is
/// too slow is told how much is gone, exactly.
#[derive(Debug, Clone)]
pub struct Captured(Arc<Owner>);

/// What ends with the last clone.
#[derive(Debug)]
struct Owner {
    shared: Arc<Shared>,
    followed: Mutex<Vec<Followed>>,
    spill: Option<(Arc<Disk>, AbortHandle)>,
    /// Where all of it is before it is here.
    record: Option<Arc<Disk>>,
}

/// A stream that is read.
#[derive(Debug)]
struct Followed {
    stream: Stream,
    /// What is read, to find out who holds its other end.
    held: Option<Held>,
    pump: AbortHandle,
}

impl Drop for Owner {
    fn drop(&mut self) {
        let followed = self.followed.get_mut();
        for followed in followed.unwrap_or_else(PoisonError::into_inner) {
            followed.pump.abort();
        }
        if let Some((_, spilling)) = &self.spill {
            spilling.abort();
        }
    }
}

impl Captured {
    /// An output of these streams, each of which must then be followed.
    pub(crate) fn new(runtime: &Runtime, capture: &Capture, streams: &[Stream]) -> Captured {
        let shared = Arc::new(Shared::new(capture.kept(), streams));
        Captured::over(runtime, capture, (shared, None))
    }

    /// As [`Captured::new`]: what comes is on disk before it is seen, in this directory.
    pub(crate) fn recorded(
        runtime: &Runtime,
        capture: &Capture,
        streams: &[Stream],
        (directory, quota): (&Path, &Quota),
    ) -> Captured {
        let record = Disk::record(directory, quota, capture.head());
        let shared = Arc::new(Shared::new(capture.kept(), streams));
        Captured::over(runtime, capture, (shared, Some(Arc::new(record))))
    }

    /// One of a program which is gone, of which these streams are open. Blocks while it reads files.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be read.
    pub(crate) fn restored(
        runtime: &Runtime,
        capture: &Capture,
        open: (&[Stream], SystemTime),
        (directory, quota): (&Path, &Quota),
    ) -> io::Result<Captured> {
        let record = Arc::new(Disk::recover(directory, quota, capture.head())?);
        let shared = Arc::new(Shared::restored(capture.kept(), open, &record));
        Ok(Captured::over(runtime, capture, (shared, Some(record))))
    }

    fn over(
        runtime: &Runtime,
        capture: &Capture,
        (shared, record): (Arc<Shared>, Option<Arc<Disk>>),
    ) -> Captured {
        shared.with(|state| state.tap = capture.tap().map(HeadTail::new));
        if let Some(name) = capture.back_pressure_name() {
            shared.change_holds(|state| state.hold_for(name));
        }
        Captured(Arc::new(Owner {
            spill: capture
                .spilled()
                .map(|spill| spilling(runtime, &shared, spill)),
            record,
            followed: Mutex::default(),
            shared,
        }))
    }

    /// Where all of it is, besides what memory keeps.
    fn disk(&self) -> Option<&Arc<Disk>> {
        let spill = self.0.spill.as_ref().map(|(disk, _)| disk);
        spill.or(self.0.record.as_ref())
    }

    /// Reads a stream to its end, in a task of its own.
    pub(crate) fn follow<R>(
        &self,
        runtime: &Runtime,
        stream: Stream,
        (reader, held): (R, Option<Held>),
    ) where
        R: AsyncRead + Unpin + Send + 'static,
    {
        let pump = runtime.spawn(pump(Arc::clone(&self.0.shared), stream, reader));
        self.reads(stream, held, pump.abort_handle());
    }

    /// As [`Captured::follow`], into the record first, where there is one.
    pub(crate) fn follow_recorded<R>(
        &self,
        runtime: &Runtime,
        stream: Stream,
        (reader, held): (R, Option<Held>),
    ) where
        R: AsyncRead + Moves + Unpin + Send + 'static,
    {
        let Some(record) = self.0.record.clone() else {
            return self.follow(runtime, stream, (reader, held));
        };
        let shared = Arc::clone(&self.0.shared);
        let through = (Arc::clone(&record), Arc::clone(&shared));
        let reader = Recorded::new(reader, stream, through);
        let pump = runtime.spawn(async move {
            pump(Arc::clone(&shared), stream, reader).await;
            if shared.with(|state| state.store.is_closed()) {
                record.finish();
            }
        });
        self.reads(stream, held, pump.abort_handle());
    }

    fn reads(&self, stream: Stream, held: Option<Held>, pump: AbortHandle) {
        self.followed().push(Followed { stream, held, pump });
    }

    fn followed(&self) -> MutexGuard<'_, Vec<Followed>> {
        let followed = self.0.followed.lock();
        followed.unwrap_or_else(PoisonError::into_inner)
    }

    /// What is still read, and is known to the system by name.
    pub(super) fn held_open(&self) -> Vec<(Stream, Held)> {
        let open: Vec<Stream> = self
            .shared()
            .with(|state| state.store.open_streams().collect());
        let followed = self.followed();
        let open = followed
            .iter()
            .filter(|followed| open.contains(&followed.stream));
        open.filter_map(|followed| Some((followed.stream, followed.held?)))
            .collect()
    }

    /// Its memory, for who counts that.
    pub(crate) fn kept(&self) -> Kept {
        Kept::of(&self.0.shared)
    }

    /// For who writes into it without a stream.
    #[cfg(test)]
    pub(super) fn shared_by_all(&self) -> Arc<Shared> {
        Arc::clone(&self.0.shared)
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.0.shared
    }

    /// Reads at most `limit` bytes of all streams, from an offset on that counts all.
    ///
    /// A chunk has no gap in it: it ends where one begins, and the next says how long it was. An
    /// empty chunk that does not say it is the last means that nothing more has come yet. An offset
    /// beyond the end is waited for.
    #[must_use]
    pub fn read(&self, from: u64, limit: usize) -> Chunk {
        self.shared().with(|state| state.store.read(from, limit))
    }

    /// Reads at most `limit` bytes of one stream, from an offset in that stream on.
    ///
    /// As [`Captured::read`] otherwise.
    #[must_use]
    pub fn read_stream(&self, stream: Stream, from: u64, limit: usize) -> StreamChunk {
        self.shared()
            .with(|state| state.store.read_stream(stream, from, limit))
    }

    /// Reads what has come since this cursor was last used, at most `limit` bytes, and moves it on.
    ///
    /// A new cursor ([`Cursor::default`]) reads from the beginning.
    #[must_use = "what is read is not given to this cursor again"]
    pub fn poll(&self, cursor: &mut Cursor, limit: usize) -> Chunk {
        let chunk = self.read(cursor.offset(), limit);
        *cursor = chunk.next;
        chunk
    }

    /// As [`Captured::read`], and reads what memory no longer has from disk, where it is spilled.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime, where it is spilled.
    ///
    /// # Cancel safety
    ///
    /// Safe: reading takes nothing away.
    pub async fn fetch(&self, from: u64, limit: usize) -> Chunk {
        let kept = self.read(from, limit);
        let Some(disk) = self.disk().filter(|_| kept.omitted_before > 0) else {
            return kept;
        };
        let disk = Arc::clone(disk);
        let spilled = tokio::task::spawn_blocking(move || disk.read(from, limit));
        // It fails only where the runtime ends.
        let spilled = spilled.await.ok().flatten();
        spilled
            .filter(|chunk| chunk.offset < kept.offset)
            .unwrap_or(kept)
    }

    /// As [`Captured::read_stream`], and reads what memory no longer has from disk, where it is spilled.
    ///
    /// # Panics
    ///
    /// As [`Captured::fetch`].
    ///
    /// # Cancel safety
    ///
    /// Safe: reading takes nothing away.
    pub async fn fetch_stream(&self, stream: Stream, from: u64, limit: usize) -> StreamChunk {
        let kept = self.read_stream(stream, from, limit);
        let Some(disk) = self.disk().filter(|_| kept.omitted_before > 0) else {
            return kept;
        };
        let disk = Arc::clone(disk);
        let read = move || disk.read_stream(stream, from, limit);
        // It fails only where the runtime ends.
        let spilled = tokio::task::spawn_blocking(read).await.ok().flatten();
        spilled
            .filter(|chunk| chunk.offset < kept.offset)
            .unwrap_or(kept)
    }

    /// As [`Captured::poll`], and reads what memory no longer has from disk, where it is spilled.
    ///
    /// # Panics
    ///
    /// As [`Captured::fetch`].
    ///
    /// # Cancel safety
    ///
    /// Safe: the cursor is moved when the chunk is there.
    pub async fn fetch_next(&self, cursor: &mut Cursor, limit: usize) -> Chunk {
        let chunk = self.fetch(cursor.offset(), limit).await;
        *cursor = chunk.next;
        chunk
    }

    /// Whether no more can come, and how many bytes came.
    pub(crate) fn progress(&self) -> (bool, u64) {
        self.shared()
            .with(|state| (state.store.is_closed(), state.store.totals().sum()))
    }

    /// A cursor that stands behind all that has come.
    #[must_use]
    pub fn end(&self) -> Cursor {
        let totals = self.shared().totals();
        Cursor::new(totals.sum(), totals)
    }

    /// How it stands now.
    #[must_use]
    pub fn status(&self) -> OutputStatus {
        let mut status = self.shared().status();
        status.spill = self.disk().map(|disk| disk.status());
        status
    }

    /// When the store began, to which the times of segments are relative.
    #[must_use]
    pub fn began(&self) -> SystemTime {
        self.shared().began_at
    }

    /// Waits until there is output from this offset on or no more can come; answers how many bytes
    /// have come.
    ///
    /// # Cancel safety
    ///
    /// Safe: waiting changes nothing.
    pub async fn wait_for_output(&self, from: u64) -> Counts {
        let look = |state: &mut State| {
            let totals = state.store.totals();
            if totals.sum() > from || state.store.is_closed() {
                Look::Found(totals)
            } else {
                Look::NotBefore(from)
            }
        };
        self.shared().find(look).await
    }

    /// Waits until an escape character comes from this offset on: answers its offset. If something is there
    /// already it is not looked at, and the answer is `from`; if no more can come, it is the end.
    ///
    /// One may wait at a time. Cancel safe: waiting changes nothing that others can see.
    pub(crate) async fn wait_for_escape(&self, from: u64) -> u64 {
        let look = |state: &mut State| Lookout::find(state, from);
        self.shared().find(look).await
    }

    /// Holds the output back from where it is still whole: see [`Hold`]. The first call with the
    /// name of [`Capture::back_pressure`] takes up the hold that the process was started with.
    pub fn hold(&self, name: &str) -> Hold {
        let id = self.shared().change_holds(|state| state.hold(name));
        Hold::new(self.clone(), id)
    }
}

/// Spills a store in a task of its own.
fn spilling(runtime: &Runtime, shared: &Arc<Shared>, spill: &Spill) -> (Arc<Disk>, AbortHandle) {
    let disk = Arc::new(Disk::new(spill));
    let patience = spill.patience_of();
    let hold = (!patience.is_zero())
        .then(|| shared.change_holds(|state| state.hold_within("spill", patience)));
    let follow = follow(Arc::clone(shared), Arc::clone(&disk), hold);
    (disk, runtime.spawn(follow).abort_handle())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt;

    /// What was given up on the way, of however many pieces, is counted; nothing comes twice.
    #[tokio::test]
    async fn what_is_taken_and_given_back_is_the_stream_itself() {
        const MAX: usize = 1000;
        let runtime = Runtime::current().unwrap();
        let capture = Capture::default().tapped(MAX);
        let captured = Captured::new(&runtime, &capture, &[Stream::Stdout]);
        let (mut writer, end) = tokio::io::duplex(64);
        captured.follow(&runtime, Stream::Stdout, (end, None));
        let bytes: Vec<u8> = (0..5000_u32)
            .map(|number| number.to_le_bytes()[0])
            .collect();
        let mut kept = HeadTail::new(MAX);
        for (round, piece) in bytes.chunks(700).enumerate() {
            writer.write_all(piece).await.unwrap();
            let come = (round * 700 + piece.len()) as u64;
            captured.wait_for_output(come - 1).await;
            let from = captured.tapped_from();
            let drained = captured.drain();
            assert_eq!(drained.total - drained.taken.total(), from);
            if round % 2 == 0 {
                captured.give_back(drained.taken);
            } else {
                kept.push_buffer(&drained.taken);
            }
        }
        drop(writer);
        captured.wait_for_output(u64::MAX).await;
        let last = captured.drain();
        assert!(last.closed && captured.progress() == (true, 5000));
        kept.push_buffer(&last.taken);
        let mut whole = HeadTail::new(MAX);
        whole.push(&bytes);
        assert_eq!(kept.total(), 5000);
        assert_eq!(kept.to_marked_bytes(), whole.to_marked_bytes());
    }

    #[tokio::test]
    async fn without_a_tap_nothing_is_taken() {
        let runtime = Runtime::current().unwrap();
        let captured = Captured::new(&runtime, &Capture::default(), &[Stream::Stdout]);
        let (mut writer, end) = tokio::io::duplex(64);
        captured.follow(&runtime, Stream::Stdout, (end, None));
        writer.write_all(b"one").await.unwrap();
        captured.wait_for_output(2).await;
        let drained = captured.drain();
        assert_eq!((drained.taken.total(), drained.total), (0, 3));
    }
}

//! Reading a pipe on a thread of its own while it comes faster than a reactor is made for.
//!
//! A wake through a reactor for every 64 KiB costs more than reading them: measured, half of the
//! rate. So a pipe that brings more than 50 MB in a second leaves the reactor and is read by a
//! thread that blocks in `poll(2)`, as a bare loop would, until nothing has come for a moment.
//!
//! What must stay true: few threads at once, and never one for a pipe that is quiet or held back;
//! the thread ends soon after the task that started it, also when that is dropped.

use super::pump::{PIECE, Stopped, pump};
use super::shared::{Shared, Taken};
use super::status::ReadFault;
use crate::config::Stream;
use handfast_sys::stream::{DirectEnd, ReadEnd};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A flood brings this much ...
const MUCH: usize = 1024 * 1024;
/// ... within so long.
const SOON: Duration = Duration::from_millis(20);
/// It is over when nothing has come for so long.
const CALM: Duration = Duration::from_millis(100);
/// How many are read by threads at once, of all processes together; more go on as they did.
const THREADS: usize = 16;

static READING: AtomicUsize = AtomicUsize::new(0);

/// Measures how fast bytes come.
#[derive(Debug)]
pub(super) struct Gauge {
    since: Instant,
    count: usize,
}

impl Gauge {
    fn new() -> Gauge {
        Gauge {
            since: Instant::now(),
            count: 0,
        }
    }

    /// So many have come; whether that is too fast for a reactor.
    pub(super) fn is_flood(&mut self, count: usize) -> bool {
        self.count += count;
        if self.count < MUCH {
            return false;
        }
        let fast = self.since.elapsed() <= SOON;
        *self = Gauge::new();
        fast && READING.load(Ordering::Relaxed) < THREADS
    }
}

/// Reads a pipe into a store until its end.
pub(super) async fn pump_pipe(shared: Arc<Shared>, stream: Stream, mut reader: ReadEnd) {
    let fault = loop {
        match pump(&shared, stream, &mut reader, Some(Gauge::new())).await {
            Stopped::End(fault) => break fault,
            Stopped::Flood => {}
        }
        match on_a_thread(&shared, stream, reader).await {
            Ok(Some(back)) => reader = back,
            Ok(None) => break None,
            Err(error) => break Some(ReadFault::new(stream, &error)),
        }
    };
    shared.close(stream, fault);
}

/// Tells the thread to end when the task that waits for it is dropped.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// `None` where the stream has ended.
async fn on_a_thread(
    shared: &Arc<Shared>,
    stream: Stream,
    reader: ReadEnd,
) -> io::Result<Option<ReadEnd>> {
    let direct = reader.into_direct()?;
    let stop = StopOnDrop(Arc::default());
    let (told, shared) = (Arc::clone(&stop.0), Arc::clone(shared));
    let thread = move || {
        READING.fetch_add(1, Ordering::Relaxed);
        let ended = read(&shared, stream, &direct, &told);
        READING.fetch_sub(1, Ordering::Relaxed);
        ended.map(|ended| (!ended).then_some(direct))
    };
    // It fails only where the runtime ends.
    let read = tokio::task::spawn_blocking(thread).await;
    let direct = read.unwrap_or_else(|error| Err(io::Error::other(error)))?;
    direct.map(DirectEnd::into_ready).transpose()
}

/// Until the end of the stream (then true), or of the flood.
fn read(shared: &Shared, stream: Stream, end: &DirectEnd, stop: &AtomicBool) -> io::Result<bool> {
    let mut scratch = vec![0; PIECE];
    while !stop.load(Ordering::Relaxed) {
        let now = shared.now();
        let taken = shared
            .with_patience(|state| state.read(stream, &mut scratch, now, |place| end.read(place)));
        match taken {
            Ok(Taken::End) => return Ok(true),
            Ok(Taken::NoRoom) => return Ok(false),
            Ok(taken) => shared.wake_for(taken),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if !end.wait(CALM)? {
                    return Ok(false);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

//! What clients are told of sessions, and a queue for each of them.
//!
//! Who is told first reads first: everything goes to all queues under one lock, so all see one order.
//! What must stay true: a beginning, an input, an end and a warning are never dropped; output that a
//! slow subscriber had no room for is dropped from its queue alone and counted in what comes next.

use super::cause::EndCause;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// How many bytes of output may wait for one subscriber: 1 MiB.
pub const EVENT_BYTES: usize = 1024 * 1024;

/// A command begins, or was refused before it could.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecBegin {
    /// The call that started it.
    pub call_id: String,
    /// Its session.
    pub session_id: i32,
    /// Its argv, the shell first.
    pub command: Vec<String>,
    /// Where it runs.
    pub cwd: PathBuf,
}

/// Output of a command, of both streams in the order in which it came.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecOutput {
    /// The call that started it.
    pub call_id: String,
    /// At most 8,192 bytes; no character is cut unless it came cut.
    pub bytes: Vec<u8>,
    /// How many bytes came before these and are in no event, because they came too fast.
    pub omitted_before: u64,
}

/// Somebody wrote to a command, or looked at it while it ran.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecInteraction {
    /// The call that started it.
    pub call_id: String,
    /// Its session.
    pub session_id: i32,
    /// What was written; nothing for a look.
    pub stdin: String,
}

/// Whether a command did what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExecStatus {
    /// It returned 0.
    Completed,
    /// It did not.
    Failed,
    /// It was not allowed to run.
    Declined,
}

impl ExecStatus {
    /// The word for it in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            ExecStatus::Completed => "completed",
            ExecStatus::Failed => "failed",
            ExecStatus::Declined => "declined",
        }
    }
}

/// The end of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecEnd {
    /// The call that started it.
    pub call_id: String,
    /// Its session.
    pub session_id: i32,
    /// Its argv, the shell first.
    pub command: Vec<String>,
    /// Where it ran.
    pub cwd: PathBuf,
    /// Its output, with a line in it that says how many bytes are left out, if any.
    pub stdout: String,
    /// Why it failed where it was not its own doing, else empty.
    pub stderr: String,
    /// Both.
    pub aggregated_output: String,
    /// Its code; -1 where it has none.
    pub exit_code: i32,
    /// From its begin to its end.
    pub duration: Duration,
    /// Whether it did what it should.
    pub status: ExecStatus,
    /// Why it ended.
    pub cause: EndCause,
}

/// Something that somebody should know.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExecWarning {
    /// There are nearly as many sessions as are kept, or as many.
    ManySessions {
        /// How many there are.
        sessions: usize,
        /// How many are kept.
        limit: usize,
    },
    /// A session had to make room for another one.
    Pruned {
        /// Which.
        session_id: i32,
        /// The call that started it.
        call_id: String,
        /// Whether it was still running, and was killed for it.
        was_running: bool,
        /// For which one.
        made_room_for: i32,
    },
}

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExecEvent {
    /// A command begins.
    Begin(Arc<ExecBegin>),
    /// It wrote something.
    Output(Arc<ExecOutput>),
    /// It was written to or looked at.
    Interaction(Arc<ExecInteraction>),
    /// It ended.
    End(Arc<ExecEnd>),
    /// Something else.
    Warning(Arc<ExecWarning>),
}

/// An event, and what was dropped before it for want of room.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Told {
    /// What is told.
    pub event: ExecEvent,
    /// How many events with output were dropped since the last one.
    pub missed_outputs: u64,
    /// Their bytes.
    pub missed_bytes: u64,
}

/// All who are told.
#[derive(Debug)]
pub(super) struct Hub {
    queues: Mutex<Vec<Weak<Queue>>>,
    count: watch::Sender<usize>,
}

impl Default for Hub {
    fn default() -> Self {
        Hub {
            queues: Mutex::default(),
            count: watch::Sender::new(0),
        }
    }
}

impl Hub {
    /// Tells everybody who listens now.
    pub(super) fn tell(&self, event: &ExecEvent) {
        let mut gone = false;
        for queue in lock(&self.queues).iter() {
            match queue.upgrade() {
                Some(queue) => queue.put(event),
                None => gone = true,
            }
        }
        if gone {
            self.forget();
        }
    }

    /// Listens from here on.
    pub(super) fn subscribe(self: &Arc<Self>, bytes: usize) -> ExecEvents {
        let queue = Arc::new(Queue {
            waiting: Mutex::new(Waiting {
                bytes_most: bytes,
                ..Waiting::default()
            }),
            more: Notify::new(),
        });
        lock(&self.queues).push(Arc::downgrade(&queue));
        self.forget();
        ExecEvents {
            queue,
            hub: Arc::downgrade(self),
        }
    }

    /// How many listen, and whenever that changes.
    pub(super) fn listeners(&self) -> watch::Receiver<usize> {
        self.count.subscribe()
    }

    /// Forgets those who listen no more, and says how many are left.
    fn forget(&self) {
        let mut queues = lock(&self.queues);
        queues.retain(|queue| queue.strong_count() > 0);
        let left = queues.len();
        self.count
            .send_if_modified(|count| std::mem::replace(count, left) != left);
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        for queue in lock(&self.queues).iter().filter_map(Weak::upgrade) {
            lock(&queue.waiting).closed = true;
            queue.more.notify_one();
        }
    }
}

#[derive(Debug)]
struct Queue {
    waiting: Mutex<Waiting>,
    more: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    told: VecDeque<Told>,
    bytes: usize,
    bytes_most: usize,
    missed_outputs: u64,
    missed_bytes: u64,
    /// Nothing more comes.
    closed: bool,
}

impl Queue {
    fn put(&self, event: &ExecEvent) {
        let mut waiting = lock(&self.waiting);
        if let ExecEvent::Output(output) = event {
            let bytes = output.bytes.len();
            if waiting.bytes + bytes > waiting.bytes_most {
                waiting.missed_outputs += 1;
                waiting.missed_bytes += bytes as u64 + output.omitted_before;
                return;
            }
            waiting.bytes += bytes;
        }
        let told = Told {
            event: event.clone(),
            missed_outputs: std::mem::take(&mut waiting.missed_outputs),
            missed_bytes: std::mem::take(&mut waiting.missed_bytes),
        };
        waiting.told.push_back(told);
        drop(waiting);
        self.more.notify_one();
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing under these locks panics half-way through a change.
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The events of the sessions of one owner, from when it was made.
///
/// For each command there is one begin, then its output and what was written to it, then one end, in
/// this order. What is not read is kept, except output above [`EVENT_BYTES`]: drop what is no longer
/// read.
///
/// ```no_run
/// # async fn example(manager: handfast::ProcessManager) {
/// use handfast::exec::ExecEvent;
///
/// let mut events = manager.exec_events();
/// while let Some(told) = events.next().await {
///     if let ExecEvent::End(end) = told.event {
///         println!("{} ended with {}", end.session_id, end.exit_code);
///     }
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct ExecEvents {
    queue: Arc<Queue>,
    hub: Weak<Hub>,
}

impl ExecEvents {
    /// Waits for the next event; `None` once nothing more can come.
    ///
    /// # Cancel safety
    ///
    /// Safe: no event is taken before the future is ready.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            let (told, closed) = self.take();
            if told.is_some() || closed {
                return told;
            }
            self.queue.more.notified().await;
        }
    }

    /// The next event, if one waits.
    pub fn try_next(&mut self) -> Option<Told> {
        self.take().0
    }

    fn take(&mut self) -> (Option<Told>, bool) {
        let mut waiting = lock(&self.queue.waiting);
        let told = waiting.told.pop_front();
        if let Some(ExecEvent::Output(output)) = told.as_ref().map(|told| &told.event) {
            waiting.bytes -= output.bytes.len();
        }
        (told, waiting.closed)
    }
}

impl Drop for ExecEvents {
    fn drop(&mut self) {
        if let Some(hub) = self.hub.upgrade() {
            // This one is still counted while it is dropped.
            let own = Arc::as_ptr(&self.queue);
            lock(&hub.queues).retain(|queue| queue.as_ptr() != own);
            hub.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(bytes: usize) -> ExecEvent {
        ExecEvent::Output(Arc::new(ExecOutput {
            call_id: "c".into(),
            bytes: vec![b'x'; bytes],
            omitted_before: 0,
        }))
    }

    fn interaction(stdin: &str) -> ExecEvent {
        ExecEvent::Interaction(Arc::new(ExecInteraction {
            call_id: "c".into(),
            session_id: 1000,
            stdin: stdin.into(),
        }))
    }

    #[tokio::test]
    async fn everybody_sees_one_order_and_only_output_is_dropped() {
        let hub = Arc::new(Hub::default());
        let (mut slow, mut quick) = (hub.subscribe(10), hub.subscribe(1000));
        hub.tell(&output(8));
        hub.tell(&output(4));
        hub.tell(&interaction("one"));
        hub.tell(&output(2));
        hub.tell(&output(1));
        hub.tell(&interaction("two"));
        let seen = |events: &mut ExecEvents| {
            let told = std::iter::from_fn(|| events.try_next());
            let missed = |told: Told| (told.missed_outputs, told.missed_bytes);
            told.map(missed).collect::<Vec<_>>()
        };
        assert_eq!(seen(&mut slow), [(0, 0), (1, 4), (0, 0), (1, 1)]);
        assert_eq!(seen(&mut quick), [(0, 0); 6]);
        // What was read has made room.
        hub.tell(&output(10));
        assert_eq!(slow.next().await.unwrap().event, output(10));
    }

    #[tokio::test]
    async fn what_was_told_is_read_also_when_nobody_tells_any_more() {
        let hub = Arc::new(Hub::default());
        let mut events = hub.subscribe(10);
        hub.tell(&interaction("one"));
        drop(hub);
        assert_eq!(events.next().await.unwrap().event, interaction("one"));
        assert_eq!(events.next().await, None);
    }

    #[tokio::test]
    async fn who_listens_is_counted() {
        let hub = Arc::new(Hub::default());
        let count = hub.listeners();
        let first = hub.subscribe(10);
        let second = hub.subscribe(10);
        assert_eq!(*count.borrow(), 2);
        drop(first);
        assert_eq!(*count.borrow(), 1);
        drop(second);
        hub.tell(&interaction(""));
        assert_eq!(*count.borrow(), 0);
    }
}

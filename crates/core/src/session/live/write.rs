//! What the writer of a session is asked, and how those who ask wait for it.
//!
//! What must stay true: a write that was given up before its turn is never carried out later; one
//! that was begun is always answered with how much of it was taken.

use crate::session::{LineTooLong, ScreenSize, WriteIdError};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

/// How many writes may wait for their turn in one session; one more waits for a place, within its
/// own time.
pub const QUEUE: usize = 128;

/// The most bytes of one write: 1 MiB.
pub const WRITE_BYTES: usize = 1024 * 1024;

/// How a write is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteOptions {
    /// How long it may take, waiting for its turn included. Default: 5 s.
    pub deadline: Duration,
    /// Names the write, so that a repeated one is answered and not written again. Default: none.
    pub write_id: Option<String>,
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(5),
            write_id: None,
        }
    }
}

impl WriteOptions {
    /// Sets how long it may take.
    #[must_use]
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// Names the write.
    #[must_use]
    pub fn write_id(self, id: impl Into<String>) -> Self {
        let write_id = Some(id.into());
        Self { write_id, ..self }
    }
}

/// What became of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// How many bytes the system has taken. The program need not have read them.
    pub taken: usize,
    /// Why that is not all.
    pub stopped: Option<Stopped>,
    /// A write with this id was done before. This is its answer; nothing was written now.
    pub repeated: bool,
}

impl Written {
    /// Whether all was taken.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.stopped.is_none()
    }
}

/// Why only a part of a write was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stopped {
    /// Its time was up: the program does not read.
    Deadline,
    /// The program has begun to read by lines meanwhile, and the next one would be cut.
    LineTooLong(LineTooLong),
    /// Nobody has the other side open any more.
    Closed,
}

/// Why nothing was done.
#[derive(Debug)]
pub(crate) enum Refusal {
    Closed,
    NotATerminal,
    NoEndOfFile,
    Line(LineTooLong),
    WriteId(WriteIdError),
    TooMuch(usize),
    BadSize(ScreenSize),
    System {
        attempt: &'static str,
        source: io::Error,
    },
}

/// Of those who wait and the writer, whoever takes it first.
#[derive(Debug, Clone, Default)]
pub(super) struct Turn(Arc<AtomicBool>);

impl Turn {
    /// Whether nobody had taken it.
    pub(super) fn take(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }
}

/// What the writer is asked.
#[derive(Debug)]
pub(super) enum Order {
    Write(Write),
    /// To a question of the program; nobody waits for it.
    Answer(Vec<u8>),
    /// End-of-file.
    Close {
        turn: Turn,
        deadline: Instant,
        done: oneshot::Sender<Result<(), Refusal>>,
    },
}

/// A write.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) bytes: Vec<u8>,
    pub(super) id: Option<String>,
    pub(super) deadline: Instant,
    pub(super) turn: Turn,
    pub(super) done: oneshot::Sender<Result<Written, Refusal>>,
}

pub(super) async fn write(
    orders: &mpsc::Sender<Order>,
    bytes: Vec<u8>,
    options: WriteOptions,
) -> Result<Written, Refusal> {
    if bytes.len() > WRITE_BYTES {
        return Err(Refusal::TooMuch(bytes.len()));
    }
    let deadline = after(options.deadline);
    let (done, answer) = oneshot::channel();
    let turn = Turn::default();
    let order = Order::Write(Write {
        bytes,
        id: options.write_id,
        deadline,
        turn: turn.clone(),
        done,
    });
    let nothing = Written {
        taken: 0,
        stopped: Some(Stopped::Deadline),
        repeated: false,
    };
    let answered = asked(orders, order, (turn, deadline), answer).await;
    answered.unwrap_or(Ok(nothing))
}

pub(super) async fn close(orders: &mpsc::Sender<Order>, within: Duration) -> Result<(), Refusal> {
    let deadline = after(within);
    let (done, answer) = oneshot::channel();
    let turn = Turn::default();
    let order = Order::Close {
        turn: turn.clone(),
        deadline,
        done,
    };
    let late = || Refusal::System {
        attempt: "end the input",
        source: io::ErrorKind::TimedOut.into(),
    };
    let answered = asked(orders, order, (turn, deadline), answer).await;
    answered.unwrap_or_else(|| Err(late()))
}

/// A time that cannot be reached is one year away.
fn after(time: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    Instant::now() + time.min(YEAR)
}

/// `None` where the time was up before its turn.
async fn asked<T>(
    orders: &mpsc::Sender<Order>,
    order: Order,
    (turn, deadline): (Turn, Instant),
    mut answer: oneshot::Receiver<Result<T, Refusal>>,
) -> Option<Result<T, Refusal>> {
    match timeout_at(deadline, orders.send(order)).await {
        Ok(Ok(())) => {}
        Ok(Err(_)) => return Some(Err(Refusal::Closed)),
        Err(_) => return None,
    }
    let answered = match timeout_at(deadline, &mut answer).await {
        Ok(answered) => answered,
        Err(_) if turn.take() => return None,
        // It was begun, and ends by the same deadline.
        Err(_) => answer.await,
    };
    Some(answered.unwrap_or(Err(Refusal::Closed)))
}

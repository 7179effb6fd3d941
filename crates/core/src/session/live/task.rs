//! The one who writes to a process.
//!
//! Each arm of the `select!` is cancel safe: an order that is not taken stays in the queue, a
//! `watch` keeps its last value. What must stay true: the rules of a terminal are asked right before
//! each part of a write; what was taken is known to the byte also when time runs out.

use super::write::{Order, Refusal, Stopped, Turn, Write, Written};
use super::{Line, lock};
use crate::process::seen::Seen;
use crate::process::task::Wish;
use crate::session::{InputLines, InputMode, LineTooLong, WriteIds};
use handfast_sys::stream::WriteEnd;
use handfast_sys::terminal::{InputRules, ReadyTerminal, USUAL_END};
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tokio::io::AsyncWriteExt;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout, timeout_at};

/// How long an answer to a question may wait for a program that does not read.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// How often a full terminal is tried again: it wakes its writer a little before it has room.
const AGAIN: Duration = Duration::from_millis(20);

/// What is written to.
#[derive(Debug)]
pub(super) enum Talk {
    Pipe(WriteEnd),
    Terminal(Arc<Line>),
    /// A pipe that was closed.
    Closed,
}

/// Why a write stopped.
enum Stop {
    Stopped(Stopped),
    System(io::Error),
}

/// What a writer does next.
enum Next {
    Order(Order),
    /// The process is over.
    NobodyReads,
    /// The session is.
    End,
}

impl Next {
    fn of(order: Option<Order>) -> Next {
        order.map_or(Next::End, Next::Order)
    }
}

async fn next(orders: &mut mpsc::Receiver<Order>, seen: &mut watch::Receiver<Seen>) -> Next {
    tokio::select! {
        biased;
        order = orders.recv() => Next::of(order),
        // Whether it is over or its task is gone.
        _ = seen.wait_for(Seen::is_over) => Next::NobodyReads,
    }
}

/// The task of one session.
#[derive(Debug)]
pub(super) struct Writer {
    talk: Talk,
    lines: InputLines,
    /// Typed since the last line end, whoever read it.
    typed: InputLines,
    done: WriteIds<Written>,
    /// Who is told when the pipe is closed, where somebody else holds it too.
    closing: Option<mpsc::WeakUnboundedSender<Wish>>,
    last_input: Arc<Mutex<Option<SystemTime>>>,
}

impl Writer {
    pub(super) fn new(talk: Talk, last_input: Arc<Mutex<Option<SystemTime>>>) -> Writer {
        Writer {
            talk,
            lines: InputLines::default(),
            typed: InputLines::default(),
            done: WriteIds::new(),
            closing: None,
            last_input,
        }
    }

    pub(super) fn closing(mut self, closing: mpsc::WeakUnboundedSender<Wish>) -> Writer {
        self.closing = Some(closing);
        self
    }

    pub(super) async fn run(
        mut self,
        mut orders: mpsc::Receiver<Order>,
        mut seen: watch::Receiver<Seen>,
    ) {
        loop {
            let order = match self.talk {
                Talk::Pipe(_) => next(&mut orders, &mut seen).await,
                Talk::Terminal(_) | Talk::Closed => Next::of(orders.recv().await),
            };
            match order {
                Next::Order(order) => self.carry_out(order).await,
                Next::NobodyReads => self.talk = Talk::Closed,
                Next::End => return,
            }
        }
    }

    async fn carry_out(&mut self, order: Order) {
        match order {
            Order::Write(write) => self.write(write).await,
            Order::Answer(bytes) => {
                // Nobody waits for it; a program that does not read gets no answer.
                let (_, stopped) = self.put(&bytes, Instant::now() + ANSWER_WITHIN).await;
                if let (Some(_), Talk::Terminal(line)) = (stopped, &self.talk) {
                    line.viewer().missed(1);
                }
            }
            Order::Close {
                turn,
                deadline,
                done,
            } => self.close((turn, deadline), done).await,
        }
    }

    async fn write(&mut self, write: Write) {
        if !write.turn.take() {
            return;
        }
        let answer = match self.repeated(write.id.as_deref()) {
            Ok(Some(repeated)) => Ok(repeated),
            Ok(None) => self.write_new(&write).await,
            Err(refusal) => Err(refusal),
        };
        // Whoever asked may have gone.
        let _ = write.done.send(answer);
    }

    fn repeated(&self, id: Option<&str>) -> Result<Option<Written>, Refusal> {
        let Some(id) = id else { return Ok(None) };
        let answer = self.done.answer(id).map_err(Refusal::WriteId)?;
        Ok(answer.map(|written| Written {
            repeated: true,
            ..written.clone()
        }))
    }

    async fn write_new(&mut self, write: &Write) -> Result<Written, Refusal> {
        let (taken, stopped) = self.put(&write.bytes, write.deadline).await;
        let stopped = match stopped {
            None => None,
            Some(Stop::Stopped(Stopped::Closed)) if taken == 0 => return Err(Refusal::Closed),
            Some(Stop::Stopped(Stopped::LineTooLong(line))) if taken == 0 => {
                return Err(Refusal::Line(line));
            }
            Some(Stop::System(source)) if taken == 0 => {
                return Err(Refusal::system("write to the input")(source));
            }
            Some(Stop::Stopped(stopped)) => Some(stopped),
            Some(Stop::System(_)) => Some(Stopped::Closed),
        };
        let written = Written {
            taken,
            stopped,
            repeated: false,
        };
        if let Some(id) = &write.id
            && (taken > 0 || written.is_complete())
        {
            // The id was found good before.
            let _ = self.done.remember(id, written.clone());
        }
        Ok(written)
    }

    /// End-of-file: of a pipe by closing it, of a terminal by its character, on a line of its own.
    async fn close(
        &mut self,
        (turn, deadline): (Turn, Instant),
        done: oneshot::Sender<Result<(), Refusal>>,
    ) {
        if turn.take() {
            let closed = self.end(deadline).await;
            let _ = done.send(closed);
        }
    }

    async fn end(&mut self, deadline: Instant) -> Result<(), Refusal> {
        let line = match &self.talk {
            Talk::Pipe(_) => {
                self.talk = Talk::Closed;
                let closing = self.closing.as_ref();
                if let Some(closing) = closing.and_then(mpsc::WeakUnboundedSender::upgrade) {
                    // A task that is gone has no process any more.
                    let _ = closing.send(Wish::CloseInput);
                }
                return Ok(());
            }
            Talk::Closed => return Ok(()),
            Talk::Terminal(line) => line,
        };
        let master = line.master().ok_or(Refusal::Closed)?;
        let rules = master
            .input_rules()
            .map_err(Refusal::system("end the input"))?;
        drop(master);
        let end = match (rules.end_of_file, rules.canonical) {
            (Some(character), true) => character,
            (None, true) => return Err(Refusal::NoEndOfFile),
            (_, false) => USUAL_END,
        };
        self.look_for_flush();
        let bytes = match (self.typed.unfinished(), rules.canonical) {
            (0, _) => vec![end],
            (_, true) => vec![b'\n', end],
            (_, false) => vec![b'\r', end],
        };
        match self.put(&bytes, deadline).await {
            (_, None) => Ok(()),
            (_, Some(Stop::Stopped(Stopped::Deadline))) => Err(Refusal::system("end the input")(
                io::ErrorKind::TimedOut.into(),
            )),
            (_, Some(Stop::System(source))) => Err(Refusal::system("end the input")(source)),
            (_, Some(Stop::Stopped(_))) => Err(Refusal::Closed),
        }
    }

    /// Writes as much as is taken; answers how much, and why no more.
    async fn put(&mut self, bytes: &[u8], deadline: Instant) -> (usize, Option<Stop>) {
        let mut taken = 0;
        while let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty()) {
            let once = timeout_at(deadline, self.put_once(rest)).await;
            match once {
                Ok(Ok(count)) => taken += count,
                Ok(Err(stop)) => return (taken, Some(stop)),
                Err(_) => return (taken, Some(Stop::Stopped(Stopped::Deadline))),
            }
            *lock(&self.last_input) = Some(SystemTime::now());
        }
        (taken, None)
    }

    /// Cancel safe: nothing was taken while it waits.
    async fn put_once(&mut self, bytes: &[u8]) -> Result<usize, Stop> {
        const CLOSED: Stop = Stop::Stopped(Stopped::Closed);
        self.look_for_flush();
        match &mut self.talk {
            Talk::Closed => Err(CLOSED),
            Talk::Pipe(pipe) => match pipe.write(bytes).await {
                Ok(0) => Err(CLOSED),
                Ok(count) => Ok(count),
                Err(error) => {
                    self.talk = Talk::Closed;
                    Err(stop(error))
                }
            },
            Talk::Terminal(line) => {
                let master = line.master().ok_or(CLOSED)?;
                let rules = master.input_rules().map_err(stop)?;
                let part = part(&mut self.lines, bytes, &rules)
                    .map_err(|line| Stop::Stopped(Stopped::LineTooLong(line)))?;
                let count = to_terminal(&master, part).await.map_err(stop)?;
                self.wrote(bytes.get(..count).unwrap_or(bytes), &rules);
                Ok(count)
            }
        }
    }

    /// Follows what the terminal holds now.
    fn wrote(&mut self, bytes: &[u8], rules: &InputRules) {
        let is_flush = |byte: &u8| *byte != 0 && rules.signal_characters.contains(byte);
        let kept = match bytes.iter().rposition(is_flush) {
            Some(at) if rules.signals && rules.flushes => {
                self.lines.flushed();
                self.typed.flushed();
                bytes.get(at + 1..).unwrap_or_default()
            }
            _ => bytes,
        };
        self.typed.wrote(kept);
        if rules.canonical {
            self.lines.wrote(kept);
        }
    }

    fn look_for_flush(&mut self) {
        if let Talk::Terminal(line) = &self.talk
            && line.flushed.swap(false, Ordering::AcqRel)
        {
            self.lines.flushed();
            self.typed.flushed();
        }
    }
}

/// What may be written next without being cut.
fn part<'b>(
    lines: &mut InputLines,
    bytes: &'b [u8],
    rules: &InputRules,
) -> Result<&'b [u8], LineTooLong> {
    let mode = match rules.canonical {
        true => InputMode::LINUX,
        false => {
            // What was typed to a program that takes every byte stands in no line.
            lines.flushed();
            InputMode::Raw
        }
    };
    let parts = lines.plan(bytes, mode)?;
    let first = parts.into_iter().next();
    Ok(first.and_then(|part| bytes.get(part)).unwrap_or(bytes))
}

fn stop(error: io::Error) -> Stop {
    const EIO: i32 = 5;
    if error.kind() == io::ErrorKind::BrokenPipe || error.raw_os_error() == Some(EIO) {
        Stop::Stopped(Stopped::Closed)
    } else {
        Stop::System(error)
    }
}

/// Writes what is taken. Cancel safe.
async fn to_terminal(master: &ReadyTerminal, bytes: &[u8]) -> io::Result<usize> {
    loop {
        if let Ok(written) = timeout(AGAIN, master.write(bytes)).await {
            return written;
        }
        match master.try_write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            written => return written,
        }
    }
}

/// Waits for the first of two; answers whether that was the first one.
pub(super) async fn first<A, B>(
    one: impl Future<Output = A>,
    other: impl Future<Output = B>,
) -> bool {
    tokio::select! {
        biased;
        _ = one => true,
        _ = other => false,
    }
}

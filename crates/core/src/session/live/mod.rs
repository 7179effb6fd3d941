//! A process that is talked to: the terminal or the pipe that the manager writes to.
//!
//! One task for each session writes (`task.rs`), from a bounded queue, so nobody else ever waits for
//! a program that does not read. For a terminal another one follows the output (`follow.rs`): it
//! answers what the program asks, and draws once somebody has looked. What must stay true: the
//! descriptors are ours alone and do not block; they are closed when the other side is gone and
//! the process is over, though its record is kept; nothing is written twice, cut, or dropped without being said.

mod error;
mod follow;
mod state;
mod task;
mod view;
mod write;

pub use error::SessionError;
pub use state::InputState;
pub use view::ScreenView;
pub use write::{QUEUE, Stopped, WRITE_BYTES, WriteOptions, Written};

use super::key_bytes::InputModes;
use super::screen::ScreenSize;
use crate::config::{Stream, Terminal};
use crate::output::Captured;
use crate::process::seen::Seen;
use crate::process::task::Wish;
use crate::runtime::Runtime;
use follow::follow;
use handfast_sys::proc::Held;
use handfast_sys::stream::{Relay, RelayPipe, WriteEnd};
use handfast_sys::terminal::{ReadyTerminal, SHOWS_READERS, Size, TerminalReader};
use state::Sight;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use task::{Talk, Writer};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::AbortHandle;
use view::Viewer;
use write::Order;
pub(crate) use write::Refusal;

/// How an interrupt was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Interrupted {
    /// The foreground group of the terminal was sent SIGINT.
    Foreground,
    /// The program takes all keys itself: Ctrl-C was written to it.
    Key,
    /// There is no terminal: the group of the leader was sent SIGINT.
    Group,
}

/// The terminal of a process, as far as it is there.
#[derive(Debug)]
pub(super) struct Line {
    /// Until the other side is gone and the process is over.
    master: Mutex<Option<Arc<ReadyTerminal>>>,
    /// What the programs have open.
    held: Option<Held>,
    viewer: Mutex<Viewer>,
    /// Somebody has looked at the screen for the first time.
    wanted: Notify,
    /// What was written and not read was thrown away.
    flushed: AtomicBool,
}

impl Line {
    fn master(&self) -> Option<Arc<ReadyTerminal>> {
        lock(&self.master).clone()
    }

    fn viewer(&self) -> MutexGuard<'_, Viewer> {
        lock(&self.viewer)
    }

    fn close(&self) {
        drop(lock(&self.master).take());
    }
}

/// Nothing under these locks panics half-way through a change.
fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Our side of a process that is talked to. Its drop ends its tasks and closes its descriptors.
#[derive(Debug)]
pub(crate) struct Session {
    line: Option<Arc<Line>>,
    orders: mpsc::Sender<Order>,
    sight: Mutex<Sight>,
    /// When the last byte was taken.
    last_input: Arc<Mutex<Option<SystemTime>>>,
    tasks: Vec<AbortHandle>,
}

impl Drop for Session {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Session {
    /// Without a pipe it is closed. `closing` is told when it is closed from here on.
    pub(crate) fn on_pipe(
        runtime: &Runtime,
        pipe: Option<WriteEnd>,
        seen: watch::Receiver<Seen>,
        closing: mpsc::WeakUnboundedSender<Wish>,
    ) -> Session {
        let (orders, queue) = mpsc::channel(QUEUE);
        let last_input = Arc::default();
        let talk = pipe.map_or(Talk::Closed, Talk::Pipe);
        let writer = Writer::new(talk, Arc::clone(&last_input)).closing(closing);
        let task = runtime.spawn(writer.run(queue, seen));
        Session {
            line: None,
            orders,
            sight: Mutex::default(),
            last_input,
            tasks: vec![task.abort_handle()],
        }
    }

    /// What is written to the terminal goes into `captured` from here on, by way of a pipe where there is
    /// one. What is there already was seen by somebody: no question in it is answered again.
    pub(crate) fn on_terminal(
        runtime: &Runtime,
        (master, held, pipe): (Arc<ReadyTerminal>, Option<Held>, Option<Arc<RelayPipe>>),
        (config, seen): (Terminal, watch::Receiver<Seen>),
        captured: &Captured,
    ) -> Session {
        let asked_from = captured.end().offset();
        match pipe {
            Some(pipe) => {
                let reader = Relay::new(Arc::clone(&master), pipe);
                captured.follow_recorded(runtime, Stream::Terminal, (reader, held));
            }
            None => {
                let reader = TerminalReader(Arc::clone(&master));
                captured.follow(runtime, Stream::Terminal, (reader, held));
            }
        }
        let line = Arc::new(Line {
            master: Mutex::new(Some(master)),
            held,
            viewer: Mutex::new(Viewer::after(&config, asked_from)),
            wanted: Notify::new(),
            flushed: AtomicBool::new(false),
        });
        let (orders, queue) = mpsc::channel(QUEUE);
        let last_input = Arc::default();
        let writer = Writer::new(Talk::Terminal(Arc::clone(&line)), Arc::clone(&last_input));
        let writing = runtime.spawn(writer.run(queue, seen.clone()));
        // Weak: the writer ends with the session, also while the other one still follows.
        let following = follow(
            Arc::clone(&line),
            captured.clone(),
            orders.downgrade(),
            seen,
        );
        let following = runtime.spawn(following);
        Session {
            line: Some(line),
            orders,
            sight: Mutex::default(),
            last_input,
            tasks: vec![writing.abort_handle(), following.abort_handle()],
        }
    }

    /// Writes, within a time: see [`crate::ProcessManager::write`].
    pub(crate) async fn write(
        &self,
        bytes: Vec<u8>,
        options: WriteOptions,
    ) -> Result<Written, Refusal> {
        write::write(&self.orders, bytes, options).await
    }

    /// End-of-file for the process.
    pub(crate) async fn close(&self, within: std::time::Duration) -> Result<(), Refusal> {
        write::close(&self.orders, within).await
    }

    fn line(&self) -> Result<&Arc<Line>, Refusal> {
        self.line.as_ref().ok_or(Refusal::NotATerminal)
    }

    /// The terminal and its master.
    fn there(&self) -> Result<(&Arc<Line>, Arc<ReadyTerminal>), Refusal> {
        let line = self.line()?;
        Ok((line, line.master().ok_or(Refusal::Closed)?))
    }

    pub(crate) fn resize(&self, size: ScreenSize) -> Result<(), Refusal> {
        if size != size.clamped() {
            return Err(Refusal::BadSize(size));
        }
        let (line, master) = self.there()?;
        let window = Size {
            rows: size.rows,
            columns: size.columns,
            ..Size::default()
        };
        let mut viewer = line.viewer();
        master
            .set_size(window)
            .map_err(Refusal::system("set the size"))?;
        viewer.resize(size);
        Ok(())
    }

    /// Interrupts the foreground of the terminal; `false` where the program takes all keys itself.
    pub(crate) fn interrupt(&self) -> Result<bool, Refusal> {
        let (line, master) = self.there()?;
        let refused = || Refusal::system("interrupt");
        let rules = master.input_rules().map_err(refused())?;
        if !rules.signals || rules.signal_characters[0] == 0 {
            return Ok(false);
        }
        master.interrupt().map_err(refused())?;
        line.flushed.store(rules.flushes, Ordering::Release);
        Ok(true)
    }

    pub(crate) fn screen(&self, captured: &Captured) -> Result<ScreenView, Refusal> {
        self.drawn(captured, Viewer::view)
    }

    pub(crate) fn redraw(&self, captured: &Captured) -> Result<Vec<u8>, Refusal> {
        self.drawn(captured, Viewer::redraw)
    }

    pub(crate) fn input_modes(&self, captured: &Captured) -> Result<InputModes, Refusal> {
        self.drawn(captured, Viewer::input_modes)
    }

    /// What of the screen, after all that has come is drawn.
    fn drawn<T>(
        &self,
        captured: &Captured,
        what: impl FnOnce(&mut Viewer) -> T,
    ) -> Result<T, Refusal> {
        let line = self.line()?;
        let mut viewer = line.viewer();
        if viewer.want(captured) {
            line.wanted.notify_one();
        }
        let end = captured.end().offset();
        let orders = self.orders.downgrade();
        while viewer.offset() < end && !follow::feed(&mut viewer, captured, &orders).is_idle() {}
        Ok(what(&mut viewer))
    }

    pub(crate) fn state(&self, captured: &Captured) -> Result<InputState, Refusal> {
        let line = self.line()?;
        let Some(master) = line.master() else {
            return Ok(InputState::Busy);
        };
        if !SHOWS_READERS {
            return Ok(InputState::Hidden);
        }
        let group = master.foreground();
        let group = group.map_err(Refusal::system("find the foreground of the terminal"))?;
        let last = captured.status().last_output;
        let last = last.max(*lock(&self.last_input));
        Ok(lock(&self.sight).look(line.held, group, last))
    }
}

impl Refusal {
    fn system(attempt: &'static str) -> impl FnOnce(io::Error) -> Refusal {
        move |source| Refusal::System { attempt, source }
    }
}

//! Unix: a pair of a terminal, copied as `sudo` does it.
//!
//! A program in a session of its own can never have the caller's terminal: job control works within a
//! session only. `task.rs` copies and passes on what
//! happens to us as a job; `monitor.rs` is the parent that the program needs inside to be a job at
//! all. Background and what is not good yet: `docs/design/terminal.md`.
//!
//! What must stay true: the caller's terminal is changed only while we are in its foreground, and is
//! restored on every way out but SIGKILL; no flag of it is changed, for it is shared.

mod caller;
mod flow;
mod monitor;
mod task;
mod words;

use caller::{Caller, Window};
pub(crate) use monitor::hidden;

use handfast::config::{Checked, Output, ProcessConfig, Stdin};
use handfast::{ProcessHandle, ProcessManager, StartError};
use handfast_sys::channel::{Channel, ReadyChannel};
use handfast_sys::child;
use handfast_sys::terminal::{self, Opened, RawMode, ReadyTerminal, Size};
use std::ffi::{CString, OsStr};
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use words::{Order, Report, Start};

/// A terminal for a program that is about to be started.
#[derive(Debug)]
pub(crate) struct Relay {
    caller: Caller,
    /// Of the caller's terminal, where its input is one.
    modes: Option<RawMode>,
    window: Window,
    /// Every stream of the program is the terminal, wherever the caller's go.
    everything: bool,
    /// Our side of the program's.
    master: ReadyTerminal,
    /// The program's side.
    slave: Arc<OwnedFd>,
    /// To the monitor.
    channel: ReadyChannel,
    monitor: Arc<OwnedFd>,
}

impl Relay {
    /// Makes a terminal that looks like the one on standard input. Where there is none, only if
    /// `always`, and then a plain one. Outputs that are logged do not matter: they need not be the terminal.
    ///
    /// Call it within a tokio runtime. The caller's terminal is not changed yet.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(crate) fn open(
        always: bool,
        size: Option<Size>,
        _logged: bool,
    ) -> io::Result<Option<Relay>> {
        let stdin = io::stdin();
        let on_terminal = stdin.is_terminal();
        if !on_terminal && !always {
            return Ok(None);
        }
        let window = size.map_or(Window::AsCallers, Window::Fixed);
        let pair = terminal::open_pair()?;
        let (caller, modes) = if on_terminal {
            let outer = terminal::reopen(stdin.as_fd())?;
            let modes = RawMode::new(outer.descriptor.try_clone()?);
            terminal::copy_look(outer.descriptor.as_fd(), pair.slave.as_fd())?;
            (Caller::on_terminal(outer, always)?, Some(modes))
        } else {
            terminal::expect_utf8(pair.master.as_fd())?;
            (Caller::on_streams(), None)
        };
        terminal::set_size(pair.slave.as_fd(), window.size())?;
        let (ours, theirs) = Channel::pair()?;
        Ok(Some(Relay {
            caller,
            modes,
            window,
            everything: always,
            master: ReadyTerminal::new(Opened {
                descriptor: pair.master,
                own: true,
            })?,
            slave: Arc::new(pair.slave),
            channel: ReadyChannel::new(ours)?,
            monitor: Arc::new(theirs.into_descriptor()),
        }))
    }

    /// Whether the program gets none of the caller's streams: those that are no terminal stay as they are.
    pub(crate) fn is_all_streams(&self) -> bool {
        false
    }

    /// The config to start in place of the program's: the same in everything but what is executed,
    /// and with the new terminal wherever the program would have got the caller's.
    ///
    /// The program's own must have passed its check: this one says nothing of the program.
    ///
    /// # Errors
    ///
    /// Where our own executable cannot be found.
    pub(crate) fn config(&self, program: &ProcessConfig) -> io::Result<ProcessConfig> {
        let mut builder = program
            .to_builder()
            .program(std::env::current_exe()?)
            .clear_args()
            .arg(monitor::VERB)
            .stdin(Stdin::Descriptor(Arc::clone(&self.monitor)))
            .controlling_terminal(Arc::clone(&self.slave));
        if program.log_file().is_none() {
            let ours = || Output::Descriptor(Arc::clone(&self.slave));
            if self.everything || self.is_caller_s(program.stdout(), io::stdout()) {
                builder = builder.stdout(ours());
            }
            if self.everything || self.is_caller_s(program.stderr(), io::stderr()) {
                builder = builder.stderr(ours());
            }
        }
        Ok(builder.build())
    }

    /// Whether an output would go to the caller's terminal.
    fn is_caller_s(&self, output: &Output, inherited: impl AsFd) -> bool {
        let Some(outer) = self.caller.terminal.as_ref().map(|outer| outer.as_fd()) else {
            return false;
        };
        match output {
            Output::Inherit => terminal::is_same(outer, inherited.as_fd()),
            Output::Descriptor(descriptor) => terminal::is_same(outer, descriptor.as_fd()),
            _ => false,
        }
    }

    /// Lets the monitor, which must have been started, execute the program, and begins to relay.
    ///
    /// # Errors
    ///
    /// As a start without a terminal: the program could not be executed. Nothing of it runs then,
    /// and the monitor is about to end.
    pub(crate) async fn start(
        self,
        program: &Checked,
        _: (&ProcessManager, ProcessHandle),
    ) -> Result<Relayed, StartError> {
        let order = Order::Start(Start {
            foreground: self.modes.as_ref().is_none_or(RawMode::in_foreground),
            program: c_string(program.program().as_os_str())?,
            arguments: std::iter::once(program.argv0())
                .chain(program.args())
                .map(c_string)
                .collect::<Result<_, _>>()?,
        });
        let talk = async {
            let terminal = [self.slave.as_fd()];
            self.channel.send(&order.encode(), &terminal).await?;
            self.channel.receive().await
        };
        let answer = talk.await.map_err(system)?.unwrap_or_default();
        // The record of the process keeps both for as long as it lives. Without them the end of the
        // monitor is seen, and that nobody has the terminal open any more.
        for held in [&self.slave, &self.monitor] {
            child::let_go(held.as_fd()).map_err(system)?;
        }
        match Report::decode(&answer.bytes) {
            Some(Report::Started) => self.relay().map_err(system),
            Some(Report::NotStarted(errno)) => Err(program.explain(errno).into()),
            _ => Err(system(io::ErrorKind::UnexpectedEof.into())),
        }
    }

    fn relay(self) -> io::Result<Relayed> {
        let (wishes, heard) = mpsc::unbounded_channel();
        let on_terminal = self.modes.is_some();
        let task = task::Task::new(self, heard)?;
        Ok(Relayed {
            on_terminal,
            wishes,
            task: tokio::spawn(task.run()),
        })
    }
}

/// What a caller wants of a relay.
#[derive(Debug)]
struct Wish {
    signal: i32,
    group: bool,
}

/// A program on a terminal that is relayed. Dropping it restores the caller's terminal.
#[derive(Debug)]
pub(crate) struct Relayed {
    on_terminal: bool,
    wishes: mpsc::UnboundedSender<Wish>,
    task: JoinHandle<()>,
}

impl Relayed {
    /// Whether the caller sits at a terminal, whose job is stopped and continued by us.
    pub(crate) fn is_on_terminal(&self) -> bool {
        self.on_terminal
    }

    /// Signals the program, or with `group` all of its group as its terminal would. The manager
    /// would signal the monitor, which listens to nothing.
    pub(crate) fn signal(&self, signal: i32, group: bool) {
        // Nobody is there to be signalled after the end.
        let _ = self.wishes.send(Wish { signal, group });
    }

    /// Shows what was written last, and restores the caller's terminal. For after the end of the
    /// tree, or of what of it is waited for, and before anything is said to the caller.
    ///
    /// # Cancel safety
    ///
    /// The terminal is restored also when the future is dropped; last words may be lost then, and
    /// only then. It waits only for the caller's terminal to take them.
    pub(crate) async fn finish(mut self) {
        let (closed, _) = mpsc::unbounded_channel();
        // No more wishes: that is how the task is told.
        drop(std::mem::replace(&mut self.wishes, closed));
        // It fails only by a panic, in which the terminal was restored as well.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Relayed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn c_string(text: &OsStr) -> Result<CString, StartError> {
    CString::new(text.as_bytes()).map_err(|error| system(error.into()))
}

fn system(source: io::Error) -> StartError {
    StartError::System {
        attempt: "give the program a terminal of its own",
        source: Arc::new(source),
    }
}

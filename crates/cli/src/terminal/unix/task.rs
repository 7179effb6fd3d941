//! The task that copies between the two terminals and is to the shell what the program would be.
//!
//! Three things happen in it besides copying. The program stops: then so do we, with our whole
//! group, for the shell to see. We are continued: then so is the program, in the foreground or in
//! the background as we are. Either side is gone: then the other one is told.
//!
//! What must stay true: nothing is read from a terminal in whose background we are; everything that
//! the program wrote before it stopped or ended is shown before the terminal is given back; and the
//! monitor is let go only after that, since its end empties the program's terminal.
//!
//! Where the caller's input is no terminal nobody sits there who could continue the program: one that
//! stops for a character in its input, or for being in a background, goes on at once.

use super::caller::{Keys, Shown, Window, Writes as _};
use super::flow::{Flow, Step};
use super::words::{Order, Report, Resume};
use super::{Relay, Wish};
use handfast_sys::channel::ReadyChannel;
use handfast_sys::child;
use handfast_sys::terminal::{self, RawMode, ReadyTerminal};
use std::future::poll_fn;
use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::task::Poll;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

/// More than a terminal of the kernel holds, so all that was written before the end is within.
const LAST_WORDS: usize = 256 << 10;

/// The signal for a terminal that is gone.
const HANG_UP: i32 = 1;

/// The byte of Ctrl-D.
const END_OF_INPUT: u8 = 4;

#[derive(Debug)]
pub(super) struct Task {
    /// The caller's terminal and its modes, where its input is one.
    outer: Option<(Arc<ReadyTerminal>, RawMode)>,
    keys: Keys,
    shown: Shown,
    window: Window,
    /// `None` once either side is gone.
    master: Option<ReadyTerminal>,
    channel: ReadyChannel,
    wishes: mpsc::UnboundedReceiver<Wish>,
    input: Flow,
    output: Flow,
    /// Whether the caller's terminal is ours, as far as we know.
    foreground: bool,
    /// Whether the program is stopped.
    stopped: bool,
    /// Whether it has ended. What it left behind may still write.
    over: bool,
    continued: Signal,
    resized: Signal,
}

impl Task {
    pub(super) fn new(relay: Relay, wishes: mpsc::UnboundedReceiver<Wish>) -> io::Result<Task> {
        let listen = |number| signal(SignalKind::from_raw(number));
        Ok(Task {
            keys: relay.caller.keys(),
            outer: relay.caller.terminal.zip(relay.modes),
            shown: relay.caller.shown,
            window: relay.window,
            master: Some(relay.master),
            channel: relay.channel,
            wishes,
            input: Flow::new(),
            output: Flow::new(),
            foreground: false,
            stopped: false,
            over: false,
            continued: listen(child::CONTINUE)?,
            resized: listen(terminal::RESIZED)?,
        })
    }

    /// Relays until nobody wants anything any more. After the program has ended the caller's
    /// terminal is the caller's again, and only what is still written is shown on it.
    pub(super) async fn run(mut self) {
        // The size may have changed before we listened.
        self.look_at_shell(false);
        while self.turn().await {}
        self.drain().await;
        self.leave();
    }

    fn leave(&mut self) {
        if let Some((_, modes)) = &mut self.outer {
            modes.leave();
        }
    }

    /// One thing that happens; false at the end.
    async fn turn(&mut self) -> bool {
        let shows = self.master.is_some();
        let reads = shows && self.foreground && !self.stopped;
        tokio::select! {
            packet = self.channel.receive(), if !self.over => match packet {
                Ok(Some(packet)) => self.reported(Report::decode(&packet.bytes)).await,
                Ok(None) | Err(_) => self.program_ended().await,
            },
            wish = self.wishes.recv() => match wish {
                Some(Wish { signal, group }) => self.order(&Order::Signal { signal, group }),
                None => return false,
            },
            _ = self.continued.recv() => self.look_at_shell(self.stopped),
            _ = self.resized.recv() => self.look_at_shell(false),
            step = take(&mut self.input, &mut self.keys, self.master.as_ref()), if reads
                => self.after_input(&step),
            step = show(&mut self.output, self.master.as_ref(), &mut self.shown), if shows
                => self.after_output(&step),
        }
        true
    }

    async fn reported(&mut self, report: Option<Report>) {
        match report {
            Some(Report::Stopped(signal)) => self.program_stopped(signal).await,
            Some(Report::Continued) => self.stopped = false,
            Some(Report::Ended | Report::NotStarted(_)) => self.program_ended().await,
            Some(Report::Started) | None => {}
        }
    }

    /// Gives the terminal back, and lets the monitor end: the caller may act on that end.
    async fn program_ended(&mut self) {
        self.drain().await;
        self.over = true;
        self.foreground = false;
        self.leave();
        self.order(&Order::Leave);
    }

    /// Stops as the program did, with the whole job, and goes on when the job does.
    async fn program_stopped(&mut self, signal: i32) {
        self.stopped = true;
        if self.outer.is_none() {
            // SIGSTOP is somebody's wish, to be kept until somebody wishes otherwise.
            return if signal != child::STOP {
                self.resume(true, true);
            };
        }
        let wanted_terminal = signal == terminal::STOP_READER || signal == terminal::STOP_WRITER;
        // A job that runs in the background is brought to the foreground without a word to it.
        if wanted_terminal && self.enter() {
            return self.resume(true, true);
        }
        self.drain().await;
        self.leave();
        self.forget_continued().await;
        // SIGSTOP would stop us also where nobody could continue us.
        let ours = match signal {
            child::STOP => child::TERMINAL_STOP,
            other => other,
        };
        // No other signal stops anybody.
        let _ = terminal::suspend_group(ours);
        if self.forget_continued().await {
            self.look_at_shell(true);
        } else {
            self.not_suspended(signal);
        }
    }

    /// Our stop was discarded, for there is no shell that could continue us.
    fn not_suspended(&mut self, signal: i32) {
        let foreground = self.enter();
        match signal {
            // Somebody's wish, to be kept until somebody wishes otherwise.
            child::STOP => {}
            // Asked for for ever, if it went on in the background: it may wait for input that does
            // not come.
            terminal::STOP_READER | terminal::STOP_WRITER => self.resume(true, true),
            _ => self.resume(true, foreground),
        }
    }

    /// Whether we have been continued since the last call.
    async fn forget_continued(&mut self) -> bool {
        // Lets the runtime look at what its handler noted.
        tokio::task::yield_now().await;
        let continued = |context: &mut std::task::Context<'_>| {
            Poll::Ready(self.continued.poll_recv(context).is_ready())
        };
        poll_fn(continued).await
    }

    /// Is to the caller's terminal what the shell has made us, and passes it on.
    fn look_at_shell(&mut self, wake: bool) {
        if self.over {
            return;
        }
        let foreground = self.enter();
        self.resume(wake, foreground);
    }

    /// Takes the caller's terminal if we are in the foreground.
    fn enter(&mut self) -> bool {
        // One that fails is gone, which reading it will tell.
        let entered = |(_, modes): &mut (_, RawMode)| modes.enter().unwrap_or(true);
        self.foreground = self.outer.as_mut().is_none_or(entered);
        self.foreground
    }

    /// The size goes the same way, so that an old one is never set after a new one.
    fn resume(&mut self, wake: bool, foreground: bool) {
        let size = self.window.size();
        self.stopped &= !wake;
        self.order(&Order::Resume(Resume {
            foreground,
            wake,
            size,
        }));
    }

    fn after_input(&mut self, step: &Step) {
        match step {
            Step::Moved => {}
            Step::SourceOver => match &self.outer {
                Some((outer, _)) if terminal::is_hung_up(outer.as_fd()) => self.hang_up(),
                // Somebody has taken raw mode from it, and typed Ctrl-D.
                Some(_) => self.input.put(END_OF_INPUT),
                None => self.end_input(),
            },
            Step::SinkOver => self.hang_up(),
        }
    }

    /// Types what ends the input of a program, as its terminal is now.
    fn end_input(&mut self) {
        self.keys = Keys::Over;
        let master = self.master.as_ref().map(AsFd::as_fd);
        let rules = master.and_then(|master| terminal::input_rules(master).ok());
        let rules = rules.map(|rules| (rules.canonical, rules.end_of_file));
        let (canonical, end) = rules.unwrap_or((true, None));
        let end = end.unwrap_or(END_OF_INPUT);
        if canonical && !self.input.ended_line() {
            // The first one ends the line that was begun.
            self.input.put(end);
        }
        self.input.put(end);
    }

    fn after_output(&mut self, step: &Step) {
        match step {
            Step::Moved => {}
            Step::SourceOver | Step::SinkOver => self.hang_up(),
        }
    }

    /// Closing our side is the hang-up of the other one. The kernel signals only the leader of its
    /// session, which is the monitor; the program is signalled by that.
    fn hang_up(&mut self) {
        if self.outer.is_none() && !self.over {
            let (signal, group) = (HANG_UP, true);
            self.order(&Order::Signal { signal, group });
        }
        self.master = None;
    }

    /// Shows what the program wrote until now.
    async fn drain(&mut self) {
        let Some(master) = &self.master else { return };
        let drained = self.output.drain(master, &mut self.shown, LAST_WORDS).await;
        let flushed = self.shown.flush().await;
        self.after_output(match flushed {
            Ok(()) => &drained,
            Err(_) => &Step::SinkOver,
        });
    }

    /// A monitor that does not hear is about to end; there is room for all that we ever say.
    fn order(&self, order: &Order) {
        let _ = self.channel.try_send(&order.encode(), &[]);
    }
}

/// A step of the input, where there is somebody to type it to.
async fn take(flow: &mut Flow, keys: &mut Keys, master: Option<&ReadyTerminal>) -> Step {
    match master {
        Some(mut master) => flow.step(keys, &mut master).await,
        None => std::future::pending().await,
    }
}

/// A step of the output, where there may be some.
async fn show(flow: &mut Flow, master: Option<&ReadyTerminal>, shown: &mut Shown) -> Step {
    match master {
        Some(mut master) => flow.step(&mut master, shown).await,
        None => std::future::pending().await,
    }
}

//! Windows: events of the console, all of which ask for the end.
//!
//! A program that is started here has a console of its own, so Ctrl-C on ours does not reach it: it is a request
//! to us, and what is run for somebody is asked to end. Nothing says that a window has another size, so that is
//! looked at from time to time.

use super::{AtTerminal, Heard};
use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::signal::windows::{
    CtrlBreak, CtrlC, CtrlClose, CtrlLogoff, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close,
    ctrl_logoff, ctrl_shutdown,
};
use tokio::time::{Interval, MissedTickBehavior, interval};

/// The number by which a request to end is passed on.
const TERMINATE: i32 = 15;

/// The number of what stops a process, which nothing does here.
pub const STOP: i32 = 19;

/// The number of what asks a process to stop, which nothing does here.
pub const TERMINAL_STOP: i32 = 20;

/// The number of what continues a stopped process.
pub const CONTINUE: i32 = 18;

/// The number of what says that a window has another size, which nothing does here.
pub const RESIZED: i32 = 28;

/// How often the size of the window is looked at.
const GLANCE: Duration = Duration::from_millis(200);

/// The events of a console.
#[derive(Debug)]
struct Events {
    interrupt: CtrlC,
    stop: CtrlBreak,
    closing: CtrlClose,
    leaving: CtrlLogoff,
    ending: CtrlShutdown,
}

impl Events {
    fn new() -> io::Result<Events> {
        Ok(Events {
            interrupt: ctrl_c()?,
            stop: ctrl_break()?,
            closing: ctrl_close()?,
            leaving: ctrl_logoff()?,
            ending: ctrl_shutdown()?,
        })
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let came = self.interrupt.poll_recv(context).is_ready()
            || self.stop.poll_recv(context).is_ready()
            || self.closing.poll_recv(context).is_ready()
            || self.leaving.poll_recv(context).is_ready()
            || self.ending.poll_recv(context).is_ready();
        if came { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// Listens from when it is made.
#[derive(Debug)]
pub struct Listener(Events);

impl Listener {
    /// Listens from here on.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn new() -> io::Result<Listener> {
        Events::new().map(Listener)
    }

    /// The next one.
    ///
    /// # Cancel safety
    ///
    /// Safe: none is lost; several that wait may be one.
    pub async fn next(&mut self) -> Heard {
        poll_fn(|context| self.0.poll(context)).await;
        Heard::Terminate(TERMINATE)
    }
}

/// Listens to what concerns who sits at a terminal.
#[derive(Debug)]
pub struct Seated {
    events: Events,
    glance: Interval,
}

impl Seated {
    /// Listens from here on.
    ///
    /// # Errors
    ///
    /// What the system says.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with time enabled.
    pub fn new() -> io::Result<Seated> {
        let mut glance = interval(GLANCE);
        glance.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Seated {
            events: Events::new()?,
            glance,
        })
    }

    /// The next one; from time to time that the size may be another.
    ///
    /// # Cancel safety
    ///
    /// Safe: none is lost.
    pub async fn next(&mut self) -> AtTerminal {
        poll_fn(|context| {
            if self.events.poll(context).is_ready() {
                return Poll::Ready(AtTerminal::Over);
            }
            self.glance.poll_tick(context).map(|_| AtTerminal::Resized)
        })
        .await
    }
}

//! Unix: signals.

use super::{AtTerminal, Heard};
use crate::child;
use std::future::poll_fn;
use std::io;
use std::task::Poll;
use tokio::signal::unix::{Signal, SignalKind, signal};

pub use crate::child::{CONTINUE, STOP, TERMINAL_STOP};
pub use crate::terminal::RESIZED;

/// What is listened to; the first is told first where several wait.
fn all() -> [SignalKind; 9] {
    [
        SignalKind::terminate(),
        SignalKind::hangup(),
        SignalKind::interrupt(),
        SignalKind::quit(),
        SignalKind::from_raw(TERMINAL_STOP),
        SignalKind::from_raw(CONTINUE),
        SignalKind::user_defined1(),
        SignalKind::user_defined2(),
        SignalKind::window_change(),
    ]
}

fn of(kind: SignalKind) -> Heard {
    let number = kind.as_raw_value();
    if kind == SignalKind::terminate() {
        Heard::Terminate(number)
    } else if kind == SignalKind::hangup() {
        Heard::HangUp(number)
    } else if kind == SignalKind::interrupt() || kind == SignalKind::quit() {
        Heard::Interrupt(number)
    } else if number == TERMINAL_STOP {
        Heard::Pause
    } else if number == CONTINUE {
        Heard::Resume
    } else {
        Heard::Other(number)
    }
}

/// Listens from when it is made.
#[derive(Debug)]
pub struct Listener(Vec<(Heard, Signal)>);

impl Listener {
    /// Listens from here on.
    ///
    /// # Errors
    ///
    /// What the system says.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O enabled.
    pub fn new() -> io::Result<Listener> {
        child::listen_to_signals()?;
        let mut listened = Vec::new();
        for kind in all() {
            if !child::is_ignored(kind.as_raw_value()) {
                listened.push((of(kind), signal(kind)?));
            }
        }
        Ok(Listener(listened))
    }

    /// The next one.
    ///
    /// # Cancel safety
    ///
    /// Safe: none is lost.
    pub async fn next(&mut self) -> Heard {
        poll_fn(|context| {
            for (heard, signal) in &mut self.0 {
                if let Poll::Ready(Some(())) = signal.poll_recv(context) {
                    return Poll::Ready(*heard);
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// Listens to what concerns who sits at a terminal.
#[derive(Debug)]
pub struct Seated([(AtTerminal, Signal); 3]);

impl Seated {
    /// Listens from here on.
    ///
    /// # Errors
    ///
    /// What the system says.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O enabled.
    pub fn new() -> io::Result<Seated> {
        Ok(Seated([
            (AtTerminal::Over, signal(SignalKind::terminate())?),
            (AtTerminal::Over, signal(SignalKind::hangup())?),
            (AtTerminal::Resized, signal(SignalKind::window_change())?),
        ]))
    }

    /// The next one.
    ///
    /// # Cancel safety
    ///
    /// Safe: none is lost.
    pub async fn next(&mut self) -> AtTerminal {
        poll_fn(|context| {
            for (heard, signal) in &mut self.0 {
                if let Poll::Ready(Some(())) = signal.poll_recv(context) {
                    return Poll::Ready(*heard);
                }
            }
            Poll::Pending
        })
        .await
    }
}

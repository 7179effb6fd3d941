//! The signals that handfast is sent, one after the other.
//!
//! The one place of this verb that knows which. What was ignored when handfast was started stays
//! ignored (`nohup`, a background job of a shell without job control); what was blocked is not any
//! more, since nothing that is blocked could end the tree.

use crate::explain::Failure;
use handfast_sys::child;
use std::future::poll_fn;
use std::task::Poll;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What is listened to; the first is told first where several wait.
fn heard() -> [SignalKind; 9] {
    [
        SignalKind::terminate(),
        SignalKind::hangup(),
        SignalKind::interrupt(),
        SignalKind::quit(),
        SignalKind::from_raw(child::TERMINAL_STOP),
        SignalKind::from_raw(child::CONTINUE),
        SignalKind::user_defined1(),
        SignalKind::user_defined2(),
        SignalKind::window_change(),
    ]
}

/// A signal, by what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// The tree is to end.
    Terminate(i32),
    /// The other end of the terminal is gone: as [`Asked::Terminate`], and the program is told.
    HangUp(i32),
    /// For the program to decide, as in a shell.
    Interrupt(i32),
    /// The job is to stop.
    Pause,
    /// The job is to go on.
    Resume,
    /// Something between the sender and the program.
    Other(i32),
}

impl Asked {
    fn of(kind: SignalKind) -> Asked {
        let number = kind.as_raw_value();
        if kind == SignalKind::terminate() {
            Asked::Terminate(number)
        } else if kind == SignalKind::hangup() {
            Asked::HangUp(number)
        } else if kind == SignalKind::interrupt() || kind == SignalKind::quit() {
            Asked::Interrupt(number)
        } else if number == child::TERMINAL_STOP {
            Asked::Pause
        } else if number == child::CONTINUE {
            Asked::Resume
        } else {
            Asked::Other(number)
        }
    }

    /// The signal that ends handfast where there is no program yet that could be asked.
    pub(super) fn ends(self) -> Option<i32> {
        match self {
            Asked::Terminate(signal) | Asked::HangUp(signal) | Asked::Interrupt(signal) => {
                Some(signal)
            }
            Asked::Pause | Asked::Resume | Asked::Other(_) => None,
        }
    }
}

/// Listens from when it is made.
#[derive(Debug)]
pub(super) struct Listener(Vec<(Asked, Signal)>);

impl Listener {
    pub(super) fn new() -> Result<Listener, Failure> {
        let failed = |error| Failure::new("cli.signals", "listen to signals", &error);
        child::listen_to_signals().map_err(failed)?;
        let mut all = Vec::new();
        for kind in heard() {
            if !child::is_ignored(kind.as_raw_value()) {
                all.push((Asked::of(kind), signal(kind).map_err(failed)?));
            }
        }
        Ok(Listener(all))
    }

    /// The next one. Safe to cancel: none is lost.
    pub(super) async fn next(&mut self) -> Asked {
        poll_fn(|context| {
            for (asked, signal) in &mut self.0 {
                if let Poll::Ready(Some(())) = signal.poll_recv(context) {
                    return Poll::Ready(*asked);
                }
            }
            Poll::Pending
        })
        .await
    }
}

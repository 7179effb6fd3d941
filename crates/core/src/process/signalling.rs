//! Signals that callers want, and what became of each.

use super::error::SignalError;
use super::life::Event;
use super::task::Task;
use handfast_reaper::wire::{Request, Scope, Signal};
use std::io;
use std::sync::Arc;
use tokio::sync::oneshot;

impl Task {
    pub(super) async fn signal(
        &mut self,
        signal: i32,
        scope: Scope,
        done: oneshot::Sender<Result<u32, SignalError>>,
    ) {
        let token = self.next_token;
        self.next_token += 1;
        // Noted before it is sent: its effect may be told before its answer.
        self.step(Event::SignalSent { signal }).await;
        let signal = Signal {
            id: self.id,
            signal,
            scope: scope.byte(),
            token,
        };
        if let Ok(sent_to) = self.send(&Request::Signal(signal)).await {
            self.signals.insert(token, (sent_to, done));
        }
    }

    pub(super) fn signalled(&mut self, token: u64, count: u32, errno: i32) {
        let Some((_, done)) = self.signals.remove(&token) else {
            return;
        };
        let handle = self.record.handle;
        let answer = match (count, errno) {
            (0, 0) => Err(SignalError::Over { handle }),
            (0, errno) => {
                let source = Arc::new(io::Error::from_raw_os_error(errno));
                Err(SignalError::Refused { handle, source })
            }
            (count, _) => Ok(count),
        };
        // Who asked may have stopped waiting.
        let _ = done.send(answer);
    }
}

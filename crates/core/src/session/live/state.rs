//! Whether a program waits for somebody to type.
//!
//! Nothing tells when it begins to; looking tells whether it does. So "since" is the first look that
//! saw the very wait which is seen now, and beside it stands the moment before which it cannot have
//! begun.

use handfast_sys::child::Pid;
use handfast_sys::proc::{Held, Reader, Reading, reading};
use std::time::SystemTime;

/// Whether the foreground program of a terminal waits for input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputState {
    /// It waits: for a line, or for a key, without a limit of time.
    Waiting {
        /// Who waits, in the caller's own namespace; for people, not for signals.
        pid: u32,
        /// When this wait was first seen.
        since: SystemTime,
        /// When a byte last went either way: it has not waited for longer than that.
        not_before: Option<SystemTime>,
    },
    /// It does something else, or nobody is in the foreground.
    Busy,
    /// The system does not let us see it.
    Hidden,
}

impl InputState {
    /// The word for it on the command line and in JSON.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            InputState::Waiting { .. } => "waiting-for-input",
            InputState::Busy => "busy",
            InputState::Hidden => "hidden",
        }
    }
}

/// What the last look saw.
#[derive(Debug, Default)]
pub(super) struct Sight(Option<(Reader, SystemTime)>);

impl Sight {
    pub(super) fn look(
        &mut self,
        terminal: Option<Held>,
        group: Option<Pid>,
        not_before: Option<SystemTime>,
    ) -> InputState {
        let (Some(terminal), Some(group)) = (terminal, group) else {
            return InputState::Busy;
        };
        match reading(terminal, group.get()) {
            Reading::By(reader) => InputState::Waiting {
                pid: reader.pid.unsigned_abs(),
                since: self.since(reader, SystemTime::now()),
                not_before,
            },
            Reading::Nobody => self.forget(InputState::Busy),
            Reading::Hidden => self.forget(InputState::Hidden),
        }
    }

    fn since(&mut self, reader: Reader, now: SystemTime) -> SystemTime {
        match self.0 {
            Some((seen, since)) if seen == reader => since,
            _ => {
                self.0 = Some((reader, now));
                now
            }
        }
    }

    fn forget(&mut self, state: InputState) -> InputState {
        self.0 = None;
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_same_wait_goes_on_and_another_begins_anew() {
        let now = SystemTime::UNIX_EPOCH;
        let later = now + Duration::from_secs(1);
        let reader = |pid, sleeps| Reader { pid, sleeps };
        let mut sight = Sight::default();
        assert_eq!(sight.since(reader(1, 5), now), now);
        assert_eq!(sight.since(reader(1, 5), later), now);
        assert_eq!(sight.since(reader(1, 6), later), later);
        assert_eq!(sight.since(reader(2, 6), now), now);
        sight.forget(InputState::Busy);
        assert_eq!(sight.since(reader(2, 6), later), later);
    }
}

//! Waiting for an escape character, so that nobody need look at text that has none.
//!
//! Whoever answers the questions of a program would else be woken by every piece of a flood, and copy it.
//! The scan is done where the bytes are read, while they are in the cache. What must stay true: an
//! escape that comes after the lookout was set is never missed, and one lookout finds the first of them.

use super::shared::{Look, State};

const ESCAPE: u8 = 0x1b;

/// Set from an offset on, until an escape has come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lookout {
    from: u64,
    found: Option<u64>,
}

impl Lookout {
    /// Looks at what was read; `before` is the offset of its first byte. Answers whether the one who waits
    /// must be woken.
    pub(super) fn look_at(&mut self, bytes: &[u8], before: u64) -> bool {
        if self.found.is_some() {
            return false;
        }
        self.found = memchr::memchr(ESCAPE, bytes).map(|at| before + at as u64);
        self.found.is_some()
    }

    /// The offset of the first escape from `from` on; or `from`, where something was there before it was looked for;
    /// or the end, where no more can come.
    pub(super) fn find(state: &mut State, from: u64) -> Look<u64> {
        let total = state.store.totals().sum();
        let found = match state.lookout {
            Some(lookout) if lookout.from == from => lookout.found,
            _ if total > from => Some(from),
            _ => {
                state.lookout = Some(Lookout { from, found: None });
                None
            }
        };
        match found.or_else(|| state.store.is_closed().then_some(total)) {
            Some(offset) => {
                state.lookout = None;
                Look::Found(offset)
            }
            None => Look::NotBefore(u64::MAX),
        }
    }
}

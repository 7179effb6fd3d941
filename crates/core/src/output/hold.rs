//! Holding an output back, so that a slow reader misses nothing: back-pressure, for those who ask.

use super::captured::Captured;
use super::chunk::Chunk;
use super::shared::State;
use super::status::HoldStatus;
use std::time::Duration;

/// One who holds the output back.
#[derive(Debug)]
pub(super) struct Held {
    id: u64,
    name: String,
    pub(super) consumed: u64,
    /// Asked for with the config, and nobody has taken it up.
    waits: bool,
    /// How long the output waits for it between two pieces; for ever if not set.
    patience: Option<Duration>,
    /// It has used its patience up, and is not waited for until it goes on.
    lapsed: bool,
}

impl Held {
    pub(super) fn seen(&self) -> HoldStatus {
        HoldStatus {
            name: self.name.clone(),
            consumed: self.consumed,
        }
    }
}

impl State {
    /// Adds one who will be taken up later.
    pub(super) fn hold_for(&mut self, name: &str) {
        let id = self.add_hold(name);
        if let Some(held) = self.held.iter_mut().find(|held| held.id == id) {
            held.waits = true;
        }
    }

    /// The number of a new one; of one who waits under that name, if there is one.
    pub(super) fn hold(&mut self, name: &str) -> u64 {
        let waiting = |held: &&mut Held| held.waits && held.name == name;
        match self.held.iter_mut().find(waiting) {
            Some(held) => {
                held.waits = false;
                held.id
            }
            None => self.add_hold(name),
        }
    }

    fn add_hold(&mut self, name: &str) -> u64 {
        let id = self.next_hold;
        self.next_hold += 1;
        // What is gone already cannot be held any more.
        let consumed = match self.store.omitted().sum() {
            0 => 0,
            _ => self.store.tail_start(),
        };
        self.held.push(Held {
            id,
            name: name.to_owned(),
            consumed,
            waits: false,
            patience: None,
            lapsed: false,
        });
        id
    }

    /// Adds one for whom the output waits only so long at a time.
    pub(super) fn hold_within(&mut self, name: &str, patience: Duration) -> u64 {
        let id = self.add_hold(name);
        if let Some(held) = self.held.iter_mut().find(|held| held.id == id) {
            held.patience = Some(patience);
        }
        id
    }

    /// Up to which offset everything was consumed by all who are waited for.
    pub(super) fn held_from(&self) -> u64 {
        let waited_for = self.held.iter().filter(|held| !held.lapsed);
        waited_for
            .map(|held| held.consumed)
            .min()
            .unwrap_or(u64::MAX)
    }

    /// How long to wait for those who are waited for.
    pub(super) fn patience(&self) -> Option<Duration> {
        let waited_for = self.held.iter().filter(|held| !held.lapsed);
        waited_for.filter_map(|held| held.patience).min()
    }

    /// So long has been waited and nobody has gone on.
    pub(super) fn waited(&mut self, time: Duration) {
        for held in &mut self.held {
            held.lapsed |= held.patience.is_some_and(|patience| patience <= time);
        }
    }

    /// Never backwards: what was given up is gone.
    pub(super) fn consumed(&mut self, id: u64, offset: u64) {
        if let Some(held) = self.held.iter_mut().find(|held| held.id == id) {
            held.consumed = held.consumed.max(offset);
            held.lapsed = false;
        }
    }

    pub(super) fn consumed_by(&self, id: u64) -> u64 {
        let held = self.held.iter().find(|held| held.id == id);
        held.map_or(0, |held| held.consumed)
    }

    pub(super) fn release(&mut self, id: u64) {
        self.held.retain(|held| held.id != id);
    }
}

/// Holds the output of a process back: while it lives, nothing that it has not consumed is given
/// up. Where memory is full, the process is not read, so its next write waits.
///
/// This is the one way in which a reader can stop a process, so it is asked for by name and is seen
/// in the [`OutputStatus`](super::OutputStatus). Dropping it lets the output flow.
#[derive(Debug)]
#[must_use = "dropping a hold lets the output flow"]
pub struct Hold {
    captured: Captured,
    id: u64,
}

impl Hold {
    pub(super) fn new(captured: Captured, id: u64) -> Hold {
        Hold { captured, id }
    }

    /// Up to which offset it has consumed. For a new one: where the bytes begin that it can hold.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.captured
            .shared()
            .with(|state| state.consumed_by(self.id))
    }

    /// Says that what comes before this offset is no longer needed. Going back has no effect.
    pub fn consumed(&self, offset: u64) {
        let shared = self.captured.shared();
        shared.change_holds(|state| state.consumed(self.id, offset));
    }

    /// Reads at most `limit` bytes from where it stands, and consumes them.
    ///
    /// Nothing is there where the chunk is empty; wait with [`Captured::wait_for_output`] then.
    pub fn take(&self, limit: usize) -> Chunk {
        let shared = self.captured.shared();
        shared.change_holds(|state| {
            let chunk = state.store.read(state.consumed_by(self.id), limit);
            state.consumed(self.id, chunk.next.offset());
            chunk
        })
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let shared = self.captured.shared();
        shared.change_holds(|state| state.release(self.id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Stream;
    use crate::output::shared::Shared;

    const SECOND: Duration = Duration::from_secs(1);
    const KEEP: usize = 10_000;

    /// A store that is full.
    fn full(shared: &Shared) {
        let keep = [0; KEEP];
        shared.with(|state| state.store.push(Stream::Stdout, &keep, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn one_with_patience_is_waited_for_only_so_long_at_a_time() {
        let shared = Shared::new(KEEP, &[Stream::Stdout]);
        let disk = shared.change_holds(|state| state.hold_within("disk", SECOND));
        full(&shared);
        let begun = tokio::time::Instant::now();
        for round in 1..=3 {
            assert_eq!(shared.with(|state| state.room()), 0);
            shared.room().await;
            assert_eq!(begun.elapsed().as_secs(), round);
            // Not waited for any more, until it moves.
            assert!(shared.with(|state| state.room()) > 0);
            full(&shared);
            let totals = shared.totals().sum();
            shared.change_holds(|state| state.consumed(disk, totals - 5000));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_without_patience_is_waited_for_until_it_moves_or_goes() {
        let shared = Shared::new(KEEP, &[Stream::Stdout]);
        let (slow, disk) =
            shared.change_holds(|state| (state.hold("slow"), state.hold_within("disk", SECOND)));
        full(&shared);
        for _ in 0..3 {
            let wait = tokio::time::timeout(100 * SECOND, shared.room());
            // The patience of the other one makes it look again.
            let _ = wait.await;
            assert_eq!(shared.with(|state| state.room()), 0);
        }
        shared.change_holds(|state| state.release(disk));
        let (moved, ()) = tokio::join!(tokio::time::timeout(100 * SECOND, shared.room()), async {
            shared.change_holds(|state| state.consumed(slow, 6000))
        });
        assert!(moved.is_ok());
        shared.change_holds(|state| state.consumed(slow, 1000));
        assert_eq!(shared.with(|state| state.consumed_by(slow)), 6000);
        shared.change_holds(|state| state.release(slow));
        assert!(shared.with(|state| state.room()) >= 5000);
    }
}

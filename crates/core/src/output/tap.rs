//! Taking output away: for the one reader of a session who is answered with what is new.
//!
//! Apart from reading because it does take away. What must stay true: it is in one step with the pump, so
//! what is not in one take is in the next, or counted in it.

use super::captured::Captured;
use super::head_tail::HeadTail;

/// What was taken from a tap.
#[derive(Debug)]
pub(crate) struct Drained {
    pub(crate) taken: HeadTail,
    /// How many bytes have come, of all streams, since the beginning.
    pub(crate) total: u64,
    /// No more can come.
    pub(crate) closed: bool,
}

impl Captured {
    /// Takes what has come since it was last taken, where the capture is tapped. It is in one step
    /// with the pump: what is not in here comes later or is counted in here.
    pub(crate) fn drain(&self) -> Drained {
        self.shared().with(|state| Drained {
            taken: state
                .tap
                .as_mut()
                .map_or_else(|| HeadTail::new(0), HeadTail::drain),
            total: state.store.totals().sum(),
            closed: state.store.is_closed(),
        })
    }

    /// What would be taken now, where the capture is tapped.
    pub(crate) fn untaken(&self) -> HeadTail {
        let tap = self.shared().with(|state| state.tap.clone());
        tap.unwrap_or_else(|| HeadTail::new(0))
    }

    /// Puts back what was taken and could not be handed on, before what has come since.
    pub(crate) fn give_back(&self, mut taken: HeadTail) {
        self.shared().with(|state| match &mut state.tap {
            Some(tap) if state.given_up => tap.omit(taken.total()),
            Some(tap) => {
                taken.push_buffer(tap);
                *tap = taken;
            }
            None => {}
        });
    }

    /// The offset among all bytes of the first one that was not taken yet.
    pub(crate) fn tapped_from(&self) -> u64 {
        self.shared().with(|state| {
            let untaken = state.tap.as_ref().map_or(0, HeadTail::total);
            state.store.totals().sum() - untaken
        })
    }
}

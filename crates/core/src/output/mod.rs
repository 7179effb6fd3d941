//! What processes write: kept within bounds, read by any number of readers, never lost uncounted.
//!
//! A config sends a stream here with [`Output::Captured`](crate::config::Output::Captured), and
//! [`ProcessManager::output`](crate::ProcessManager::output) gives the [`Captured`] of a process.
//! One task for each stream (`pump.rs`) reads it straight into the store (`store.rs`, pure), which
//! keeps the head and the tail of all streams in the order in which they came and counts the rest.
//! Readers hold cursors, which are plain values: nothing is broadcast, so nothing can lag.
//!
//! What must stay true: every byte is kept or counted; a gap is told before what follows it;
//! memory has a bound; no reader stops a process unless it was asked for by name ([`Hold`]); the end
//! of a process is not the end of its output, and nothing here waits for the one to tell the other.

mod capture;
mod captured;
mod chunk;
mod counts;
mod head_tail;
mod hold;
mod holders;
mod kept;
mod lookout;
mod marks;
#[cfg(test)]
pub(crate) mod model;
mod pump;
mod ring;
mod shared;
mod spill;
mod status;
mod store;
mod tap;
pub mod view;
mod wait;

pub use crate::config::Stream;
pub use capture::Capture;
pub use captured::Captured;
pub use chunk::{Chunk, Cursor, Segment, StreamChunk};
pub use counts::Counts;
pub use head_tail::HeadTail;
pub use hold::Hold;
pub(crate) use holders::holders;
pub use holders::{OutputHolder, OutputHolders};
pub(crate) use kept::Kept;
pub use marks::TIME_RESOLUTION;
pub use spill::{Quota, Spill, SpillStatus};
pub use status::{HoldStatus, OutputStatus, ReadFault};
pub(crate) use wait::wait;
pub use wait::{Condition, LOOK_BEHIND, Outcome, Pattern, PatternError, Waited};

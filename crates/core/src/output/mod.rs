//! What processes write: kept within bounds, read by any number of readers, never lost uncounted.

mod chunk;
mod counts;
mod head_tail;
mod marks;
mod ring;
mod store;

pub use crate::config::Stream;
pub use chunk::{Chunk, Cursor, Segment, StreamChunk};
pub use counts::Counts;
pub use head_tail::HeadTail;
pub use marks::TIME_RESOLUTION;

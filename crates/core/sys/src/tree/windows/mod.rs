//! What holds a tree on Windows: a job object for each, and a completion port that says what
//! happens in them.

mod job;
mod limits;
mod port;

#[cfg(test)]
mod tests;

pub use job::{Handed, Job, Usage};
pub use limits::{ALL_PROCESSORS, Limits};
pub use port::{Event, Message, Port};

//! One managed process: its id, its life, what is seen of it, and what can go wrong with it.
//!
//! `life.rs` decides, `task.rs` carries out; everything else here is words for people or numbers
//! for the reaper.

mod error;
mod id;
pub(crate) mod life;
mod noting;
pub(crate) mod seen;
mod signalling;
pub(crate) mod start;
mod status;
pub(crate) mod stop;
pub(crate) mod task;

pub use error::{LookupError, SignalError, StartError};
pub(crate) use id::{Ids, Mark};
pub use id::{ParseHandleError, ProcessHandle};
pub use start::Stdio;
pub use status::{Cause, Change, Ended, ProcessInfo, ProcessStatus, Receipt, Unresponsive};

//! What goes on in a session without anybody waiting: its start, its events, its end.
//!
//! One task for each session (`task.rs`), so an end is told although no call waits for it, and a call
//! that is given up stops nothing. What must stay true: each session that began has one begin and one
//! end; the end comes behind all output and behind the call that is waiting on it; a session that is
//! being moved tells its end where it arrives.

mod deltas;
mod task;

pub(super) use task::{LATE_DENIAL, live};

use crate::manager::registry::Entry;
use crate::process::StartError;
use std::pin::Pin;
use std::sync::Arc;

/// A start that goes on whether somebody waits for it or not.
pub(super) type Launch = Pin<Box<dyn Future<Output = Result<Arc<Entry>, StartError>> + Send>>;

/// What is written to the input of a new session.
#[derive(Debug)]
pub(super) struct Feed {
    pub(super) text: String,
    /// The input ends behind it.
    pub(super) ends: bool,
}

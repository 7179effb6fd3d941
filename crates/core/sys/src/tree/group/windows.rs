//! Windows: there is none. A job has neither a name nor a place, so no reaper here tells of a group.

use std::convert::Infallible;
use std::path::Path;

/// Nobody has one.
#[derive(Debug)]
pub struct HeldGroup(Infallible);

/// Nobody can.
#[must_use]
pub fn hold(_: &Path) -> Option<HeldGroup> {
    None
}

/// Jobs end with their handles.
pub(super) fn end(_: &Path) {}

/// Nothing is left of a job.
pub(super) fn remove(_: &Path) {}

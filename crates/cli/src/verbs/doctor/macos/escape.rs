//! Who gets away from a tree that is only looked at: one that forks twice between two looks, in a session of its own,
//! and whose program shows no mark.

use super::report::Failed;
use super::tree;
use super::trial::{Trial, system};

/// Whether such a one lives on after a stop and the end of its owner. It is one try, so `false` says that it was seen
/// this time.
pub(super) fn run() -> Result<bool, Failed> {
    let mut trial = Trial::begin().map_err(system)?;
    trial.start(tree::HIDER, &tree::HIDDEN)?;
    trial.stop(&tree::HIDDEN)?;
    Ok(trial.kill()?.is_none())
}

//! macOS: each tree is whoever descends from its leader, and is looked for.
//!
//! The reaper is the parent of every leader, and each leads a session of its own. `kqueue(2)` tells of
//! forks and ends of members; each is a reason to look at the table of processes, in which members are
//! known by descent, session, group and mark ([`lineage`](handfast_sys::tree::lineage)). A leader is
//! reaped when nobody else is left, so its number, and its group's, is its own for as long as anybody is
//! signalled by it.
//!
//! What must stay true: what is looked at is one table for all trees; an end is believed when a whole
//! look has found nobody. When the reaper is killed, its trees become launchd's; the next reaper finds
//! them again by what names the leaders and by their marks, but is not told how the leaders end. Checked by
//! the compiler and clippy only: nobody has run this yet.

mod enter;
mod hold;
mod look;
mod orders;
mod system;

pub use crate::program::{Begun, begin, run};

pub(crate) use enter::enter;
pub(crate) use hold::Hold;
pub(crate) use system::System;

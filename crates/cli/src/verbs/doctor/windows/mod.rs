//! Windows: one rung, which is a Job Object, tried with a tree that tries to get away.
//!
//! A host (`owner.rs`, this executable again) holds the tree (`tree.rs`), which is stopped once and whose host is
//! killed once (`trial.rs`). What must stay true: nothing is left running however doctor ends, since all of it
//! is in a job of doctor's own; that the library's job works inside of that one shows that jobs nest.

#[path = "../one_rung/entry.rs"]
mod entry;
mod facts;
mod net;
#[path = "../one_rung/owner.rs"]
mod owner;
#[path = "../one_rung/report.rs"]
mod report;
#[path = "../one_rung/text.rs"]
mod text;
mod tree;
#[path = "../one_rung/trial.rs"]
mod trial;

pub(crate) use entry::{hidden, run};
use handfast::Rung;
pub(crate) use report::Report;

/// The rung that there is.
const RUNG: Rung = Rung::Job;

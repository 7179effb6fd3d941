//! macOS: one rung, which follows who descends from a leader, tried with a tree that tries to get away.
//!
//! A host (`owner.rs`, this executable again) holds the tree (`tree.rs`), which is stopped once and whose host is
//! killed once (`trial.rs`). That rung cannot hold everybody, so a third tree shows who gets away (`escape.rs`),
//! which breaks no promise. What must stay true: nothing is left running however doctor ends, since each member
//! reads from a socket that ends with doctor (`net.rs`). Checked by the compiler and clippy only: nobody has run
//! this yet.

#[path = "../one_rung/entry.rs"]
mod entry;
mod escape;
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
const RUNG: Rung = Rung::Descent;

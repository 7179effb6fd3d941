//! macOS has one rung: its kernel knows of no set of processes that a member cannot leave.

use crate::tree::Rung;

pub(in crate::tree) const LADDER: [Rung; 1] = [Rung::Descent];

pub(in crate::tree) const WORDS: &[&str] = &["descent"];

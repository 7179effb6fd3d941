//! Windows has one rung, which every build that we know of has.

use crate::tree::Rung;

pub(in crate::tree) const LADDER: [Rung; 1] = [Rung::Job];

pub(in crate::tree) const WORDS: &[&str] = &["job"];

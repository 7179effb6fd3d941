//! The ladder of Linux.

use crate::tree::Rung;

pub(in crate::tree) const LADDER: [Rung; 4] =
    [Rung::Namespace, Rung::Cgroup, Rung::Subreaper, Rung::Group];

pub(in crate::tree) const WORDS: &[&str] = &["namespace", "cgroup", "subreaper", "group"];

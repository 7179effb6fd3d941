//! Trees on Linux: cgroup v2, PID namespaces, and walking down from an ancestor.

pub mod cgroup;
pub mod descendants;
pub mod namespace;

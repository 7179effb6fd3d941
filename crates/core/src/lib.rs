//! Placeholder.
pub mod tree;

//! Placeholder.
pub mod config;
pub mod tree;

//! Placeholder.
pub mod config;
pub mod plugins;
pub mod tree;

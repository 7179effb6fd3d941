//! What children write, and how it is read.
//!
//! Bytes are kept exactly as they came. Everything that makes them pleasant to read happens at
//! reading time, in [`view`], and never changes what is kept.

pub mod view;

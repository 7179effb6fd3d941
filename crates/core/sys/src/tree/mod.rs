//! A leader and everything it starts: how it is held, and how surely.
//!
//! The words here (`Rung`, `Grade`) are shown to users in every status and every report, so they
//! are plain data and the same on all systems.

mod rung;

pub use rung::{Grade, Rung, UnknownWord};

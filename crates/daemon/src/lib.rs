//! Handfast behind a socket.
//!
//! One daemon for each user is the library `handfast` for many programs at once. This crate is what
//! they say to each other ([`wire`]), and who may do what (`tokens`).

#![forbid(unsafe_code)]

#[cfg(feature = "server")]
pub mod tokens;
pub mod wire;

//! Handfast behind a socket.
//!
//! One daemon for each user is the library `handfast` for many programs at once. This crate is what
//! they say to each other ([`wire`]), how they find each other ([`Place`], [`connect`], `listen`), how programs
//! talk to it ([`client`]), who may do what (`tokens`), and what outlasts the daemon (`journal`).

#![forbid(unsafe_code)]

pub mod client;
pub mod connect;
#[cfg(feature = "server")]
pub mod journal;
#[cfg(feature = "server")]
pub mod listen;
mod place;
#[cfg(feature = "server")]
pub mod program;
#[cfg(feature = "server")]
pub mod serve;
#[cfg(feature = "server")]
pub mod tokens;
pub mod wire;

pub use place::{Place, Variables};

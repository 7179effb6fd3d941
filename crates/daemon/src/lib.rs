//! Handfast behind a socket.
//!
//! One daemon for each user is the library `handfast` for many programs at once. This crate is what
//! they say to each other ([`wire`]).

#![forbid(unsafe_code)]

pub mod wire;

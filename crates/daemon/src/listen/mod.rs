//! Becoming the one daemon of a user, and ceasing to be.
//!
//! A lock decides, never the socket: a socket that is there says nothing about who listens. Two files
//! are locked (`flock(2)`, which the kernel undoes however a process ends). `lock` is held by the
//! daemon for as long as it lives. `starting` is held by whoever starts or leaves, for that long.
//!
//! What must stay true: at most one process holds the [`Seat`] of a place; a socket is replaced or removed
//! only by whoever holds it; who is told that the seat is [taken](Claimed::Taken) can connect, unless the
//! daemon is gone by then; what a daemon left behind that was killed is in nobody's way.

mod claim;

pub use claim::{Claimed, ListenError, Prepared, Seat, claim, prepare};

//! Talking to a process.

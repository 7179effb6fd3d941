//! What is promised, shown with real processes, on whatever rung `HANDFAST_FORCE` names.
//!
//! One file for each kind of promise; `docs/guarantees.md` says which test shows which. A rung that
//! this user cannot have here must be refused, and then a test shows only that ([`stage::Stage`]).

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

mod blocking;
mod containment;
mod exits;
mod given;
mod idle;
mod leaks;
mod manager;
mod properties;
mod refusals;
mod spawn;
mod stage;
mod starting;
mod stop;
mod streams;
mod tombstones;

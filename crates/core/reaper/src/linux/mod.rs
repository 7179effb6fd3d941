//! Linux: trees in cgroups, in namespaces, below subreapers, or in sessions.
//!
//! Here is what the loop of [`serve`](crate::serve) does not know: how a tree is held, and how its end is
//! noticed. Ends of children come by SIGCHLD, those of others by pidfd, those of groups by their events.

mod children;
mod end;
mod enter;
mod hold;
mod home;
mod orders;
mod shim;
mod sweep;
mod system;
mod waiting;

pub use crate::program::{Begun, begin, run};
pub use sweep::leftovers;

pub(crate) use enter::enter;
pub(crate) use hold::Hold;
pub(crate) use system::System;

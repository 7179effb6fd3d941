//! Who a process belongs to.
//!
//! An owner is an agent, a thread, a workspace: whoever of a host's the host says it is. What must stay
//! true: every process has exactly one owner at any moment; the name of an owner is no secret and is
//! worth nothing by itself, since it is the host that says on whose behalf it calls.

mod id;

pub use id::{InvalidOwner, OwnerId};

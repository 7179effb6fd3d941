//! Windows: the same requests, obeyed by a thread of the host.
//!
//! There is no fork and no orphan here, and the kernel ends a job when its last handle goes, by
//! whatever end of the host. So trees are held where the manager is, and what remains of the program
//! is what a host cannot do for itself: to ask a console program to end, somebody without a console
//! must go to the other's.
//!
//! Not here yet: trees that outlive their owner, terminals, other users. Each is refused by name and
//! never left out in silence.

mod ask;
mod request;
mod serve;
mod stage;

#[cfg(test)]
mod tests;

pub use ask::run;
pub use serve::serve_here;

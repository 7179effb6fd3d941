//! The request to start one process: everything that it will have, and nothing else.

use super::code::coded;
use std::ffi::CString;

/// In [`Start::streams`]: this stream is the null device.
pub const NO_STREAM: u8 = u8::MAX;

coded! {
    /// One process to start. Its descriptors come with the packet.
    pub struct Start {
        /// The tree's number, chosen by the manager and never used twice.
        pub id: u64,
        /// The absolute path of the program.
        pub program: CString,
        /// Its arguments, the first of which is its own name.
        pub arguments: Vec<CString>,
        /// The complete environment.
        pub environment: Vec<CString>,
        /// The working directory.
        pub directory: CString,
        /// For each of the three streams the place of its descriptor in the packet, or [`NO_STREAM`].
        pub streams: Vec<u8>,
        /// The place of the descriptor of the terminal that the session gets.
        pub terminal: Option<u8>,
        /// Resource limits.
        pub limits: Vec<Limit>,
        /// Permission bits that new files do not get; none is the host's own.
        pub umask: Option<u32>,
        /// Priority, -20 to 19.
        pub nice: Option<i32>,
        /// The user to become.
        pub user: Option<User>,
        /// Whether it outlives its owner.
        pub survives: bool,
        /// How long it may take to end after it was asked, in milliseconds.
        pub grace_ms: u64,
        /// What the next owner is told of it, at most [`LONGEST_NOTE`] bytes; nothing to the reaper.
        pub note: Vec<u8>,
        /// The last descriptors of the packet are not for the child but held for the next owner. What each is:
        /// see [`Stream`](super::Stream).
        pub lent: Vec<u8>,
    }
}

/// How long a note may be; what is longer is cut.
pub const LONGEST_NOTE: usize = 256;

coded! {
    /// A limit on one resource.
    pub struct Limit {
        /// The system's number of the resource (`RLIMIT_…`).
        pub resource: u32,
        /// The soft limit; none is unlimited.
        pub soft: Option<u64>,
        /// The hard limit; none is unlimited.
        pub hard: Option<u64>,
    }
}

coded! {
    /// A user, completely.
    pub struct User {
        /// Real, effective and saved user id.
        pub uid: u32,
        /// Real, effective and saved group id.
        pub gid: u32,
        /// All supplementary groups.
        pub groups: Vec<u32>,
    }
}

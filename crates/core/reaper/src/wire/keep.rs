//! What is said about a reaper that is kept: how it is, and what the next owner finds.

use super::code::coded;
use super::reply::{ExitCode, Ready};

coded! {
    /// How ends are kept for an owner that did not see them.
    pub struct Keep {
        /// For how long while there is no owner, in milliseconds.
        pub stay_ms: u64,
        /// How many.
        pub most: u32,
    }
}

coded! {
    /// The ends of a tree's streams that the reaper holds, which come with the packet.
    pub struct Lend {
        /// Which tree.
        pub id: u64,
        /// What each is: see [`Stream`].
        pub lent: Vec<u8>,
    }
}

/// An end that a reaper holds for the next owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Stream {
    /// The writing end of its input.
    Stdin = 0,
    /// The reading end of its output.
    Stdout = 1,
    /// The reading end of its error output.
    Stderr = 2,
    /// The master of its terminal.
    Terminal = 3,
    /// The reading end of the pipe through which its terminal is read.
    RelayOut = 4,
    /// The writing end of that pipe.
    RelayIn = 5,
}

impl Stream {
    /// The byte for [`Lend::lent`].
    #[must_use]
    pub const fn byte(self) -> u8 {
        self as u8
    }

    /// Reads the byte.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Stream> {
        Some(match byte {
            0 => Stream::Stdin,
            1 => Stream::Stdout,
            2 => Stream::Stderr,
            3 => Stream::Terminal,
            4 => Stream::RelayOut,
            5 => Stream::RelayIn,
            _ => return None,
        })
    }
}

coded! {
    /// You are the owner. The reaper's own pidfd comes with it, and so many [`Kept`] follow.
    pub struct Resumed {
        /// As it was told to the first owner.
        pub ready: Ready,
        /// How many trees there are, and were.
        pub trees: u32,
        /// How many ends were forgotten before an owner knew of them.
        pub forgotten: u64,
    }
}

coded! {
    /// You are not the owner.
    pub struct NotResumed {
        /// See [`Why`].
        pub why: u8,
    }
}

/// Why somebody does not become the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Why {
    /// There is one.
    Owned = 0,
    /// It speaks another version.
    Version = 1,
    /// It is another user.
    User = 2,
}

impl Why {
    /// Reads the byte; anything unknown is another version.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Why {
        match byte {
            0 => Why::Owned,
            2 => Why::User,
            _ => Why::Version,
        }
    }
}

coded! {
    /// A tree as the next owner finds it. Its descriptors: the leader's pidfd if `leader` is set, the shim's
    /// channel and its pidfd if `shim` is, then those that were lent.
    pub struct Kept {
        /// Which tree.
        pub id: u64,
        /// What the owner who started it gave for the next.
        pub note: Vec<u8>,
        /// Whether the program runs or ran; else it is being started, or was not.
        pub started: bool,
        /// The number of its group, where it has one.
        pub group: Option<u64>,
        /// The leader's pid as the reaper sees it, alive or not; 0 where that is another view than the host's.
        pub session: i32,
        /// Whether the leader's pidfd comes along.
        pub leader: bool,
        /// Whether a shim holds it.
        pub shim: bool,
        /// How the leader ended.
        pub exit: Option<ExitCode>,
        /// When, in nanoseconds since 1970.
        pub at: u64,
        /// Whether nothing is left of it.
        pub over: bool,
        /// Whether the reaper ended it since it had no owner.
        pub for_owner: bool,
        /// The step that failed, and what the system said, where it was not started.
        pub failed: Option<(u8, i32)>,
        /// What each of the lent ends is: see [`Stream`].
        pub lent: Vec<u8>,
    }
}

//! What a process task learns of its tree.

use crate::process::Cause;
use handfast_sys::child::Exit;
use handfast_sys::tree::hold::Place;
use std::time::SystemTime;

/// A fact of one tree.
#[derive(Debug)]
pub(crate) enum Fact {
    /// The program runs.
    Started {
        /// The leader's pid in our own namespace.
        pid: u32,
        /// Where its members are listed.
        place: Place,
    },
    /// The program runs, and what names it was lost: this process may have no more descriptors.
    Unheld,
    /// The program does not run.
    NotStarted { step: u8, errno: i32 },
    /// The leader ended.
    LeaderExited {
        exit: Exit,
        at: SystemTime,
        empty: bool,
    },
    /// No member is left.
    Emptied,
    /// A signal was sent.
    Signalled { token: u64, count: u32, errno: i32 },
    /// The reaper ended and took the tree with it.
    Lost,
    /// The reaper ends it, or has, since its owner was gone.
    OwnerGone { cause: Cause },
    /// It is the next program's now.
    Released,
    /// Another reaper watches the tree now.
    Replaced {
        /// Its number: what was sent to one with a lower number is lost.
        number: u64,
    },
}

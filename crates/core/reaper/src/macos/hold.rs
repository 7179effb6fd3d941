//! How one tree is held: what is known of its members, and how far its killing has come.

use handfast_sys::tree::hunt::Hunt;
use handfast_sys::tree::lineage::Lineage;
use handfast_sys::tree::macos::Mark;
use std::os::fd::BorrowedFd;

/// What holds a tree.
#[derive(Debug)]
pub(crate) struct Hold {
    /// The number in its mark.
    pub(super) number: u64,
    pub(super) mark: Mark,
    pub(super) lineage: Lineage,
    /// While it is being killed: how far that has come.
    pub(super) hunt: Option<Hunt>,
}

impl Hold {
    pub(super) fn new(number: u64, stem: &[u8], lineage: Lineage) -> Hold {
        Hold {
            number,
            mark: Mark::Tree(mark(stem, number)),
            lineage,
            hunt: None,
        }
    }

    /// The number in its mark, as its next reaper must know it.
    pub(crate) fn number(&self) -> Option<u64> {
        Some(self.number)
    }

    /// Nobody else speaks for it.
    pub(crate) fn channel(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    /// Whether the leader stays unreaped until no member is left: its number is the session's.
    pub(crate) fn needs_leader(&self) -> bool {
        true
    }
}

/// The mark of a tree.
pub(super) fn mark(stem: &[u8], number: u64) -> Vec<u8> {
    let name = crate::wire::group_name(number);
    [stem, b"/", name.as_bytes()].concat()
}

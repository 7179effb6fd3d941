//! Unix: a file descriptor.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// One of our own, closed when it is dropped.
pub type Descriptor = OwnedFd;

/// One that is lent.
pub type BorrowedDescriptor<'a> = BorrowedFd<'a>;

impl<T: AsFd + ?Sized> super::AsDescriptor for T {
    fn as_descriptor(&self) -> BorrowedFd<'_> {
        self.as_fd()
    }
}

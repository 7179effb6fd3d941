//! Windows: a handle.

use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};

/// One of our own, closed when it is dropped.
pub type Descriptor = OwnedHandle;

/// One that is lent.
pub type BorrowedDescriptor<'a> = BorrowedHandle<'a>;

impl<T: AsHandle + ?Sized> super::AsDescriptor for T {
    fn as_descriptor(&self) -> BorrowedHandle<'_> {
        self.as_handle()
    }
}

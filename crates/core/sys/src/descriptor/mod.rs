//! What a program may hold of the system and hand to another: a file descriptor or a handle.
//!
//! Both are owned or borrowed by a type of the standard library; here they have one name, so that what
//! only passes them on is the same text on every system. What they can do is not the same, and whoever
//! needs that names the system's own.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod os;

pub use os::{BorrowedDescriptor, Descriptor};

/// What has one.
pub trait AsDescriptor {
    /// Lends it.
    fn as_descriptor(&self) -> BorrowedDescriptor<'_>;
}

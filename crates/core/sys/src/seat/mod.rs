//! The terminal before the caller: keys as they are typed, bytes as they are shown, and its size.
//!
//! It is apart from `terminal`, which is about terminals that we make for programs. What must stay true: nothing is
//! changed before [`Seat::enter`], and what was before is restored by [`Seat::leave`] and by the drop.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows/mod.rs")]
mod os;

use crate::descriptor::BorrowedDescriptor;
use crate::terminal::Size;
use std::io;

/// The caller's terminal. Dropping it restores its modes.
#[derive(Debug)]
pub struct Seat(os::Seat);

impl Seat {
    /// The one at the standard input, as it is.
    ///
    /// # Errors
    ///
    /// What the system says where there is none.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O enabled.
    pub fn at_standard_input() -> io::Result<Seat> {
        os::Seat::at_standard_input().map(Seat)
    }

    /// Has every key come as it is typed and every byte shown as it is, and says whether that is so: on Unix not
    /// in the background. May be called again.
    ///
    /// # Errors
    ///
    /// What the system says of the terminal.
    ///
    /// # Platforms
    ///
    /// Windows: the console reads and shows the sequences of terminals, and its bytes are UTF-8.
    pub fn enter(&mut self) -> io::Result<bool> {
        self.0.enter()
    }

    /// Restores what was before.
    pub fn leave(&mut self) {
        self.0.leave();
    }

    /// Reads what was typed, and waits for it; 0 is the end of the terminal.
    ///
    /// # Errors
    ///
    /// What the system says.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is lost.
    pub async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).await
    }

    /// Shows as much as is taken, and answers how much that is.
    ///
    /// # Errors
    ///
    /// What the system says.
    ///
    /// # Cancel safety
    ///
    /// Unix: safe. Windows: a write that has begun is done all the same.
    pub async fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).await
    }

    /// How large its window is.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn size(&self) -> io::Result<Size> {
        self.0.size()
    }
}

/// How large the window is of the terminal that a stream shows on.
///
/// # Errors
///
/// What the system says, as of something else than a terminal.
pub fn size(stream: BorrowedDescriptor<'_>) -> io::Result<Size> {
    os::size(stream)
}

//! What this process is sent while it runs something for somebody at a terminal: to end, to stop, to go on,
//! that the window has another size.
//!
//! It is wider than `asked`, which is only about the end, and yields to a runtime. What was ignored when we were
//! started stays ignored (`nohup`, a background job of a shell without job control); what was blocked is not any
//! more, since nothing that is blocked could end anything.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod os;

pub use os::{CONTINUE, Listener, RESIZED, STOP, Seated, TERMINAL_STOP};

/// Something that was sent, by what it is for, with the number by which it is passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The tree is to end.
    Terminate(i32),
    /// The other end of the terminal is gone: as [`Heard::Terminate`], and the program is told.
    HangUp(i32),
    /// For the program to decide, as in a shell.
    Interrupt(i32),
    /// The job is to stop.
    Pause,
    /// The job is to go on.
    Resume,
    /// Something between the sender and the program.
    Other(i32),
}

impl Heard {
    /// The signal that ends who is sent this and runs nothing yet that could be asked.
    #[must_use]
    pub fn ends(self) -> Option<i32> {
        match self {
            Heard::Terminate(signal) | Heard::HangUp(signal) | Heard::Interrupt(signal) => {
                Some(signal)
            }
            Heard::Pause | Heard::Resume | Heard::Other(_) => None,
        }
    }
}

/// What concerns whoever sits at a terminal and shows something on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtTerminal {
    /// The window may have another size.
    Resized,
    /// Nobody sits there any more, or is to.
    Over,
}

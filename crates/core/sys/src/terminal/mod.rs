//! Terminals: pairs of our own, and the caller's with its modes, its size and its foreground group.
//!
//! Two rules of job control (`tty_ioctl(4)`, `setpgid(2)`) shape this face. Who is not in the
//! foreground of its controlling terminal is stopped by the kernel for changing its modes; so modes
//! are only ever changed where the kernel agrees that we are in the foreground, and a refusal is an
//! answer and no stop. And flags of an open terminal are shared with everybody who inherited it, the
//! caller's shell included; so what must not block is opened anew ([`reopen`]) and never set.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
mod os;
mod posix;

use crate::child::{Pid, TERMINAL_STOP};
use crate::proc::Held;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// A new terminal.
#[derive(Debug)]
pub struct Pair {
    /// The side of whoever shows it; it does not block.
    pub master: OwnedFd,
    /// The side of the programs on it.
    pub slave: OwnedFd,
}

/// How large the window of a terminal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Size {
    /// Lines of text.
    pub rows: u16,
    /// Characters in a line.
    pub columns: u16,
    /// Its width in pixels, 0 where nobody said.
    pub width: u16,
    /// Its height in pixels, 0 where nobody said.
    pub height: u16,
}

/// What a terminal does with what is written to its master, now; the programs on it may change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputRules {
    /// Line by line, in a buffer that cuts longer lines without a word (`ICANON`).
    pub canonical: bool,
    /// Some characters are signals (`ISIG`).
    pub signals: bool,
    /// Those characters throw away what was not read yet (no `NOFLSH`).
    pub flushes: bool,
    /// The character that is the end of file, unless it is switched off.
    pub end_of_file: Option<u8>,
    /// The characters that are signals: interrupt, quit, suspend; 0 where one is switched off.
    pub signal_characters: [u8; 3],
}

/// A descriptor of the caller's terminal.
#[derive(Debug)]
pub struct Opened {
    /// The descriptor.
    pub descriptor: OwnedFd,
    /// Whether it is an open file of our own, which does not block. Else it is shared with the
    /// caller, and may.
    pub own: bool,
}

/// Stops whoever reads a terminal from the background.
pub const STOP_READER: i32 = os::SIGTTIN;
/// Stops whoever changes a terminal from the background.
pub const STOP_WRITER: i32 = os::SIGTTOU;
/// Says that the size of the window has changed.
pub const RESIZED: i32 = os::SIGWINCH;

/// Makes a new terminal, both sides close-on-exec; it becomes nobody's controlling terminal.
///
/// # Errors
///
/// Where the system has no terminal or descriptor left.
pub fn open_pair() -> io::Result<Pair> {
    os::open_pair()
}

/// The character that means the end of input to most programs that take every key: Ctrl-D.
pub const USUAL_END: u8 = 0x04;

/// Whether the system shows who waits for input.
pub const SHOWS_READERS: bool = os::SHOWS_READERS;

/// A new terminal of a size, for programs that are talked to.
#[derive(Debug)]
pub struct Made {
    /// The side of whoever shows it.
    pub ours: Opened,
    /// What the reaper must be given, to start a program on it.
    pub theirs: OwnedFd,
    /// What the programs on it have open.
    pub held: Option<Held>,
}

/// Makes a new terminal of this size, on which erasing takes whole characters of UTF-8.
///
/// # Errors
///
/// As [`open_pair`], and what the system says of the size and the modes.
pub fn make(size: Size) -> io::Result<Made> {
    let Pair { master, slave } = open_pair()?;
    set_size(master.as_fd(), size)?;
    expect_utf8(master.as_fd())?;
    Ok(Made {
        ours: Opened {
            descriptor: master,
            own: true,
        },
        held: Held::by(slave.as_fd()),
        theirs: slave,
    })
}

/// One whose side was held by somebody else.
///
/// # Errors
///
/// None here.
pub fn found(master: OwnedFd) -> io::Result<Opened> {
    Ok(Opened {
        descriptor: master,
        own: true,
    })
}

/// Opens the caller's terminal once more, so that not to block is a flag of ours alone.
///
/// Where it cannot be opened again (it belongs to another user, say) a duplicate is the answer.
///
/// # Errors
///
/// Where the system has no descriptor left.
pub fn reopen(terminal: BorrowedFd<'_>) -> io::Result<Opened> {
    os::reopen(terminal)
}

/// Whether both are descriptors of one and the same terminal.
#[must_use]
pub fn is_same(one: BorrowedFd<'_>, other: BorrowedFd<'_>) -> bool {
    os::is_same(one, other)
}

/// Whether the other side of a terminal is gone.
#[must_use]
pub fn is_hung_up(terminal: BorrowedFd<'_>) -> bool {
    os::is_hung_up(terminal)
}

/// Gives one terminal the modes and the size of another.
///
/// # Errors
///
/// What the system says of either.
pub fn copy_look(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> io::Result<()> {
    os::copy_modes(from, to)?;
    set_size(to, size(from)?)
}

/// What the terminal of this master does with input.
///
/// # Errors
///
/// What the system says.
pub fn input_rules(master: BorrowedFd<'_>) -> io::Result<InputRules> {
    os::input_rules(master)
}

/// Has erasing take whole characters of UTF-8 and not bytes (`IUTF8`).
///
/// # Errors
///
/// What the system says.
pub fn expect_utf8(master: BorrowedFd<'_>) -> io::Result<()> {
    os::expect_utf8(master)
}

/// Interrupts the foreground group as its terminal would for Ctrl-C, and throws away what it has not
/// read where the rules say so. Unlike the character, it gets through when nobody reads.
///
/// # Errors
///
/// What the system says.
pub fn interrupt(master: BorrowedFd<'_>) -> io::Result<()> {
    os::interrupt_foreground(master)
}

/// What the programs of the terminal of this master have open, to find out who does.
#[must_use]
pub fn held_by_programs(master: BorrowedFd<'_>) -> Option<Held> {
    os::peer(master)
        .ok()
        .and_then(|peer| Held::by(peer.as_fd()))
}

/// The group in the foreground of the terminal of this master, as seen from here.
///
/// # Errors
///
/// What the system says.
pub fn foreground_of(master: BorrowedFd<'_>) -> io::Result<Option<Pid>> {
    os::foreground(master)
}

/// How large the window is.
///
/// # Errors
///
/// What the system says; `ENOTTY` for something else than a terminal.
pub fn size(terminal: BorrowedFd<'_>) -> io::Result<Size> {
    os::size(terminal)
}

/// Says how large the window is; its foreground group is signalled where that is a change.
///
/// # Errors
///
/// As [`size`].
pub fn set_size(terminal: BorrowedFd<'_>, size: Size) -> io::Result<()> {
    os::set_size(terminal, size)
}

/// Whether this process may use the terminal now: it is in its foreground group, or the terminal
/// does not control us at all.
#[must_use]
pub fn in_foreground(terminal: BorrowedFd<'_>) -> bool {
    os::in_foreground(terminal)
}

/// The group in the foreground of our controlling terminal; `None` for one that cannot be named.
///
/// # Errors
///
/// `ENOTTY` where it is not our controlling terminal.
pub fn foreground(terminal: BorrowedFd<'_>) -> io::Result<Option<Pid>> {
    os::foreground(terminal)
}

/// Puts a group of our session into the foreground of our controlling terminal.
///
/// The caller must ignore [`STOP_WRITER`], or be in the foreground: else it is stopped here.
///
/// # Errors
///
/// `EPERM` where there is no such group in our session.
pub fn set_foreground(terminal: BorrowedFd<'_>, group: Pid) -> io::Result<()> {
    os::set_foreground(terminal, group)
}

/// Gives up the controlling terminal, for the whole session where its leader does so: nobody loses
/// an open descriptor of it. The foreground group is signalled (SIGHUP, SIGCONT).
///
/// The end of a leader that has not done so hangs the terminal up instead, which takes it from
/// everybody and forgets what was written to it and not yet read.
///
/// # Errors
///
/// `ENOTTY` where it is not our controlling terminal.
///
/// # Platforms
///
/// macOS: the leader of a session cannot (`EINVAL`).
pub fn let_go(terminal: BorrowedFd<'_>) -> io::Result<()> {
    os::let_go(terminal)
}

/// Sends a stop signal with its default action to our own group, us included: as Ctrl-Z would.
///
/// Returns when we have been continued, or at once where the kernel discards the signal: nobody
/// could continue an orphaned group, so [`TERMINAL_STOP`] and the like do nothing to it. A signal that
/// we were told to ignore is not sent.
///
/// # Errors
///
/// `InvalidInput` for any other signal than those three.
pub fn suspend_group(signal: i32) -> io::Result<()> {
    match signal {
        TERMINAL_STOP | STOP_READER | STOP_WRITER => os::suspend_group(signal),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// The caller's terminal in raw mode, for as long as it is in our foreground; dropping it restores
/// what was before.
#[derive(Debug)]
pub struct RawMode {
    terminal: OwnedFd,
    saved: Option<os::Modes>,
}

impl RawMode {
    /// Nothing is changed yet.
    #[must_use]
    pub fn new(terminal: OwnedFd) -> RawMode {
        RawMode {
            terminal,
            saved: None,
        }
    }

    /// Enters raw mode if we are in the foreground, and says whether we are. May be called again:
    /// after somebody else has changed the modes, after we have been in the background.
    ///
    /// # Errors
    ///
    /// What the system says of the terminal.
    pub fn enter(&mut self) -> io::Result<bool> {
        if !self.in_foreground() {
            return Ok(false);
        }
        let modes = os::modes(self.terminal.as_fd())?;
        let changed = os::change_modes(self.terminal.as_fd(), &os::raw(&modes))?;
        if changed {
            // What was found while ours were still set is not the caller's.
            self.saved.get_or_insert(modes);
        }
        Ok(changed)
    }

    /// Restores what was before, if we are in the foreground. In the background the modes are not
    /// ours to change; whoever put us there has set its own.
    pub fn leave(&mut self) {
        let Some(modes) = &self.saved else { return };
        // A terminal that is gone has no modes to restore.
        if let Ok(true) = os::change_modes(self.terminal.as_fd(), modes) {
            self.saved = None;
        }
    }

    /// Whether we are in the foreground now.
    #[must_use]
    pub fn in_foreground(&self) -> bool {
        in_foreground(self.terminal.as_fd())
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(feature = "async")]
mod ready;
#[cfg(feature = "async")]
pub use ready::{ReadyTerminal, TerminalReader};

#[cfg(test)]
mod tests;

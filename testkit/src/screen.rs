//! A terminal with a test in the place of the person before it.
//!
//! The test types, reads what is shown, and looks at modes and size. Programs are started on it as
//! the leader of a session whose controlling terminal it is; a shell there has job control.
//!
//! What must stay true: nothing here waits for time. [`Screen::until`] waits for text, without a
//! deadline of its own, so look for what is said and not for what was typed: a terminal shows both. What is
//! shown goes to standard error too, so that a test which waits for ever tells what it saw instead.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write, stderr};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command};

use rustix::io::Errno;
use rustix::pty::{OpenptFlags, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Winsize, tcgetattr, tcsetwinsize};

use crate::locate;

/// A terminal, seen from outside.
#[derive(Debug)]
pub struct Screen {
    master: File,
    /// Held so that the modes can be asked for, and what is shown read, after all programs ended.
    slave: OwnedFd,
    said: Vec<u8>,
    seen: usize,
}

impl Screen {
    /// Makes one with this many lines and columns.
    ///
    /// # Panics
    /// When the system has no terminal to give.
    #[must_use]
    pub fn new(rows: u16, columns: u16) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).expect("the system has a terminal for a test");
        unlockpt(&master).expect("our own terminal can be unlocked");
        let slave = ioctl_tiocgptpeer(&master, flags).expect("our own terminal can be opened");
        let screen = Self {
            master: master.into(),
            slave,
            said: Vec::new(),
            seen: 0,
        };
        screen.resize(rows, columns);
        screen
    }

    /// A command whose program will lead a session on this terminal, with all three streams on it.
    ///
    /// # Panics
    /// When the system has no descriptor left.
    #[must_use]
    pub fn command<A: AsRef<OsStr>>(
        &self,
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
    ) -> Command {
        let stream = || self.slave();
        let mut command = Command::new(locate::puppet());
        command
            .args(["setsid", "take-terminal", "exec"])
            .arg(program)
            .args(arguments)
            .stdin(stream())
            .stdout(stream())
            .stderr(stream());
        command
    }

    /// Starts such a program.
    ///
    /// # Panics
    /// When that fails.
    pub fn start<A: AsRef<OsStr>>(
        &self,
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
    ) -> Child {
        let mut command = self.command(program, arguments);
        command.spawn().expect("a puppet starts")
    }

    /// Another descriptor of the side of the programs.
    ///
    /// # Panics
    /// When the system has no descriptor left.
    #[must_use]
    pub fn slave(&self) -> OwnedFd {
        self.slave.try_clone().expect("there are descriptors left")
    }

    /// Types.
    ///
    /// # Panics
    /// When the terminal takes nothing.
    pub fn type_in(&mut self, text: impl AsRef<[u8]>) {
        self.master
            .write_all(text.as_ref())
            .expect("a terminal takes what is typed");
    }

    /// Waits until this text is shown, after what earlier calls have found, and returns everything
    /// up to its end. Bytes that are not UTF-8 are replaced.
    ///
    /// # Panics
    /// When the terminal has ended without it.
    pub fn until(&mut self, text: &str) -> String {
        loop {
            let new = &self.said[self.seen..];
            let found = new
                .windows(text.len())
                .position(|window| window == text.as_bytes());
            if let Some(at) = found {
                let shown = String::from_utf8_lossy(&new[..at + text.len()]).into_owned();
                self.seen += at + text.len();
                return shown;
            }
            let more = self.read();
            let shown = String::from_utf8_lossy(&self.said[self.seen..]);
            assert!(more, "no {text:?} was shown, only {shown:?}");
        }
    }

    /// Waits until this many bytes were shown after what earlier calls have found.
    ///
    /// # Panics
    /// When the terminal has ended before.
    pub fn take(&mut self, bytes: usize) -> Vec<u8> {
        while self.said.len() < self.seen + bytes {
            assert!(
                self.read(),
                "only {} bytes were shown",
                self.said.len() - self.seen
            );
        }
        self.seen += bytes;
        self.said[self.seen - bytes..self.seen].to_vec()
    }

    /// Reads once; false at the end.
    fn read(&mut self) -> bool {
        let mut piece = [0; 65_536];
        match self.master.read(&mut piece) {
            Ok(0) => false,
            Err(error) if error.raw_os_error() == Some(Errno::IO.raw_os_error()) => false,
            Ok(length) => {
                self.said.extend_from_slice(&piece[..length]);
                let shown = String::from_utf8_lossy(&piece[..length]);
                let _unheard = writeln!(stderr(), "shown: {shown:?}");
                true
            }
            Err(error) => unreachable!("our own terminal is readable: {error}"),
        }
    }

    /// Makes the window this large.
    ///
    /// # Panics
    /// When the terminal refuses.
    pub fn resize(&self, rows: u16, columns: u16) {
        let size = Winsize {
            ws_row: rows,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&self.master, size).expect("our own terminal takes a size");
    }

    /// All its modes, to be compared.
    ///
    /// # Panics
    /// When the terminal does not tell them.
    #[must_use]
    pub fn modes(&self) -> String {
        let modes = tcgetattr(self.master.as_fd()).expect("our own terminal tells its modes");
        format!("{modes:?}")
    }
}

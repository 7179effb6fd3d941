//! Starting a program that is to go on when whoever starts it is gone.
//!
//! It is apart from the starts of trees because it is their opposite: nothing holds such a program, and it gets
//! nothing of us but what is named here. How it gets away differs. On Unix it is started as a child of ours and
//! takes a second step by itself, which ends the first; on Windows the system is asked to start it without our
//! console and outside of the job that we may be in, which that job may refuse: then its end is that job's, and
//! the answer says so ([`Tie`]).

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod os;

#[cfg(test)]
#[cfg(windows)]
pub(crate) mod tests;

use crate::descriptor::Descriptor;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::Path;

/// What to start.
#[derive(Debug)]
pub struct Apart<'a> {
    /// The path of the program.
    pub program: &'a Path,
    /// Its arguments, without its own name.
    pub arguments: &'a [OsString],
    /// All its variables; on Windows it gets `SystemRoot` besides, without which much does not work there.
    pub variables: &'a [(OsString, OsString)],
    /// Where its output and its error output go. Ours is closed when it has been started.
    pub output: Descriptor,
}

/// A program that was started.
#[derive(Debug)]
pub struct Started {
    first: os::First,
    tie: Option<Tie>,
}

/// By what a program ends that was to go on by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tie {
    /// It is in a job that lets nobody go and ends its members when it is closed: at the latest when the
    /// terminal or the program that made it ends.
    Job,
    /// It is in a job of which nobody may ask whether it ends its members.
    UnknownJob,
}

impl fmt::Display for Tie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tie::Job => "it ends with the job of the terminal or program that started it",
            Tie::UnknownJob => {
                "it is in a job of another program, and may end when that program does"
            }
        })
    }
}

impl Apart<'_> {
    /// Starts it, in the root directory and with nothing to read.
    ///
    /// # Errors
    ///
    /// What the system says; nothing was started then.
    pub fn start(self) -> io::Result<Started> {
        let (first, tie) = os::start(self)?;
        Ok(Started { first, tie })
    }
}

impl Started {
    /// By what it ends, where that is not by itself.
    ///
    /// # Platforms
    ///
    /// Unix: nothing.
    #[must_use]
    pub fn tie(&self) -> Option<Tie> {
        self.tie
    }

    /// Waits until the program has got away.
    ///
    /// # Errors
    ///
    /// What the system says when it cannot be waited for.
    ///
    /// # Cancel safety
    ///
    /// Safe: it gets away all the same.
    ///
    /// # Platforms
    ///
    /// Unix: until the first step has ended, which whoever is started must see to. Windows: at once.
    pub async fn got_away(self) -> io::Result<()> {
        os::got_away(self.first).await
    }
}

/// The folders in which such a program looks for others: those of the system.
#[must_use]
pub fn usual_path() -> OsString {
    os::usual_path()
}

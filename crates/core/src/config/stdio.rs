//! Where a child's three standard streams go.
//!
//! Nothing is inherited unless it was asked for by name, so the defaults are the null device. A
//! descriptor is held in an `Arc<Descriptor>`: a config can be cloned freely, and the descriptor stays
//! open until the last clone is gone. What that is differs
//! between systems: see [`crate::Descriptor`].

use crate::session::{Palette, ScreenSize};
use handfast_sys::descriptor::Descriptor;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Where a child reads its standard input from.
///
/// ```
/// use handfast::config::Stdin;
///
/// assert!(matches!(Stdin::default(), Stdin::Null));
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Stdin {
    /// End-of-file at once. The default.
    #[default]
    Null,
    /// A pipe that the host may write to.
    Pipe,
    /// A pipe that the manager writes to: see [`ProcessManager::write`](crate::ProcessManager::write).
    /// It ends with [`ProcessManager::close_stdin`](crate::ProcessManager::close_stdin).
    Written,
    /// This descriptor, shared with the host. It is duplicated, never closed or moved.
    Descriptor(Arc<Descriptor>),
}

/// Where one of a child's output streams goes.
///
/// ```
/// use handfast::config::Output;
///
/// assert!(matches!(Output::default(), Output::Null));
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Output {
    /// Nowhere. The default.
    #[default]
    Null,
    /// A pipe that the host reads.
    Pipe,
    /// Kept by the manager, within bounds, for any number of readers: see
    /// [`ProcessManager::output`](crate::ProcessManager::output). The process is never held up.
    Captured,
    /// A file, appended to; created with mode 0600 if it is not there. The path must be absolute.
    File(PathBuf),
    /// This descriptor, shared with the host. It is duplicated, never closed or moved.
    Descriptor(Arc<Descriptor>),
    /// The host's own stream of the same number. The only thing of the host that a child can get
    /// without a descriptor being named, and never by default.
    Inherit,
}

/// A terminal of its own for a process: all three standard streams, and the controlling terminal.
///
/// What the process writes is kept as [`Stream::Terminal`]; input goes through the verbs of the
/// manager. `TERM` is a variable like any other and is not set by this.
///
/// ```
/// use handfast::config::Terminal;
/// use handfast::session::ScreenSize;
///
/// let terminal = Terminal::from(ScreenSize { rows: 50, columns: 132 }).answers(false);
/// assert_eq!(terminal.size().columns, 132);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    size: ScreenSize,
    answers: bool,
    palette: Palette,
}

impl Default for Terminal {
    /// 24 rows of 80 columns, questions are answered, light on dark.
    fn default() -> Self {
        Self {
            size: ScreenSize::default(),
            answers: true,
            palette: Palette::default(),
        }
    }
}

impl From<ScreenSize> for Terminal {
    fn from(size: ScreenSize) -> Self {
        Self {
            size,
            ..Self::default()
        }
    }
}

impl Terminal {
    /// Sets whether questions of the program to its terminal are answered. Programs that ask and get
    /// no answer may wait for ever.
    #[must_use]
    pub fn answers(self, answers: bool) -> Self {
        Self { answers, ..self }
    }

    /// Sets which colours are named to programs that ask.
    #[must_use]
    pub fn palette(self, palette: Palette) -> Self {
        Self { palette, ..self }
    }

    /// How large it is at the start. Default: 24 rows, 80 columns.
    #[must_use]
    pub fn size(&self) -> ScreenSize {
        self.size
    }

    pub(crate) fn is_answering(&self) -> bool {
        self.answers
    }

    pub(crate) fn colors(&self) -> Palette {
        self.palette
    }
}

/// One of the streams on which a child's output comes.
///
/// ```
/// assert_eq!(handfast::config::Stream::Stderr.to_string(), "stderr");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stream {
    /// Descriptor 1.
    Stdout,
    /// Descriptor 2.
    Stderr,
    /// A terminal, on which what is written to either comes.
    Terminal,
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
            Stream::Terminal => "terminal",
        })
    }
}

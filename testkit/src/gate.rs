//! A reaper's program that is held back, or fails, from its second start on.
//!
//! Between the end of a reaper and the next one lie a few milliseconds in which much can go wrong;
//! a gate makes them as long as a test wants to look.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::TempDir;

use crate::locate;

/// The program, and what opens the gate before it.
#[derive(Debug)]
pub struct Gate {
    dir: TempDir,
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

impl Gate {
    /// One that waits to be opened from the second start on.
    ///
    /// # Panics
    /// When no fifo can be made.
    #[must_use]
    pub fn new() -> Self {
        let gate = Self::make();
        let (fifo, mode) = (gate.path("fifo"), Mode::RUSR | Mode::WUSR);
        mknodat(CWD, &fifo, FileType::Fifo, mode, 0).expect("a fifo can be made");
        gate.write(&format!("read -r go < {}", fifo.display()));
        gate
    }

    /// One that does this, in the words of a shell, from the second start on.
    #[must_use]
    pub fn then(again: &str) -> Self {
        let gate = Self::make();
        gate.write(again);
        gate
    }

    fn make() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory can be made");
        Self { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, again: &str) {
        let (started, reaper) = (self.path("started"), locate::reaper());
        let (started, reaper) = (started.display(), reaper.display());
        let text = format!(
            "#!/bin/sh\nif [ -e {started} ]; then echo >> {started}; {again}; else echo >> {started}; fi\n\
             exec {reaper} \"$@\"\n"
        );
        fs::write(self.program(), text).expect("our own directory is writable");
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.program(), mode).expect("our own file");
    }

    /// The reaper's program.
    #[must_use]
    pub fn program(&self) -> PathBuf {
        self.path("reaper")
    }

    /// How often it was started.
    #[must_use]
    pub fn starts(&self) -> usize {
        fs::read(self.path("started")).map_or(0, |lines| lines.len())
    }

    /// Lets the start that waits, or the next one that will, go on.
    ///
    /// # Panics
    /// For a gate that is none.
    pub fn open(&self) {
        fs::write(self.path("fifo"), "go\n").expect("somebody waits at the gate");
    }
}

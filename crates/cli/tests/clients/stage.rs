//! Where the daemon of a test lives, and what a tree holds open for as long as one of it lives.

use handfast_daemon::Place;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    pub(crate) fn new() -> Home {
        let folder = tempfile::tempdir().unwrap();
        Home { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn place(&self) -> Place {
        Place::at(self.path().join("run")).keeping(self.path().join("state"))
    }

    /// What ends when the last process that has opened it is gone.
    pub(crate) fn fifo(&self, name: &str) -> Fifo {
        let path = self.path().join(name);
        let made = Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        Fifo { path }
    }
}

/// A pipe by name.
pub(crate) struct Fifo {
    path: PathBuf,
}

impl Fifo {
    /// A script whose tree holds it: its leader waits for a child that is deaf to requests to end.
    pub(crate) fn tree(&self) -> String {
        format!(
            "exec 9>{}; (trap '' TERM; while :; do sleep 1000; done) & wait",
            self.path.display()
        )
    }

    /// Waits until somebody holds it.
    pub(crate) fn held(&self) -> Held {
        Held(File::open(&self.path).unwrap())
    }
}

/// A pipe that somebody holds.
pub(crate) struct Held(File);

impl Held {
    /// Waits until nobody does any more.
    pub(crate) fn ended(mut self) {
        self.0.read_to_end(&mut Vec::new()).unwrap();
    }

    /// Whether somebody still does, now.
    pub(crate) fn is_held(&self) -> bool {
        let mut polled = [rustix::event::PollFd::new(
            &self.0,
            rustix::event::PollFlags::IN,
        )];
        let now = rustix::event::Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        rustix::event::poll(&mut polled, Some(&now)).unwrap() == 0
    }
}

//! A home for a daemon, in a cage, so that it ends with its test; and what a tree holds.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;
use testkit::Cage;

pub(crate) struct Home {
    // Killed before its folder is removed.
    cage: Cage,
    folder: TempDir,
}

impl Home {
    pub(crate) fn new() -> Home {
        Home {
            cage: Cage::new(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A program that finds this home and nothing else of the test's environment.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = self.cage.command(program);
        command.env_clear().env("HANDFAST_HOME", self.path());
        command.env("PATH", "/usr/bin:/bin").env("SHELL", "/bin/sh");
        command.current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// `handfast WORDS`.
    pub(crate) fn handfast(&self, words: &str) -> Command {
        let mut command = self.command(&testkit::handfast());
        command.args(words.split_whitespace());
        command
    }

    pub(crate) fn status(&self) -> serde_json::Value {
        let output = self.handfast("daemon status --json").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Waits until no session is left but that of whoever asks, and answers how many processes are.
    pub(crate) fn processes_left(&self) -> u64 {
        loop {
            let status = self.status();
            if status["sessions"] == 1 {
                return status["processes"].as_u64().unwrap();
            }
            std::thread::yield_now();
        }
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
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A command whose tree holds it: its leader waits for a child in a session of its own, which is
    /// deaf to requests to end.
    pub(crate) fn tree(&self) -> String {
        format!(
            "exec 9<>{}; setsid sh -c \"trap '' TERM; while :; do sleep 1000; done\" & echo ready; wait",
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

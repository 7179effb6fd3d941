//! A home for a daemon, in a cage, so that it ends with its test.

use handfast_daemon::Place;
use handfast_daemon::connect::connect;
use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
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

    pub(crate) fn place(&self) -> Place {
        Place::at(self.path().join("run")).keeping(self.path().join("state"))
    }

    /// A program that finds this home and nothing else of the test's environment.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = self.cage.command(program);
        command.env_clear().env("HANDFAST_HOME", self.path());
        command.env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
        command
    }

    /// `handfast WORDS`.
    pub(crate) fn handfast(&self, words: &str) -> Command {
        let mut command = self.command(&testkit::handfast());
        command.args(words.split_whitespace());
        command
    }

    pub(crate) fn output(&self, words: &str) -> Output {
        self.handfast(words).output().unwrap()
    }

    /// What `handfast WORDS` prints; it must succeed.
    pub(crate) fn said(&self, words: &str) -> String {
        let output = self.output(words);
        assert!(output.status.success(), "{words}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Starts the daemon, and answers its pid.
    pub(crate) fn started(&self) -> u32 {
        pid_of(&self.said("daemon start"))
    }

    pub(crate) fn status(&self) -> serde_json::Value {
        serde_json::from_str(&self.said("daemon status --json")).unwrap()
    }

    /// The daemon itself, for learning of its end.
    pub(crate) fn pidfd(&self) -> OwnedFd {
        let (_stream, peer) = connect(&self.place()).unwrap();
        match peer.pidfd {
            Some(pidfd) => pidfd,
            None => {
                let pid = rustix::process::Pid::from_raw(peer.pid.cast_signed()).unwrap();
                rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).unwrap()
            }
        }
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.place().log()
    }
}

/// The pid in `the daemon serves (pid 7)`.
pub(crate) fn pid_of(said: &str) -> u32 {
    let digits: String = said.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

/// Waits for the end of a process.
pub(crate) fn ended(pidfd: &OwnedFd) {
    let mut polled = [rustix::event::PollFd::new(
        pidfd,
        rustix::event::PollFlags::IN,
    )];
    rustix::event::poll(&mut polled, None).unwrap();
}

pub(crate) fn kill(pidfd: &OwnedFd, signal: rustix::process::Signal) {
    rustix::process::pidfd_send_signal(pidfd, signal).unwrap();
}

/// A field of `/proc/PID/stat`, counted from 1 as proc(5) does.
pub(crate) fn stat(pid: u32, field: usize) -> String {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, rest) = stat.rsplit_once(") ").unwrap();
    rest.split(' ').nth(field - 3).unwrap().to_owned()
}

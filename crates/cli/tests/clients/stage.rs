//! Where the daemon of a test lives, and what a tree holds open for as long as one of it lives.

use handfast_daemon::Place;
use std::fs::File;
use std::io::{Read, Write};
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

    /// A program in the cage, which finds this home, `handfast` and the usual programs.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = self.cage.command(program);
        let ours = testkit::handfast();
        let ours = ours.parent().unwrap().to_path_buf();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = [ours].into_iter().chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(path).unwrap());
        command.env("HANDFAST_HOME", self.path());
        command.stdin(Stdio::null());
        command
    }

    /// Runs tests in another language, which must pass and leave no process; answers what they said.
    pub(crate) fn passes(&self, tests: &mut Command) -> String {
        let output = tests.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(output.status.success(), "{}: {said}", output.status);
        let handfast = |words: &[&str]| {
            let output = self.command(&testkit::handfast()).args(words).output();
            let output = output.unwrap();
            assert!(output.status.success(), "{words:?}: {output:?}");
            output.stdout
        };
        // Their ends are noted a moment after the last of them is gone; what is left is seen for ever.
        let left = || {
            let status = handfast(&["daemon", "status", "--json"]);
            let status: serde_json::Value = serde_json::from_slice(&status).unwrap();
            status["processes"].as_u64().unwrap()
        };
        while left() > 0 {
            std::thread::yield_now();
        }
        handfast(&["daemon", "stop"]);
        said
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

/// The folder of the clients in other languages. The variable of the running process comes first: this
/// program may have been built at another place than the one where it runs.
pub(crate) fn clients() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.join("../../clients").canonicalize().unwrap()
}

/// Where a program is.
pub(crate) fn found(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut places = std::env::split_paths(&path).map(|folder| folder.join(name));
    places.find(|path| path.is_file())
}

/// Says that something is not tried here for want of something; in `.ci/run`, which sets `HANDFAST_CI`, that
/// fails.
pub(crate) fn left_out(what: &str, why: &str) {
    assert!(
        std::env::var_os("HANDFAST_CI").is_none(),
        "{what} cannot be tried: {why}"
    );
    let said = format!("LEFT OUT: {what}: {why}\n");
    std::io::stderr().write_all(said.as_bytes()).unwrap();
}

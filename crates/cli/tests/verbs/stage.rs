//! A daemon in a folder of its own, and `handfast` that finds it there.
//!
//! The daemon is served by the test itself and ends with it. What it holds is ended by the stage; of a test
//! that is killed, what was declared to survive does so, and is left to `cargo xtask reap`.

use handfast::ProcessManager;
use handfast_daemon::Place;
use handfast_daemon::listen::{Claimed, Seat, claim};
use handfast_daemon::serve::{Daemon, Settings};
use handfast_sys::connection::Listener;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A daemon that serves; it and all it holds end with this.
pub(crate) struct Stage {
    runtime: Runtime,
    daemon: Daemon,
    manager: ProcessManager,
    home: TempDir,
    _seat: Seat,
}

impl Stage {
    pub(crate) fn new() -> Stage {
        let home = tempfile::tempdir().unwrap();
        let place = Place::at(home.path().join("run")).keeping(home.path().join("state"));
        let Claimed::Ours(seat) = claim(&place).unwrap() else {
            panic!("the seat was free")
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let inside = runtime.enter();
        let manager = ProcessManager::builder().reaper(testkit::reaper());
        let manager = manager.build().unwrap();
        let (daemon, token) = Daemon::new(manager.clone(), Settings::default()).unwrap();
        seat.leave_token(&token).unwrap();
        let listener = Listener::new(seat.socket()).unwrap();
        let serving = daemon.clone();
        tokio::spawn(async move { serving.serve(listener).await });
        drop(inside);
        Stage {
            runtime,
            daemon,
            manager,
            home,
            _seat: seat,
        }
    }

    /// A folder for the test's files, which nobody else uses.
    pub(crate) fn folder(&self) -> &Path {
        self.home.path()
    }

    /// A file with this text.
    pub(crate) fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// `handfast WORDS` for this daemon.
    pub(crate) fn handfast(&self, words: &[&str]) -> Command {
        let mut command = Command::new(testkit::handfast());
        command.args(words).stdin(Stdio::null());
        self.at_home(&mut command);
        command
    }

    /// Where a program finds this daemon, and nothing that would depend on who runs the test.
    pub(crate) fn at_home(&self, command: &mut Command) {
        command
            .env("HANDFAST_HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.home.path())
            .env("PATH", "/usr/bin:/bin")
            .env_remove("COLUMNS")
            .env_remove("NO_COLOR");
    }

    /// What `handfast WORDS` says and how it ends.
    pub(crate) fn output(&self, words: &[&str]) -> Output {
        self.handfast(words).output().unwrap()
    }

    /// What it prints; it must succeed and say nothing else.
    pub(crate) fn said(&self, words: &[&str]) -> String {
        let output = self.output(words);
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{words:?}: {output:?}"
        );
        text(&output.stdout)
    }

    /// The lines of JSON that it prints.
    pub(crate) fn json(&self, words: &[&str]) -> Vec<Value> {
        let said = self.said(&[words, &["--json"]].concat());
        let each = said.lines().map(|line| serde_json::from_str(line).unwrap());
        each.collect()
    }

    /// Starts a shell script in the background; answers its id.
    pub(crate) fn start(&self, options: &[&str], script: &str) -> String {
        let words = [&["start"], options, &["--", "sh", "-c", script]].concat();
        self.said(&words).trim().to_owned()
    }

    /// What `handfast WORDS` says on standard error, and its code.
    pub(crate) fn refused(&self, words: &[&str]) -> String {
        let output = self.output(words);
        let code = output.status.code().unwrap();
        assert!(output.stdout.is_empty(), "{output:?}");
        let home = self.home.path().to_str().unwrap();
        let said = text(&output.stderr).replace(home, "HOME");
        let words = words.join(" ").replace(home, "HOME");
        format!("$ handfast {words}\n{said}exit code {code}\n")
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let (daemon, manager) = (&self.daemon, &self.manager);
        self.runtime.block_on(async {
            daemon.end_for_next().await;
            for info in manager.list_processes() {
                // One that is gone by now is as good.
                let _ = manager.kill(info.handle).await;
            }
        });
    }
}

/// What was written, as text.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A verb that runs, and its lines.
pub(crate) struct Running {
    pub(crate) child: Child,
    lines: BufReader<ChildStdout>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Running {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Running { child, lines }
    }

    /// Waits for its next line.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Waits for its end: all that was not read, and its code.
    pub(crate) fn end(mut self) -> (String, Option<i32>) {
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).unwrap();
        (rest, self.child.wait().unwrap().code())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail on one that was waited for, which is as well.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

/// A pipe by name: open for as long as one of those lives who opened it.
pub(crate) fn fifo(stage: &Stage, name: &str) -> PathBuf {
    let path = stage.folder().join(name);
    let made = Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    path
}

//! What every test needs: the program, a puppet as its program, and a home of its own.

use crate::puppet::{ARGUMENTS, PART};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

pub(crate) fn handfast(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handfast"));
    command.args(words).stdin(Stdio::null());
    command
}

/// Has it run a puppet with this part.
pub(crate) fn with_puppet(command: &mut Command, part: &str) {
    let program: PathBuf = std::env::current_exe().unwrap();
    command.arg("--").arg(program).args(ARGUMENTS);
    command.env(PART, part);
}

/// `handfast run` with these options and a puppet.
pub(crate) fn run(options: &[&str], part: &str) -> Command {
    let mut command = handfast(&["run"]);
    command.args(options);
    with_puppet(&mut command, part);
    command
}

/// What puppets said.
pub(crate) fn said(output: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(output);
    let lines = text.lines().filter_map(|line| line.strip_prefix('@'));
    lines.map(|line| line.trim_end().to_owned()).collect()
}

pub(crate) fn text(output: &Output) -> String {
    let (out, error) = (&output.stdout, &output.stderr);
    format!(
        "{:?}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(error)
    )
}

/// A place for a daemon, which is stopped at the end.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Home {
        Home(TempDir::new().unwrap())
    }

    pub(crate) fn handfast(&self, words: &[&str]) -> Command {
        let mut command = handfast(words);
        command.env("HANDFAST_HOME", self.0.path().join("home"));
        command
    }

    /// What it prints; it must end with this code.
    pub(crate) fn ask(&self, words: &[&str], code: i32) -> String {
        let output = self.handfast(words).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(code),
            "{words:?}: {}",
            text(&output)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // Where the test has stopped it, there is none.
        let _ = self.handfast(&["daemon", "stop"]).output();
    }
}

//! What every test needs: a manager that finds its reaper, a process that talks, and its witness.

use crate::puppet::{ARGUMENTS, variables};
use handfast::config::{Output, ProcessConfigBuilder, Stdin};
use handfast::output::Captured;
use handfast::{ProcessConfig, ProcessHandle, ProcessManager, ReadEnd, WriteEnd};
use std::path::PathBuf;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

/// The program that is a reaper when it is asked to be: an example, which lies beside the tests.
pub(crate) fn reaper() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let folder = own.parent().and_then(std::path::Path::parent).unwrap();
    folder.join("examples").join("one.exe")
}

pub(crate) fn manager() -> ProcessManager {
    ProcessManager::builder().reaper(reaper()).build().unwrap()
}

/// A puppet with pipes, whose error output is its witness.
pub(crate) fn puppet(script: &str) -> ProcessConfigBuilder {
    ProcessConfig::builder(std::env::current_exe().unwrap())
        .args(ARGUMENTS)
        .envs(variables(script))
        .stdin(Stdin::Pipe)
        .stdout(Output::Pipe)
        .stderr(Output::Pipe)
}

/// Returns when nobody can write to an output any more.
pub(crate) async fn until_closed(output: &Captured) {
    while output.status().is_open() {
        output.wait_for_output(output.end().offset()).await;
    }
}

/// A process that runs.
pub(crate) struct Played {
    pub(crate) handle: ProcessHandle,
    pub(crate) input: Option<WriteEnd>,
    lines: BufReader<ReadEnd>,
    witness: ReadEnd,
}

pub(crate) async fn play(manager: &ProcessManager, config: ProcessConfigBuilder) -> Played {
    let handle = manager.start_process(config.build()).await.unwrap();
    let stdio = manager.take_stdio(handle).unwrap();
    Played {
        handle,
        input: stdio.stdin,
        lines: BufReader::new(stdio.stdout.unwrap()),
        witness: stdio.stderr.unwrap(),
    }
}

impl Played {
    /// The next line that it or a member of its tree says; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).await.unwrap() == 0 {
                return None;
            }
            if let Some(said) = line.trim_end().strip_prefix('@') {
                return Some(said.to_owned());
            }
        }
    }

    pub(crate) async fn said(&mut self) -> String {
        match self.next().await {
            Some(line) => line,
            None => {
                let mut rest = String::new();
                self.witness.read_to_string(&mut rest).await.unwrap();
                panic!("it says nothing more: {rest}");
            }
        }
    }

    /// So many lines, sorted.
    pub(crate) async fn said_all(&mut self, count: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for _ in 0..count {
            lines.push(self.said().await);
        }
        lines.sort();
        lines
    }

    pub(crate) async fn rest(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) = self.next().await {
            lines.push(line);
        }
        lines
    }

    /// Returns when the last member is gone.
    pub(crate) async fn until_all_are_gone(mut self) {
        let mut rest = String::new();
        self.witness.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "");
    }
}

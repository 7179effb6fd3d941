//! The same through `tmux`, with which many drive terminals: a session to its first words, and a line
//! to its answer on the screen.

use crate::figures::Pair;
use crate::{Outcome, manager};
use handfast::config::Terminal;
use handfast::output::{Condition, Outcome as Waited, Pattern};
use handfast::session::WriteOptions;
use handfast::{ProcessConfig, ProcessHandle, ProcessManager};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

const SESSIONS: usize = 30;
const LINES: usize = 30;
const LONG: Duration = Duration::from_secs(60);
const SCRIPT: &str = "stty -echo; echo ready; while read -r word; do echo got $word; done";

/// A server of our own; it ends with this.
struct Server {
    name: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing is left to be said if it is gone already.
        let _ = self.call(&["kill-server"]);
    }
}

impl Server {
    fn call(&self, words: &[&str]) -> std::io::Result<Output> {
        let mut command = Command::new("tmux");
        command
            .args(["-L", &self.name, "-f", "/dev/null"])
            .args(words);
        command.output()
    }

    /// Looks at the screen until it shows this.
    fn until(&self, session: &str, text: &str) -> Outcome {
        loop {
            let shown = self.call(&["capture-pane", "-p", "-t", session])?;
            if !shown.status.success() {
                return Err(String::from_utf8_lossy(&shown.stderr).into_owned().into());
            }
            if String::from_utf8_lossy(&shown.stdout).contains(text) {
                return Ok(());
            }
        }
    }

    fn start(&self, session: &str) -> Outcome<Duration> {
        let begun = Instant::now();
        self.call(&["new-session", "-d", "-s", session, SCRIPT])?;
        self.until(session, "ready")?;
        Ok(begun.elapsed())
    }

    fn echo(&self, session: &str, word: &str) -> Outcome<Duration> {
        let begun = Instant::now();
        self.call(&["send-keys", "-t", session, word, "Enter"])?;
        self.until(session, &format!("got {word}"))?;
        Ok(begun.elapsed())
    }
}

async fn expect(manager: &ProcessManager, handle: ProcessHandle, text: &str) -> Outcome {
    let pattern: Pattern = text.parse()?;
    let conditions = [Condition::Match { pattern, from: 0 }];
    let waited = manager.wait_for(handle, &conditions, LONG).await?;
    match waited.outcome {
        Waited::Matched { .. } => Ok(()),
        other => Err(format!("no {text}: {other:?}").into()),
    }
}

async fn start(manager: &ProcessManager) -> Outcome<(ProcessHandle, Duration)> {
    let begun = Instant::now();
    let config = ProcessConfig::builder("/bin/sh")
        .args(["-c", SCRIPT])
        .env("PATH", "/usr/bin:/bin")
        .grace(Duration::ZERO)
        .terminal(Terminal::default())
        .build();
    let handle = manager.start_process(config).await?;
    expect(manager, handle, "ready").await?;
    Ok((handle, begun.elapsed()))
}

async fn echo(manager: &ProcessManager, handle: ProcessHandle, word: &str) -> Outcome<Duration> {
    let begun = Instant::now();
    let line = format!("{word}\n");
    manager.write(handle, line, WriteOptions::default()).await?;
    expect(manager, handle, &format!("got {word}")).await?;
    Ok(begun.elapsed())
}

pub(crate) async fn run() -> Outcome {
    let server = Server {
        name: format!("handfast-bench-{}", std::process::id()),
    };
    if server.call(&["-V"]).is_err() {
        println!("tmux: not installed here");
        return Ok(());
    }
    let manager = manager()?;
    let (mut starts, mut lines) = (Pair::default(), Pair::default());
    for number in 0..SESSIONS {
        let session = format!("s{number}");
        starts.theirs.push(server.start(&session)?);
        let (handle, took) = start(&manager).await?;
        starts.ours.push(took);
        for number in 0..LINES {
            let word = format!("word{number}.");
            lines.theirs.push(server.echo(&session, &word)?);
            lines.ours.push(echo(&manager, handle, &word).await?);
        }
        server.call(&["kill-session", "-t", &session])?;
        manager.kill(handle).await?;
    }
    starts.print_times(
        "session to its first words, over tmux new-session",
        "no target",
    );
    lines.print_times(
        "line to its answer, over tmux send-keys and capture-pane",
        "no target",
    );
    manager.shutdown().await;
    Ok(())
}

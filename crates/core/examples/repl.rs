//! Drives a REPL by what it says: waits for its prompt, types, waits for the answer.

#![expect(clippy::print_stdout, reason = "an example shows what it sees")]

use handfast::config::Terminal;
use handfast::output::{Captured, Condition, Outcome, Pattern};
use handfast::session::WriteOptions;
use handfast::{ProcessConfig, ProcessHandle, ProcessManager};
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(20);

type Failure = Box<dyn std::error::Error>;

/// A REPL, and up to where its output was read.
struct Repl {
    manager: ProcessManager,
    handle: ProcessHandle,
    output: Captured,
    read: u64,
}

impl Repl {
    /// Answers what came before the next prompt.
    async fn prompt(&mut self) -> Result<String, Failure> {
        let pattern: Pattern = ">>> $".parse()?;
        let from = self.read;
        let prompt = [Condition::Match { pattern, from }, Condition::Exit];
        let waited = self.manager.wait_for(self.handle, &prompt, WITHIN).await?;
        let Outcome::Matched { offset, len } = waited.outcome else {
            return Err(format!("no prompt: {}", waited.outcome.word()).into());
        };
        let length = usize::try_from(offset - from)?;
        self.read = offset + len as u64;
        let said = self.output.read(from, length).bytes;
        Ok(String::from_utf8_lossy(&said).into_owned())
    }

    async fn ask(&mut self, line: &str) -> Result<String, Failure> {
        let line = format!("{line}\n");
        let options = WriteOptions::default();
        self.manager.write(self.handle, line, options).await?;
        self.prompt().await
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    handfast::reaper::run_if_asked();
    let manager = ProcessManager::new()?;
    let config = ProcessConfig::builder("python3")
        .args(["-q", "-i"])
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("TERM", "dumb")
        .terminal(Terminal::default())
        .build();
    let handle = manager.start_process(config).await?;
    let output = manager.output(handle)?.ok_or("a terminal is captured")?;
    let mut repl = Repl {
        manager: manager.clone(),
        handle,
        output,
        read: 0,
    };
    repl.prompt().await?;
    for line in ["6 * 7", "import sys", "sys.stdin.isatty()"] {
        println!("{}", repl.ask(line).await?.trim_end());
    }
    println!("{}", manager.input_state(handle)?.word());
    manager.close_stdin(handle).await?;
    println!("{:?}", manager.wait(handle).await?.exit_code);
    Ok(())
}

//! An agent's client, as plain as can be: lines over pipes.

use crate::Outcome;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) struct Agent {
    server: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    next: u64,
}

impl Agent {
    pub(crate) fn begin(server: &mut Command) -> Outcome<Agent> {
        let mut server = server
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut agent = Agent {
            to: server.stdin.take().ok_or("no input")?,
            from: BufReader::new(server.stdout.take().ok_or("no output")?),
            server,
            next: 1,
        };
        agent.ask(
            "initialize",
            r#"{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}"#,
        )?;
        agent
            .to
            .write_all(b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n")?;
        Ok(agent)
    }

    fn ask(&mut self, method: &str, params: &str) -> Outcome<String> {
        let id = self.next;
        self.next += 1;
        let line = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"{method}\",\"params\":{params}}}\n"
        );
        self.to.write_all(line.as_bytes())?;
        let mut answer = String::new();
        self.from.read_line(&mut answer)?;
        let is_it = answer.contains(&format!("\"id\":{id},"));
        is_it
            .then_some(answer)
            .ok_or_else(|| "an answer to something else".into())
    }

    pub(crate) fn run(&mut self) -> Outcome<Duration> {
        let begun = Instant::now();
        let call = r#"{"name":"exec_command","arguments":{"cmd":"true","login":false}}"#;
        let answer = self.ask("tools/call", call)?;
        let took = begun.elapsed();
        let is_done = answer.contains("\"exit_code\":0");
        is_done.then_some(took).ok_or_else(|| answer.into())
    }

    pub(crate) fn ping(&mut self) -> Outcome<Duration> {
        let begun = Instant::now();
        self.ask("ping", "{}")?;
        Ok(begun.elapsed())
    }

    /// The server's.
    pub(crate) fn pid(&self) -> u32 {
        self.server.id()
    }

    pub(crate) fn end(mut self) -> Outcome {
        drop(self.to);
        self.server.wait()?;
        Ok(())
    }
}

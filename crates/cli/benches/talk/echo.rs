//! From a write to its answer: of a program that writes back what it reads, and of the terminal.

use crate::bare::Bare;
use crate::figures::Pair;
use crate::{Outcome, manager};
use handfast::config::Terminal;
use handfast::output::Captured;
use handfast::session::WriteOptions;
use handfast::{ProcessConfig, ProcessHandle, ProcessManager};
use std::time::{Duration, Instant};

const ROUNDS: usize = 20_000;
/// So many are made in one turn.
const IN_TURN: usize = 500;
const WARM_UP: usize = 200;

/// Who answers.
struct Echo {
    name: &'static str,
    script: &'static str,
    word: &'static [u8],
}

const READY: u64 = 5;

const ECHOES: [Echo; 2] = [
    Echo {
        name: "cat",
        script: "stty raw -echo; printf ready; exec cat",
        word: b"a word\n",
    },
    Echo {
        name: "the terminal itself",
        script: "printf ready; exec sleep 100000",
        word: b"x",
    },
];

/// A session that is talked to.
struct Ours {
    manager: ProcessManager,
    handle: ProcessHandle,
    output: Captured,
    come: u64,
}

impl Ours {
    async fn start(manager: &ProcessManager, echo: &Echo) -> Outcome<Ours> {
        let config = ProcessConfig::builder("/bin/sh")
            .args(["-c", echo.script])
            .env("PATH", "/usr/bin:/bin")
            .grace(Duration::ZERO)
            .terminal(Terminal::default())
            .build();
        let handle = manager.start_process(config).await?;
        let output = manager.output(handle)?.ok_or("no output")?;
        output.wait_for_output(READY - 1).await;
        Ok(Ours {
            manager: manager.clone(),
            handle,
            output,
            come: READY,
        })
    }

    /// Writes, and waits until as much again has come.
    async fn echo(&mut self, word: &[u8]) -> Outcome<Duration> {
        let begun = Instant::now();
        let options = WriteOptions::default();
        let written = self.manager.write(self.handle, word, options).await?;
        self.come += word.len() as u64;
        let come = self.output.wait_for_output(self.come - 1).await;
        let took = begun.elapsed();
        if written.is_complete() && come.sum() == self.come {
            Ok(took)
        } else {
            Err(format!("{written:?}, {come:?}, not {}", self.come).into())
        }
    }
}

fn theirs(bare: &mut Bare, word: &[u8]) -> Outcome<Duration> {
    let mut answer = [0; 16];
    let begun = Instant::now();
    let answer = answer.get_mut(..word.len()).ok_or("a long word")?;
    bare.echo(word, answer)?;
    Ok(begun.elapsed())
}

/// The terminal keeps what nobody reads, so it is emptied by a new one for each turn.
async fn turn(manager: &ProcessManager, echo: &Echo, pair: &mut Pair) -> Outcome {
    let mut bare = Bare::start("/bin/sh", &["-c", echo.script])?;
    tokio::task::block_in_place(|| -> Outcome {
        bare.read_up_to(READY)?;
        for round in 0..WARM_UP + IN_TURN {
            let took = theirs(&mut bare, echo.word)?;
            if round >= WARM_UP {
                pair.theirs.push(took);
            }
        }
        Ok(())
    })?;
    drop(bare);
    let mut session = Ours::start(manager, echo).await?;
    for round in 0..WARM_UP + IN_TURN {
        let took = session.echo(echo.word).await?;
        if round >= WARM_UP {
            pair.ours.push(took);
        }
    }
    manager.kill(session.handle).await?;
    Ok(())
}

pub(crate) async fn run() -> Outcome {
    let manager = manager()?;
    for echo in ECHOES {
        let mut pair = Pair::default();
        for _ in 0..ROUNDS / IN_TURN {
            turn(&manager, &echo, &mut pair).await?;
        }
        let name = format!(
            "echo of {} over a bare write and read on the master",
            echo.name
        );
        pair.print_times(&name, "target 1.5");
    }
    manager.shutdown().await;
    Ok(())
}

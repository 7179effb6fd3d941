//! What an agent waits for: `exec_command("true")` through `handfast mcp`, the same over the daemon's wire,
//! and bare starts, all in turns, in one run.
//!
//! `cargo bench --bench mcp`; words after `--` pick rungs (`namespace` ...), else `namespace` and `subreaper` are
//! measured.
//! Nothing here is asserted: the target stands beside the figures, and so does the load of the machine,
//! since everything but the bare start takes turns of several processes.

#![expect(
    clippy::print_stdout,
    reason = "printing figures is what these programs are for"
)]

mod client;
mod figures;
mod work;

use client::Agent;
use figures::Times;
use handfast::Rung;
use handfast_daemon::Place;
use handfast_daemon::connect::{Client, Launch, session};
use handfast_daemon::wire::{DaemonStatus, ExecCommand, ExecProfile, Word};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use work::Work;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const ROUNDS: usize = 1000;
const WARM_UP: usize = 100;
const SHELL: &str = "/bin/sh";

/// One daemon, and what finds it.
struct Home {
    folder: TempDir,
    rung: Rung,
}

impl Home {
    fn handfast(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_handfast"));
        command.args(words).env_clear().env("PATH", "/usr/bin:/bin");
        command
            .env("HANDFAST_HOME", self.folder.path())
            .env("SHELL", SHELL);
        command.env("HANDFAST_FORCE", self.rung.word());
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    fn place(&self) -> Place {
        let home = self.folder.path();
        Place::at(home.join("run")).keeping(home.join("state"))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // It is gone already where the benchmark has failed early.
        let _ = self
            .handfast(&["daemon", "stop"])
            .stdout(Stdio::null())
            .status();
    }
}

/// A bare start, waited for, with its output collected, as that of a command is.
fn bare(argv: &[&str]) -> Outcome<Duration> {
    let begun = Instant::now();
    let mut command = Command::new(argv[0]);
    let output = command
        .args(&argv[1..])
        .env_clear()
        .stdin(Stdio::null())
        .output()?;
    let took = begun.elapsed();
    output
        .status
        .success()
        .then_some(took)
        .ok_or_else(|| format!("{argv:?}").into())
}

async fn by_wire(client: &Client) -> Outcome<Duration> {
    let begun = Instant::now();
    let command = ExecCommand {
        cmd: "true".to_owned(),
        login: Some(false),
        ..ExecCommand::default()
    };
    let answer = client.call(&command).await?;
    let took = begun.elapsed();
    (answer.exit_code == Some(0))
        .then_some(took)
        .ok_or_else(|| answer.text.into())
}

/// One minute's load, as the kernel tells it.
fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

async fn wire(home: &Home) -> Outcome<Client> {
    let (client, _notes) = session(&home.place(), &Launch::new("", "bench")).await?;
    let profile = ExecProfile {
        cwd: Some(Word::from(home.folder.path().to_string_lossy().as_ref())),
        shell: Some(Word::from(SHELL)),
        ..ExecProfile::default()
    };
    client.call(&profile).await?;
    Ok(client)
}

async fn measure(rung: Rung) -> Outcome {
    let home = Home {
        folder: tempfile::tempdir()?,
        rung,
    };
    let mut agent = Agent::begin(&mut home.handfast(&["mcp"]))?;
    agent.run()?;
    let client = wire(&home).await?;
    let (mut mcp, mut daemon, mut ping) = (Times::default(), Times::default(), Times::default());
    let (mut shell, mut alone) = (Times::default(), Times::default());
    let before = load();
    for round in 0..WARM_UP + ROUNDS {
        let times = [
            tokio::task::block_in_place(|| agent.run())?,
            by_wire(&client).await?,
            tokio::task::block_in_place(|| agent.ping())?,
            tokio::task::block_in_place(|| bare(&[SHELL, "-c", "true"]))?,
            tokio::task::block_in_place(|| bare(&["/bin/true"]))?,
        ];
        if round >= WARM_UP {
            let all = [&mut mcp, &mut daemon, &mut ping, &mut shell, &mut alone];
            for (of, time) in all.into_iter().zip(times) {
                of.push(time);
            }
        }
    }
    println!(
        "-- rung {rung}, load {before} to {} on {} processors",
        load(),
        processors()
    );
    let name = "exec_command(\"true\") through MCP over";
    mcp.compare(
        &format!("{name} a bare start of the same shell"),
        &mut shell,
        "target 5",
    );
    mcp.compare(
        &format!("{name} a bare start of /bin/true"),
        &mut alone,
        "no target",
    );
    mcp.compare(
        &format!("{name} the daemon's wire"),
        &mut daemon,
        "no target",
    );
    daemon.compare(
        "the same over the wire, over a bare start of the same shell",
        &mut shell,
        "no target",
    );
    let daemon = client.call(&DaemonStatus {}).await?.pid;
    cost(&mut agent, daemon)?;
    println!(
        "an answer of MCP to nothing (ping), p50: {:.0} us",
        ping.percentile(50)
    );
    agent.end()
}

/// What a call costs the processor and the scheduler, which the load of others does not change.
fn cost(agent: &mut Agent, daemon: u32) -> Outcome {
    let reaper = work::child_of(daemon)?;
    let all = [
        ("server", agent.pid()),
        ("daemon", daemon),
        ("reaper", reaper),
    ];
    let before: Vec<Work> = all
        .iter()
        .map(|(_, pid)| Work::of(*pid))
        .collect::<Outcome<_>>()?;
    for _ in 0..ROUNDS {
        agent.run()?;
    }
    for ((name, pid), before) in all.into_iter().zip(before) {
        let work = Work::of(pid)?.since(&before);
        let (time, switches) = work.each(ROUNDS);
        println!(
            "one call costs the {name} {time:.0} us of a processor, and {switches:.1} switches"
        );
    }
    Ok(())
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn main() -> Outcome {
    let words = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'));
    let rungs: Vec<Rung> = words.filter_map(|word| word.parse().ok()).collect();
    let rungs = if rungs.is_empty() {
        vec![Rung::Namespace, Rung::Subreaper]
    } else {
        rungs
    };
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build()?;
    // A task as those of a host are, and not the thread that only waits for them.
    runtime.block_on(async {
        for rung in rungs {
            tokio::spawn(measure(rung)).await??;
        }
        Ok(())
    })
}

//! Process benchmarks as ratios: ours and the raw way turn about in one run, on one machine.
//!
//! Absolute times say little on a shared machine; the ratio of two medians that were measured in
//! turns does. `cargo bench --bench ratios`; a word after `--` picks the parts whose name has it.
//! Nothing here is asserted: the targets stand beside the figures.

#![expect(
    clippy::print_stdout,
    reason = "printing figures is what this program is for"
)]

use handfast::{ProcessConfig, ProcessManager, Rung};
use std::process::Command;
use std::time::{Duration, Instant};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Medians of two ways that were measured in turns.
struct Pair {
    ours: Vec<Duration>,
    raw: Vec<Duration>,
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times
        .get((times.len() * percent / 100).min(times.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

impl Pair {
    fn new() -> Pair {
        Pair {
            ours: Vec::new(),
            raw: Vec::new(),
        }
    }

    fn print(&mut self, name: &str, target: &str) -> f64 {
        let (ours, raw) = (
            percentile(&mut self.ours, 50),
            percentile(&mut self.raw, 50),
        );
        let ratio = ours.as_secs_f64() / raw.as_secs_f64();
        println!(
            "{name:<58} {ratio:>6.2} x   (ours {:.3} ms, raw {:.3} ms; {target})",
            milliseconds(ours),
            milliseconds(raw)
        );
        ratio
    }
}

fn truth() -> ProcessConfig {
    ProcessConfig::builder("/bin/true").build()
}

fn raw_spawn() -> Result<Duration, std::io::Error> {
    let begun = Instant::now();
    // No hook and no ids, so std takes `posix_spawn(3)`, then `waitpid(2)`.
    Command::new("/bin/true").env_clear().spawn()?.wait()?;
    Ok(begun.elapsed())
}

async fn tokio_spawn() -> Result<Duration, std::io::Error> {
    let begun = Instant::now();
    tokio::process::Command::new("/bin/true")
        .env_clear()
        .spawn()?
        .wait()
        .await?;
    Ok(begun.elapsed())
}

async fn our_spawn(manager: &ProcessManager) -> Result<Duration, Box<dyn std::error::Error>> {
    let begun = Instant::now();
    let handle = manager.start_process(truth()).await?;
    manager.wait(handle).await?;
    Ok(begun.elapsed())
}

const STARTS: usize = 1000;
const WARM_UP: usize = 100;

async fn start_to_exit(
    manager: &ProcessManager,
    host: &str,
) -> Result<f64, Box<dyn std::error::Error>> {
    let (mut spawn, mut tokio) = (Pair::new(), Pair::new());
    for round in 0..WARM_UP + STARTS {
        let (raw, ours, theirs) = (
            raw_spawn()?,
            our_spawn(manager).await?,
            tokio_spawn().await?,
        );
        if round >= WARM_UP {
            spawn.raw.push(raw);
            spawn.ours.push(ours);
            tokio.ours.push(ours);
            tokio.raw.push(theirs);
        }
    }
    let rung = manager
        .list_processes()
        .first()
        .map_or_else(String::new, |info| info.rung.to_string());
    let name = |than: &str| format!("start to exit of /bin/true{rung}, host {host}, over {than}");
    spawn.print(&name("posix_spawn"), "target 1.6");
    tokio.print(&name("tokio::process"), "no target");
    Ok(milliseconds(percentile(&mut spawn.ours, 50)))
}

async fn host_sizes(rung: Rung) -> Outcome {
    println!("-- rung {rung}");
    let manager = ProcessManager::builder()
        .reaper(testkit::reaper())
        .force(rung)
        .build()?;
    let small = start_to_exit(&manager, "10 MiB").await?;
    // Every page is written, so that it is resident.
    let ballast = vec![1_u8; 1 << 30];
    let large = start_to_exit(&manager, "1 GiB").await?;
    std::hint::black_box(&ballast);
    println!(
        "{:<58} {:>6.2} x   (target within 10 %)",
        "ours with a host of 1 GiB over 10 MiB",
        large / small
    );
    manager.shutdown().await;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let runs =
        |name: &str| wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str()));
    for rung in Rung::LADDER {
        if runs("start") || runs(rung.word()) {
            host_sizes(rung).await?;
        }
    }
    Ok(())
}

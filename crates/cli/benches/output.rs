//! What reading output through the store costs, against a bare loop: in turns, in one run.
//!
//! `cargo bench --bench output`; words after `--` pick parts: `pipe`, `lines`, `flood`, `idle`.
//! Nothing here is asserted: the targets stand beside the figures.

#![expect(
    clippy::print_stdout,
    reason = "printing figures is what this program is for"
)]

use handfast::config::{Output, ProcessConfig, Stdin};
use handfast::{ProcessManager, Rung};
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::AsyncBufReadExt;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

const PIECE: usize = 64 * 1024;
const MIB: u64 = 1024 * 1024;
/// How much is written in one turn of `pipe`.
const TURN: u64 = 1024 * MIB;
const TURNS: usize = 15;
/// How much is written in `flood`.
const FLOOD: u64 = 10 * 1024 * MIB;
const IDLE: usize = 1000;

/// The words of a program that writes so many bytes in pieces of 64 KiB.
fn writer(bytes: u64) -> [String; 4] {
    let count = format!("count={}", bytes / PIECE as u64);
    ["if=/dev/zero", "bs=64K", &count, "status=none"].map(str::to_owned)
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn gib_per_second(bytes: u64, time: Duration) -> f64 {
    bytes as f64 / time.as_secs_f64() / (1024.0 * MIB as f64)
}

fn raw(bytes: u64) -> Outcome<Duration> {
    let begun = Instant::now();
    let mut child = Command::new("/bin/dd")
        .args(writer(bytes))
        .stdout(Stdio::piped())
        .spawn()?;
    let total = read_all(child.stdout.take().ok_or("no pipe")?)?;
    let took = begun.elapsed();
    child.wait()?;
    if total == bytes {
        Ok(took)
    } else {
        Err(format!("{total} of {bytes} bytes came").into())
    }
}

async fn ours(manager: &ProcessManager, bytes: u64) -> Outcome<Duration> {
    let begun = Instant::now();
    let config = ProcessConfig::builder("/bin/dd")
        .args(writer(bytes))
        .stdout(Output::Captured)
        .build();
    let handle = manager.start_process(config).await?;
    let output = manager.output(handle)?.ok_or("no output")?;
    let total = output.wait_for_output(u64::MAX).await.stdout;
    let took = begun.elapsed();
    manager.wait(handle).await?;
    if total == bytes {
        Ok(took)
    } else {
        Err(format!("{total} of {bytes} bytes came").into())
    }
}

/// `tokio::process` with its lines, as most programs read output.
async fn lines(bytes: u64) -> Outcome<Duration> {
    let begun = Instant::now();
    let words = format!("yes 0123456789abcdef0123456789abcde | head -c {bytes}");
    let mut child = tokio::process::Command::new("/bin/sh")
        .args(["-c", &words])
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().ok_or("no pipe")?;
    let mut lines = tokio::io::BufReader::new(stdout).lines();
    while lines.next_line().await?.is_some() {}
    child.wait().await?;
    Ok(begun.elapsed())
}

/// The same lines through the store.
async fn our_lines(manager: &ProcessManager, bytes: u64) -> Outcome<Duration> {
    let begun = Instant::now();
    let words = format!("yes 0123456789abcdef0123456789abcde | head -c {bytes}");
    let config = ProcessConfig::builder("/bin/sh")
        .args(["-c", &words])
        .env("PATH", "/usr/bin:/bin")
        .stdout(Output::Captured)
        .build();
    let handle = manager.start_process(config).await?;
    let output = manager.output(handle)?.ok_or("no output")?;
    let total = output.wait_for_output(u64::MAX).await.stdout;
    manager.wait(handle).await?;
    if total == bytes {
        Ok(begun.elapsed())
    } else {
        Err(format!("{total} of {bytes} bytes came").into())
    }
}

/// A bare loop on a pipe of a process that our manager has started.
async fn bare_on_ours(manager: &ProcessManager, bytes: u64) -> Outcome<Duration> {
    let begun = Instant::now();
    let config = ProcessConfig::builder("/bin/dd")
        .args(writer(bytes))
        .stdout(Output::Pipe)
        .build();
    let handle = manager.start_process(config).await?;
    let stdout = manager.take_stdio(handle)?.stdout.ok_or("no pipe")?;
    let stdout = std::fs::File::from(stdout.into_blocking()?);
    let total = tokio::task::spawn_blocking(|| read_all(stdout)).await??;
    let took = begun.elapsed();
    manager.wait(handle).await?;
    if total == bytes {
        Ok(took)
    } else {
        Err(format!("{total} of {bytes} bytes came").into())
    }
}

/// The bare loop.
fn read_all(mut pipe: impl Read) -> std::io::Result<u64> {
    let (mut piece, mut total) = (vec![0; PIECE], 0);
    loop {
        match pipe.read(&mut piece)? {
            0 => return Ok(total),
            read => total += read as u64,
        }
    }
}

/// The processor time of this program so far.
fn own_cpu() -> Outcome<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
    // A tick has been 10 ms for programs on Linux for decades.
    Ok(Duration::from_millis(ticks * 10))
}

/// One way to read, with what it took in each turn and what it cost this program.
#[derive(Default)]
struct Way {
    times: Vec<Duration>,
    cpu: Duration,
}

impl Way {
    async fn turn(&mut self, read: impl Future<Output = Outcome<Duration>>) -> Outcome {
        let before = own_cpu()?;
        self.times.push(read.await?);
        self.cpu += own_cpu()?.saturating_sub(before);
        Ok(())
    }
}

async fn pipe(manager: &ProcessManager) -> Outcome {
    let (mut std, mut bare, mut store) = (Way::default(), Way::default(), Way::default());
    for _ in 0..TURNS {
        std.turn(async {
            let blocking = || raw(TURN).map_err(|error| error.to_string());
            Ok(tokio::task::spawn_blocking(blocking).await??)
        })
        .await?;
        bare.turn(bare_on_ours(manager, TURN)).await?;
        store.turn(ours(manager, TURN)).await?;
    }
    let ours = median(&mut store.times);
    for (name, way) in [("ours", &mut bare), ("std::process", &mut std)] {
        let times = median(&mut way.times);
        println!(
            "pipe through the store, of a bare 64 KiB read loop on a child of {name}: {:.2} of its \
             rate (target 0.8)   (ours {:.2} GiB/s, bare {:.2} GiB/s; processor time {:.2} x)",
            times.as_secs_f64() / ours.as_secs_f64(),
            gib_per_second(TURN, ours),
            gib_per_second(TURN, times),
            store.cpu.as_secs_f64() / way.cpu.as_secs_f64()
        );
    }
    Ok(())
}

async fn against_lines(manager: &ProcessManager) -> Outcome {
    const BYTES: u64 = 256 * MIB;
    let (mut theirs, mut stores) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        theirs.push(lines(BYTES).await?);
        stores.push(our_lines(manager, BYTES).await?);
    }
    let (theirs, ours) = (median(&mut theirs), median(&mut stores));
    println!(
        "256 MiB of lines through the store, over tokio::process with lines: {:.2} x the rate \
         (no target)   (ours {:.2} GiB/s, theirs {:.2} GiB/s)",
        theirs.as_secs_f64() / ours.as_secs_f64(),
        gib_per_second(BYTES, ours),
        gib_per_second(BYTES, theirs)
    );
    Ok(())
}

/// What of this process is in memory, in KiB.
fn resident() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("no VmRSS")?.parse()?)
}

async fn flood(manager: &ProcessManager) -> Outcome {
    ours(manager, 16 * MIB).await?;
    let before = resident()?;
    let config = ProcessConfig::builder("/bin/dd")
        .args(writer(FLOOD))
        .stdout(Output::Captured)
        .build();
    let handle = manager.start_process(config).await?;
    let output = manager.output(handle)?.ok_or("no output")?;
    let (mut most, mut next) = (before, 0);
    while output.wait_for_output(next).await.stdout < FLOOD {
        next += 64 * MIB;
        most = most.max(resident()?);
    }
    let status = output.status();
    println!(
        "10 GiB flood: resident {before} KiB before, at most {most} KiB meanwhile \
         (target: constant, 1 MiB kept); {} of {} bytes omitted",
        status.omitted.sum(),
        status.totals.sum()
    );
    Ok(())
}

/// What a captured process costs this program while it does nothing.
async fn idle(manager: &ProcessManager) -> Outcome {
    let sleeper = |captured| {
        let output = || {
            if captured {
                Output::Captured
            } else {
                Output::Null
            }
        };
        ProcessConfig::builder("/bin/cat")
            .stdin(Stdin::Pipe)
            .stdout(output())
            .stderr(output())
            .build()
    };
    let mut cost = [0_u64; 2];
    for (captured, cost) in [false, true].into_iter().zip(&mut cost) {
        let before = resident()?;
        for _ in 0..IDLE {
            manager.start_process(sleeper(captured)).await?;
        }
        *cost = resident()?.saturating_sub(before);
    }
    println!(
        "{IDLE} idle processes: {:.1} KiB each, with both streams captured {:.1} KiB each (target 64)",
        cost[0] as f64 / IDLE as f64,
        cost[1] as f64 / IDLE as f64
    );
    Ok(())
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Outcome {
    let words = std::env::args().skip(1);
    let wanted: Vec<String> = words.filter(|word| !word.starts_with('-')).collect();
    let chosen = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    // More descriptors than usual for the last part.
    let _ = handfast_sys::child::raise_descriptor_limit();
    let manager = ProcessManager::builder()
        .reaper(env!("CARGO_BIN_EXE_handfast-reaper"))
        .force(Rung::Subreaper)
        .build()?;
    if chosen("pipe") {
        pipe(&manager).await?;
    }
    if chosen("lines") {
        against_lines(&manager).await?;
    }
    if chosen("flood") {
        flood(&manager).await?;
    }
    if chosen("idle") {
        idle(&manager).await?;
    }
    manager.shutdown().await;
    Ok(())
}

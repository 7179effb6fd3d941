//! Process benchmarks as ratios: ours and the raw way turn about in one run, on one machine.
//!
//! Absolute times say little on a shared machine; the ratio of two medians that were measured in
//! turns does, which is why this is no criterion benchmark: that measures one way after the other.
//! `cargo bench`; words after `--` pick rungs (`namespace` ...) and parts (`start`, `notice`, `kill`,
//! `many`). Nothing here is asserted: the targets stand beside the figures.

#![expect(
    clippy::print_stdout,
    reason = "printing figures is what this program is for"
)]

use handfast::config::{Output, Stdin};
use handfast::{ProcessConfig, ProcessManager, ProcessStatus, Rung};
use handfast_sys::child;
use handfast_sys::watch::{Readiness, Watcher};
use std::os::fd::AsFd;
use std::process::Command;
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;

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

    fn print(&mut self, name: &str, target: &str) {
        let (ours, raw) = (
            percentile(&mut self.ours, 50),
            percentile(&mut self.raw, 50),
        );
        let ratio = ours.as_secs_f64() / raw.as_secs_f64();
        println!(
            "{name:<66} {ratio:>5.2} x   (ours {:.3} ms, raw {:.3} ms; {target})",
            milliseconds(ours),
            milliseconds(raw)
        );
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
/// The host grows and shrinks so often, so that both sizes meet the same machine.
const TURNS: usize = 10;

/// What start to exit takes a host of one size.
struct Host {
    name: &'static str,
    spawn: Pair,
    tokio: Pair,
}

impl Host {
    fn new(name: &'static str) -> Host {
        Host {
            name,
            spawn: Pair::new(),
            tokio: Pair::new(),
        }
    }

    async fn measure(&mut self, manager: &ProcessManager, rounds: usize) -> Outcome {
        for _ in 0..rounds {
            let (raw, ours) = (raw_spawn()?, our_spawn(manager).await?);
            let theirs = tokio_spawn().await?;
            self.spawn.raw.push(raw);
            self.spawn.ours.push(ours);
            self.tokio.ours.push(ours);
            self.tokio.raw.push(theirs);
        }
        Ok(())
    }

    fn print(&mut self) {
        let name = |than: &str| {
            format!(
                "start to exit of /bin/true, host {}, over {than}",
                self.name
            )
        };
        let (spawn, tokio) = (name("posix_spawn"), name("tokio::process"));
        self.spawn.print(&spawn, "target 1.6");
        self.tokio.print(&tokio, "no target");
    }
}

async fn host_sizes(rung: Rung) -> Outcome {
    println!("-- rung {rung}");
    let manager = ProcessManager::builder()
        .reaper(env!("CARGO_BIN_EXE_handfast-reaper"))
        .force(rung)
        .build()?;
    Host::new("warming up").measure(&manager, WARM_UP).await?;
    let (mut small, mut large) = (Host::new("10 MiB"), Host::new("1 GiB"));
    for _ in 0..TURNS {
        small.measure(&manager, STARTS / TURNS).await?;
        // Every page is written, so that it is resident; so large a piece is given back at once.
        let ballast = vec![1_u8; 1 << 30];
        large.measure(&manager, STARTS / TURNS).await?;
        std::hint::black_box(&ballast);
    }
    small.print();
    large.print();
    let mut both = Pair {
        ours: large.spawn.ours,
        raw: small.spawn.ours,
    };
    both.print(
        "ours with a host of 1 GiB over 10 MiB",
        "target within 10 %",
    );
    manager.shutdown().await;
    Ok(())
}

const KILLS: usize = 15;
const CROWD: &str = "1000";

/// Builds the programs of the test kit beside ours: cargo builds none of another package for a
/// benchmark.
fn build_kit() -> Outcome {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let words = [
        "build",
        "--quiet",
        "--profile",
        "bench",
        "--package",
        "testkit",
        "--bins",
    ];
    let built = Command::new(cargo).args(words).status()?;
    if built.success() {
        Ok(())
    } else {
        Err("the test kit does not build".into())
    }
}

/// Kills a tree of 1,000 members, half of them daemons, until nothing of it is left.
async fn our_kill(manager: &ProcessManager) -> Result<Duration, Box<dyn std::error::Error>> {
    let crowd = ProcessConfig::builder(testkit::puppet())
        .args(["members", CROWD, "say", "up", "park"])
        .stdout(Output::Pipe)
        .build();
    let handle = manager.start_process(crowd).await?;
    let mut stdout = manager.take_stdio(handle)?.stdout.ok_or("no pipe")?;
    stdout.read_exact(&mut [0; 3]).await?;
    let begun = Instant::now();
    let receipt = manager.kill(handle).await?;
    let took = begun.elapsed();
    if receipt.members_before != 1001 || !receipt.survivors.is_empty() {
        return Err(format!("not all members were killed: {receipt:?}").into());
    }
    Ok(took)
}

fn raw_kill() -> Result<Duration, Box<dyn std::error::Error>> {
    let program = testkit::puppet().with_file_name("bare-kill");
    let output = Command::new(program).arg(CROWD).output()?;
    let text = String::from_utf8(output.stdout)?;
    Ok(Duration::from_nanos(text.trim().parse()?))
}

async fn kills(rung: Rung) -> Outcome {
    let manager = ProcessManager::builder()
        .reaper(env!("CARGO_BIN_EXE_handfast-reaper"))
        .force(rung)
        .build()?;
    let mut pair = Pair::new();
    for round in 0..=KILLS {
        let (raw, ours) = (raw_kill()?, our_kill(&manager).await?);
        if round > 0 {
            pair.raw.push(raw);
            pair.ours.push(ours);
        }
    }
    pair.print(
        &format!("kill of 1,000 members on {rung} over cgroup.kill + reap"),
        "target 1.3",
    );
    manager.shutdown().await;
    Ok(())
}

/// How long after its real end, as a thread that polls its pidfd sees it, `wait` answers.
async fn notice(rung: Rung) -> Outcome {
    let manager = ProcessManager::builder()
        .reaper(env!("CARGO_BIN_EXE_handfast-reaper"))
        .force(rung)
        .build()?;
    let mut late = Vec::new();
    for _ in 0..STARTS {
        let config = ProcessConfig::builder("/bin/cat")
            .stdin(Stdin::Pipe)
            .build();
        let handle = manager.start_process(config).await?;
        let ProcessStatus::Running { pid } = manager.query_status(handle)? else {
            return Err("it does not run".into());
        };
        let pid = child::Pid::new(pid.cast_signed()).ok_or("no pid")?;
        let pidfd = child::open_pidfd(pid)?;
        let (up, ready) = std::sync::mpsc::channel();
        let observer = std::thread::spawn(move || {
            let mut watcher = Watcher::new()?;
            watcher.add(0, pidfd.as_fd(), Readiness::Readable)?;
            // Nobody listens only where the benchmark has failed already.
            let _ = up.send(());
            watcher.wait(&mut Vec::new(), None)?;
            Ok::<Instant, std::io::Error>(Instant::now())
        });
        ready.recv()?;
        drop(manager.take_stdio(handle)?);
        manager.wait(handle).await?;
        let told = Instant::now();
        let seen = observer.join().map_err(|_| "the observer failed")??;
        late.push(told.saturating_duration_since(seen));
    }
    println!(
        "wait answers after the real exit on {rung}: median {:.3} ms, p99 {:.3} ms (target p99 under 2 ms)",
        milliseconds(percentile(&mut late, 50)),
        milliseconds(percentile(&mut late, 99))
    );
    manager.shutdown().await;
    Ok(())
}

const CROWDED: usize = 2000;

/// 2,000 processes at once: what looking at them and stopping them costs.
async fn many(rung: Rung) -> Outcome {
    let _ = child::raise_descriptor_limit();
    let manager = ProcessManager::builder()
        .reaper(env!("CARGO_BIN_EXE_handfast-reaper"))
        .force(rung)
        .build()?;
    let sleeper = || ProcessConfig::builder("/bin/sleep").arg("1000").build();
    let mut handles = Vec::with_capacity(CROWDED);
    let begun = Instant::now();
    for _ in 0..CROWDED {
        handles.push(manager.start_process(sleeper()).await?);
    }
    let started = begun.elapsed();
    let (mut lists, mut statuses) = (Vec::new(), Vec::new());
    for handle in handles.iter().take(200) {
        let begun = Instant::now();
        let count = manager.list_processes().len();
        lists.push(begun.elapsed());
        if count != CROWDED {
            return Err(format!("{count} are listed").into());
        }
        let begun = Instant::now();
        manager.query_status(*handle)?;
        statuses.push(begun.elapsed());
    }
    let begun = Instant::now();
    let receipts = manager.shutdown().await;
    let stopped = begun.elapsed();
    let survivors: usize = receipts.iter().map(|receipt| receipt.survivors.len()).sum();
    println!(
        "2,000 at once on {rung}: list {:.3} ms, status {:.4} ms (target under 2 ms each); \
         start all {:.0} ms, stop all {:.0} ms, {survivors} survivors",
        milliseconds(percentile(&mut lists, 99)),
        milliseconds(percentile(&mut statuses, 99)),
        milliseconds(started),
        milliseconds(stopped)
    );
    Ok(())
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Outcome {
    let words = std::env::args().skip(1);
    let wanted: Vec<String> = words.filter(|word| !word.starts_with('-')).collect();
    let runs = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    let parts =
        |rung: Rung| wanted.iter().all(|word| word.parse::<Rung>().is_err()) || runs(rung.word());
    let chosen = |name: &str| wanted.iter().all(|word| word.parse::<Rung>().is_ok()) || runs(name);
    if chosen("kill") {
        build_kit()?;
    }
    for rung in Rung::LADDER.into_iter().filter(|rung| parts(*rung)) {
        if chosen("start") {
            host_sizes(rung).await?;
        }
        if chosen("notice") {
            notice(rung).await?;
        }
        // Half of the members are daemons, which `group` does not hold.
        if chosen("kill") && rung != Rung::Group {
            kills(rung).await?;
        }
        if chosen("many") {
            many(rung).await?;
        }
    }
    Ok(())
}

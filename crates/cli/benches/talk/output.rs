//! Output of a program on a terminal, through the store and by a bare loop on the master.

use crate::bare::Bare;
use crate::figures::Pair;
use crate::{Outcome, manager};
use handfast::config::Terminal;
use handfast::{ProcessConfig, ProcessManager};
use std::time::{Duration, Instant};

/// Many and short: how fast a terminal is depends on which processor wakes which, by a factor of three.
const TURNS: usize = 41;
const MIB: u64 = 1024 * 1024;

/// What is written, and how many bytes of it come out of the master.
struct Load {
    name: &'static str,
    script: String,
    bytes: u64,
}

/// Without line ends, and as programs write: a line end becomes two characters.
fn loads() -> [Load; 2] {
    let (blank, text) = (32 * MIB, 16 * MIB);
    [
        Load {
            name: "32 MiB in pieces of 64 KiB",
            script: format!(
                "exec dd if=/dev/zero bs=64K count={} status=none",
                blank / 65536
            ),
            bytes: blank,
        },
        Load {
            name: "16 MiB of lines",
            script: format!("yes 0123456789abcdef0123456789abcde | head -c {text}"),
            bytes: text / 32 * 33,
        },
    ]
}

fn right(total: u64, load: &Load) -> Outcome {
    if total == load.bytes {
        Ok(())
    } else {
        Err(format!("{total} of {} bytes came", load.bytes).into())
    }
}

fn theirs(load: &Load) -> Outcome<Duration> {
    let begun = Instant::now();
    let mut bare = Bare::start("/bin/sh", &["-c", &load.script])?;
    right(bare.read_up_to(u64::MAX)?, load)?;
    Ok(begun.elapsed())
}

async fn ours(manager: &ProcessManager, load: &Load, terminal: Terminal) -> Outcome<Duration> {
    let begun = Instant::now();
    let config = ProcessConfig::builder("/bin/sh")
        .args(["-c", &load.script])
        .env("PATH", "/usr/bin:/bin")
        .terminal(terminal)
        .build();
    let handle = manager.start_process(config).await?;
    let output = manager.output(handle)?.ok_or("no output")?;
    let total = output.wait_for_output(u64::MAX).await.terminal;
    let took = begun.elapsed();
    manager.wait(handle).await?;
    right(total, load)?;
    Ok(took)
}

pub(crate) async fn run() -> Outcome {
    let manager = manager()?;
    for load in loads() {
        let (mut pair, mut silent) = (Pair::default(), Pair::default());
        for _ in 0..TURNS {
            let theirs = tokio::task::block_in_place(|| theirs(&load))?;
            let ours_now = ours(&manager, &load, Terminal::default()).await?;
            pair.theirs.push(theirs);
            pair.ours.push(ours_now);
            silent.theirs.push(theirs);
            let quiet = Terminal::default().answers(false);
            silent.ours.push(ours(&manager, &load, quiet).await?);
        }
        let name = format!("terminal, {}, over a bare loop on the master", load.name);
        pair.print_rates(&name, load.bytes, "target 0.9");
        silent.print_rates(
            &format!("{name}, answering no questions"),
            load.bytes,
            "target 0.9",
        );
    }
    manager.shutdown().await;
    Ok(())
}

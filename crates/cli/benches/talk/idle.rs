//! What a thousand sessions cost while nothing happens.

use crate::{Outcome, manager};
use handfast::config::{Output, ProcessConfigBuilder, Stdin, Terminal};
use handfast::{ProcessConfig, ProcessManager};

const SESSIONS: usize = 1000;
/// Whatever is made once is made by these.
const BEFORE: usize = 50;

fn resident(pid: u32) -> Outcome<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("no VmRSS")?.parse()?)
}

/// The reaper of the last manager: the one before may not be gone yet.
fn reaper() -> Outcome<u32> {
    let own = i32::try_from(std::process::id())?;
    let all = handfast_sys::proc::all()?;
    let children = all
        .iter()
        .filter(|stat| stat.parent == own && stat.is_alive());
    let pid = children.map(|stat| stat.pid.unsigned_abs()).max();
    Ok(pid.ok_or("no reaper")?)
}

async fn start(manager: &ProcessManager, config: ProcessConfigBuilder) -> Outcome {
    let handle = manager.start_process(config.build()).await?;
    let output = manager.output(handle)?.ok_or("no output")?;
    output.wait_for_output(0).await;
    Ok(())
}

async fn cost(name: &str, config: impl Fn() -> ProcessConfigBuilder) -> Outcome {
    let manager = manager()?;
    for _ in 0..BEFORE {
        start(&manager, config()).await?;
    }
    let reaper = reaper()?;
    let before = (resident(std::process::id())?, resident(reaper)?);
    for _ in 0..SESSIONS {
        start(&manager, config()).await?;
    }
    let after = (resident(std::process::id())?, resident(reaper)?);
    let each = |before: u64, after: u64| after.saturating_sub(before) as f64 / SESSIONS as f64;
    println!(
        "{SESSIONS} idle sessions, {name}: {:.1} KiB each in the host and {:.1} KiB in the reaper (target 64)",
        each(before.0, after.0),
        each(before.1, after.1)
    );
    manager.shutdown().await;
    Ok(())
}

pub(crate) async fn run() -> Outcome {
    let cat = || {
        let script = "echo ready; exec cat";
        ProcessConfig::builder("/bin/sh")
            .args(["-c", script])
            .env("PATH", "/usr/bin:/bin")
            .grace(std::time::Duration::ZERO)
    };
    cost("on a terminal", || cat().terminal(Terminal::default())).await?;
    cost("on pipes", || {
        cat()
            .stdin(Stdin::Written)
            .stdout(Output::Captured)
            .stderr(Output::Captured)
    })
    .await
}

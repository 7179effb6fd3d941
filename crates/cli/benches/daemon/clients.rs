//! A thousand clients, and the memory of a daemon that does nothing.

use crate::Outcome;
use crate::figures::percentile;
use crate::served::Served;
use handfast_daemon::wire::DaemonStatus;
use std::time::Instant;

const CLIENTS: usize = 1000;
const ROUNDS: usize = 200;

fn resident(pid: u32) -> Outcome<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("no VmRSS")?.parse()?)
}

pub(crate) async fn idle(served: &Served) -> Outcome {
    let (client, _notes) = served.client().await?;
    client.call(&DaemonStatus {}).await?;
    let resident = resident(served.pid())? as f64 / 1024.0;
    println!("memory of an idle daemon: {resident:.1} MiB resident (target 12)");
    Ok(())
}

pub(crate) async fn many(served: &Served) -> Outcome {
    let before = resident(served.pid())?;
    let begun = Instant::now();
    let mut clients = Vec::with_capacity(CLIENTS);
    for _ in 0..CLIENTS {
        clients.push(served.client().await?);
    }
    let took = begun.elapsed();
    let mut times = Vec::new();
    for (client, _) in clients.iter().cycle().take(ROUNDS) {
        let asked = Instant::now();
        client.call(&DaemonStatus {}).await?;
        times.push(asked.elapsed());
    }
    let each = resident(served.pid())?.saturating_sub(before) as f64 / CLIENTS as f64;
    println!(
        "{CLIENTS} clients: {:.0} us for each to begin its session, {each:.1} KiB each in the daemon, {:.0} us for an \
         answer to one of them (p50)",
        took.as_secs_f64() * 1e6 / CLIENTS as f64,
        percentile(&mut times, 50).as_secs_f64() * 1e6
    );
    Ok(())
}
